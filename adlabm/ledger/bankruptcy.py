"""Bankruptcy price of a position, by each venue's own formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adlabm.ledger.margin import Line
from adlabm.ledger.margin_account import Account, crossing, read_account
from adlabm.ledger.positions import in_x

if TYPE_CHECKING:
    from adlabm.venue import Venue


def bankruptcy_price(
    venue: str | Venue, *, wallet: float, positions: Sequence[Mapping[str, Any]], contract: str, margin: float | None = None
) -> float:
    """Price at which closing `contract` leaves nothing: zero equity with the other positions at their marks, or of its share of equity.

    Formula: linear p = (M - q e) / (f |q| - q), inverse p = (q + f |q|) / (M + q / e), with M = wallet + U of the other positions, or
    `margin`, and f the closing fee. Where the venue shares equity between positions: p = mark - s E / q with E the account's equity and s
    the position's share by maintenance margin; closing all positions at these prices leaves zero.

    Args:
        venue, wallet, positions, contract, margin: as for `liquidation_price`. `fee` of the position is the closing fee f as a share of
            the notional; without it f is the venue's (most publish the price without a fee).

    Returns:
        The price, unrounded; 0 (linear) or inf (inverse) where no price does it.

    Source: venue notes sections 2 and 3; for shared equity dydxprotocol/v4-chain x/clob/keeper/liquidations.go and docs.lighter.xyz
    ("zero price").

    Example:
        >>> short = {"contract": "XBTUSDTM", "quantity": -0.005, "entry_price": 28_000}
        >>> round(bankruptcy_price("kucoin", wallet=0, margin=1.4, positions=[short], contract="XBTUSDTM"), 6)
        28280.0
    """
    account = read_account(venue, wallet, positions, contract, margin)
    return in_x(bankruptcy_x(account), account.moving[0].inverse)


def bankruptcy_x(account: Account) -> float:
    """The bankruptcy price in x."""
    rule = account.rule
    usual = rule.closing_fee if rule.closing_fee_at == "bankruptcy" else 0.0
    fees = [[Line(usual if each.fee is None else each.fee, 0.0)] for each in account.moving]
    return crossing(account.behind(rule.bankruptcy_share, maintained=False), account.moving, fees)
