"""Liquidation price of a position, by each venue's own formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adlabm.ledger.bankruptcy import bankruptcy_x
from adlabm.ledger.margin import lines_of
from adlabm.ledger.margin_account import crossing, read_account
from adlabm.ledger.positions import in_x

if TYPE_CHECKING:
    from adlabm.venue import Venue


def liquidation_price(
    venue: str | Venue, *, wallet: float, positions: Sequence[Mapping[str, Any]], contract: str, margin: float | None = None
) -> float:
    """Mark price of `contract` at which the account's equity falls to its maintenance margin, the other marks held.

    Formula: linear p = (M + a - q e) / ((m + f) |q| - q), inverse p = (q + (m + f) |q|) / (M + a + q / e), with M = wallet + U - MM of the
    other positions, or `margin`; m, a of the tier that holds the notional at p; f the venue's closing fee. Where the venue freezes
    maintenance margin at the entry: m = 0 and a = -MM(entry). Which of this holds is the table [[margin]] of the venue file. A long and a
    short in one contract (hedge mode) have one price: q, |q| and q e are then sums over both.

    Args:
        venue: name of a preset, path of a venue file, or a `Venue`.
        wallet: balance without unrealised profit and without what open orders hold; quote currency, or coins for inverse contracts.
        positions: of the account, each a mapping with `contract`, `quantity` (signed; units of the underlying, or of quote currency for
            inverse contracts) and `entry_price`. Optional: `mark_price`, needed for the other positions of a cross account (by default the
            entry price of the position asked about, where the venue shares equity between positions), `maintenance_margin_rate` and
            `maintenance_amount` instead of the venue's tiers, `inverse`, and `fee`, which replaces the rate of a venue that asks a closing
            fee.
        contract: the position asked about.
        margin: balance of an isolated position, with what was added; wallet and other positions then play no part.

    Returns:
        The price, unrounded; 0 (linear) or inf (inverse) where no price does it, as for a long without leverage.

    Source: binance.com/en/support/faq b3c689c1f50a44cabb3a84e663b81d93; venue notes sections 2 and 3.

    Differs from the source in: Bybit (2026) counts margin added to an inverse position with 1 / (1 + taker fee) of it, here in full.

    Example:
        >>> long = {"contract": "BTCUSDT", "quantity": 1, "entry_price": 20_000, "maintenance_margin_rate": 0.005}
        >>> liquidation_price("bybit", wallet=0, margin=400, positions=[long], contract="BTCUSDT")
        19700.0
    """
    account = read_account(venue, wallet, positions, contract, margin)
    bankrupt = bankruptcy_x(account) if account.rule.closing_fee_at == "bankruptcy" else None
    held = [lines_of(account.venue, each, account.rule, bankrupt) for each in account.moving]
    free = account.behind(account.rule.liquidation_share, maintained=True)
    return in_x(crossing(free, account.moving, held), account.moving[0].inverse)
