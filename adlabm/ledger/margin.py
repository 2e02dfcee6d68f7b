"""Maintenance margin, liquidation price and bankruptcy price in floats: for people, tests and advice. The engine has its own, in integers.

A linear position of q contracts (signed) entered at e is worth U = q (p - e) at price p and has the notional |q| p. An inverse one is
worth U = q (1/e - 1/p) coins (q in units of quote currency) and has the notional |q| / p coins. Maintenance margin of a notional N:
MM = N m - a with rate m and amount a of its tier. All amounts are in the account's settlement currency.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from adlabm.errors import BadInput, did_you_mean, unknown

REQUIRED = ("contract", "quantity", "entry_price")
ALLOWED = (*REQUIRED, "mark_price", "maintenance_margin_rate", "maintenance_amount", "inverse", "fee")


class Tier(Protocol):
    """A margin tier: from notional `floor` on, MM = notional x `mmr` - `amount`."""

    floor: float
    mmr: float
    amount: float


@dataclass(frozen=True)
class Line:
    """MM = notional x rate - amount: one tier, without its bounds."""

    mmr: float
    amount: float


class Venue(Protocol):
    """What of a venue preset is used here."""

    tiers: Sequence[Tier]


def maintenance_margin(tiers: Sequence[Tier], notional: float) -> float:
    """Maintenance margin of a notional. The largest of the tiers' lines: rates rise and amounts make the table continuous, so it is convex.

    Example:
        >>> maintenance_margin([Line(0.004, 0), Line(0.005, 50)], 60_000)
        250.0
    """
    return max(tier.mmr * notional - tier.amount for tier in tiers)


def liquidation_price(
    venue: str | Venue, *, wallet: float, positions: Sequence[Mapping[str, Any]], contract: str, margin: float | None = None
) -> float:
    """Mark price of `contract` at which the account's equity falls to its maintenance margin, the other marks held.

    Formula: linear p = (M + a - q e) / (m |q| - q), inverse p = (q + m |q|) / (M + a + q / e), with M = wallet + U - MM of the other
    positions, or `margin`, and m, a of the tier that holds the notional at p.

    Args:
        venue: name of a preset, or an object with `tiers`.
        wallet: balance without unrealised profit.
        positions: of the account, each with `contract`, `quantity` (signed), `entry_price`; `mark_price` for the other positions of a cross
            account; `maintenance_margin_rate` and `maintenance_amount` instead of the venue's tiers; `inverse`.
        contract: the position asked about.
        margin: balance of an isolated position; wallet and other positions then play no part.

    Returns:
        The price, unrounded; 0 (linear) or inf (inverse) where no price between solves the equation, as for a long without leverage.

    Source: binance.com/en/support/faq b3c689c1f50a44cabb3a84e663b81d93; venue notes section 2.
    """
    venue = _preset(venue)
    position, free = _account(venue, wallet, positions, contract, margin)
    roots = [_root(position, free + tier.amount, tier.mmr) for tier in _tiers(venue, position)]
    # every tier's line lies below the margin asked for, so the account meets the highest of a long's roots first, the lowest of a short's
    return max(roots) if position["quantity"] > 0 else min(roots)


def bankruptcy_price(
    venue: str | Venue, *, wallet: float, positions: Sequence[Mapping[str, Any]], contract: str, margin: float | None = None
) -> float:
    """Price at which closing `contract` leaves the account with zero, the other positions at their marks.

    Formula: `liquidation_price` with a = 0, m = closing fee rate (`fee` of the position, default 0) and without maintenance margins of
    others. Where the venue attributes equity to several positions instead, see `attributed_prices`.
    """
    position, free = _account(_preset(venue), wallet, positions, contract, margin, maintained=False)
    return _root(position, free, float(position.get("fee", 0.0)))


def attributed_prices(equity: float, marks: Sequence[float], quantities: Sequence[float], maintenance: Sequence[float]) -> list[float]:
    """Bankruptcy prices of all (linear) positions of a cross account, which share its equity by maintenance margin.

    Formula: p_j = mark_j - (MM_j / sum MM) equity / q_j; closing all of them there leaves zero. Source: dYdX v4.
    """
    whole = math.fsum(maintenance)
    if whole <= 0:
        raise BadInput("Equity can only be shared by maintenance margin if some position has any; give a maintenance margin above zero.")
    return [mark - share / whole * equity / quantity for mark, quantity, share in zip(marks, quantities, maintenance, strict=True)]


def _account(
    venue: Venue, wallet: float, positions: Sequence[Mapping[str, Any]], contract: str, margin: float | None, maintained: bool = True
) -> tuple[Mapping[str, Any], float]:
    """The position asked about, and what the account can lose on it: balance + profit (- maintenance margin) of the others."""
    _number("wallet", wallet)
    for row, position in enumerate(positions):
        _check(position, f"positions[{row}]")
    found = [position for position in positions if position["contract"] == contract]
    if not found:
        raise unknown("position in contract", contract, [position["contract"] for position in positions], "contract")
    if len(found) > 1:
        raise BadInput(f"The account has {len(found)} positions in {contract!r}; net them into one.")
    if margin is not None:
        _number("margin", margin)
        return found[0], margin
    free = [wallet]
    for row, position in enumerate(positions):
        if position is not found[0]:
            if bool(position.get("inverse")) != bool(found[0].get("inverse")):
                raise BadInput(f"positions[{row}] settles in another currency than {contract!r}; keep linear and inverse ones apart.")
            if "mark_price" not in position:
                raise BadInput(
                    f"positions[{row}] has no 'mark_price', which other positions of a cross account need; add it or give `margin`."
                )
            free.append(_profit(position, position["mark_price"]))
            if maintained:
                free.append(-maintenance_margin(_tiers(venue, position), _notional(position, position["mark_price"])))
    return found[0], math.fsum(free)


def _root(position: Mapping[str, Any], free: float, rate: float) -> float:
    """Price at which free + U = rate x notional, with 0 (linear) or inf (inverse) where that would need a price beyond."""
    quantity, entry = position["quantity"], position["entry_price"]
    if position.get("inverse"):
        above, below = quantity + rate * abs(quantity), free + quantity / entry
        return above / below if above * below > 0 else math.inf
    return max((free - quantity * entry) / (rate * abs(quantity) - quantity), 0.0)


def _profit(position: Mapping[str, Any], price: float) -> float:
    quantity, entry = position["quantity"], position["entry_price"]
    return quantity * (1 / entry - 1 / price) if position.get("inverse") else quantity * (price - entry)


def _notional(position: Mapping[str, Any], price: float) -> float:
    return abs(position["quantity"]) / price if position.get("inverse") else abs(position["quantity"]) * price


def _tiers(venue: Venue, position: Mapping[str, Any]) -> Sequence[Any]:
    """The tiers of the position: its own rate and amount, or the venue's table."""
    if "maintenance_margin_rate" in position:
        return [Line(position["maintenance_margin_rate"], position.get("maintenance_amount", 0.0))]
    return venue.tiers


def _preset(venue: str | Venue) -> Venue:
    if not isinstance(venue, str):
        return venue
    from adlabm.venue import Venue as Preset  # reads files: only where a name is given

    return Preset.load(venue)


def _check(position: Mapping[str, Any], where: str) -> None:
    for key in REQUIRED:
        if key not in position:
            raise BadInput(f"{where} has no {key!r}{did_you_mean(key, position)}; a position needs {', '.join(REQUIRED)}.")
    for key, value in position.items():
        if key not in ALLOWED:
            raise unknown("position key", key, ALLOWED, where)
        if key not in ("contract", "inverse"):
            _number(f"{where}.{key}", value)
    for key in ("entry_price", "mark_price"):
        if position.get(key, 1.0) <= 0:
            raise BadInput(f"{where}.{key} is {position[key]:g}; a price must be above zero.")
    for key in ("maintenance_margin_rate", "fee"):
        if not 0 <= position.get(key, 0.0) < 1:
            raise BadInput(f"{where}.{key} is {position[key]:g}; a rate must be at least 0 and below 1.")
    if position["quantity"] == 0:
        raise BadInput(f"{where}.quantity is 0; give contracts, above zero for a long and below for a short.")
    if "maintenance_amount" in position and "maintenance_margin_rate" not in position:
        raise BadInput(f"{where} has a 'maintenance_amount' without 'maintenance_margin_rate'; give both or neither.")


def _number(where: str, value: Any) -> None:
    try:
        finite = math.isfinite(value)
    except TypeError:
        finite = False
    if not finite:
        raise BadInput(f"{where} is {value!r}; it must be a finite number.")
