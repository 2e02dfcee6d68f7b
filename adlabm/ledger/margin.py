"""Maintenance margin in floats: for people, tests and advice. The engine has its own, in integers.

MM of a notional N = N m - a, with rate m and amount a of its tier. All amounts are in the account's settlement currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from adlabm.errors import BadInput, UnknownName
from adlabm.ledger.margin_rules import MarginRule
from adlabm.ledger.positions import Position, check_number
from adlabm.schema import show

if TYPE_CHECKING:
    from adlabm.venue import Venue

CURE = "give 'maintenance_margin_rate' (and 'maintenance_amount') with the position"


class Tier(Protocol):
    """A margin tier: MM = notional x `mmr` - `amount`."""

    mmr: float
    amount: float


@dataclass(frozen=True)
class Line:
    """MM = notional x `mmr` - `amount`: one tier, without its bounds."""

    mmr: float
    amount: float


def preset(venue: str | Venue) -> Venue:
    """The venue of that name, or the venue itself."""
    from adlabm.venue import Venue as Preset  # it has a table of this folder

    if isinstance(venue, str):
        return Preset.load(venue)
    if not isinstance(venue, Preset):
        raise BadInput(f"venue is {show(venue)}; give the name of a preset, the path of a venue file or a Venue.")
    return venue


def maintenance_margin(venue: str | Venue, notional: float, contract: str | None = None, price: float | None = None) -> float:
    """Maintenance margin that a venue asks for a notional, in the currency of the contract's tiers.

    Formula: N (m + k q) - a with rate m and amount a of the tier that holds N; k is above zero only where the rate grows with the number
    of units q = N / price (Deribit).

    Args:
        venue: name of a preset, path of a venue file, or a `Venue`.
        notional: value of the position, at least 0.
        contract: of the preset, by default its first.
        price: of a unit, by default the price of the venue's published example; plays no part where k is 0.

    Source: the venue's margin table (`adlabm explain venues/NAME`).

    Example:
        >>> maintenance_margin("binance", 60_000)
        250.0
    """
    check_number("notional", notional)
    if notional < 0:
        raise BadInput(f"notional is {notional:g}; give the value of the position, at least 0.")
    if price is not None:
        check_number("price", price)
        if price <= 0:
            raise BadInput(f"price is {price:g}; a price must be above zero.")
    venue = preset(venue)
    return of_notional(_tiers(venue, contract, notional / (price or venue.terms(contract).price)), notional)


def of_notional(tiers: Sequence[Tier | Line], notional: float) -> float:
    """The largest of the tiers' lines: rates rise and amounts make the table continuous, so it is convex."""
    return max(tier.mmr * notional - tier.amount for tier in tiers)


def tiers_of(venue: Venue, position: Position) -> Sequence[Tier | Line]:
    """The position's own rate and amount, or its contract's table at the venue."""
    if position.rate is not None:
        return [Line(position.rate, position.amount)]
    if position.inverse != is_inverse(venue, position.contract):
        kind = "an inverse" if position.inverse else "a linear"
        raise BadInput(f"The preset {venue.key!r} has no margin tiers of {kind} {position.contract!r}; {CURE}.")
    return _tiers(venue, position.contract, abs(position.quantity))


def is_inverse(venue: Venue, contract: str) -> bool:
    """Whether a contract is inverse; one that the preset lacks is not."""
    return contract in venue.contracts and venue.contracts[contract].inverse


def _tiers(venue: Venue, contract: str | None, units: float) -> Sequence[Tier | Line]:
    """The contract's tiers for a position of so many units."""
    try:
        terms = venue.terms(contract)
    except UnknownName as error:
        raise UnknownName(f"{str(error).rstrip('.')}; or {CURE}.") from None
    if not terms.tiers:
        raise BadInput(f"The preset {venue.key!r} has no margin tiers of {contract!r}; {CURE}.")
    return [Line(tier.mmr + terms.per_unit * units, tier.amount) for tier in terms.tiers] if terms.per_unit else terms.tiers


def lines_of(venue: Venue, position: Position, rule: MarginRule, bankrupt: float | None = None) -> list[Line]:
    """What the account must hold for a position, as lines of its notional of which the largest counts.

    Maintenance margin, at the mark or frozen at the entry, and the closing fee: of the notional at the mark, or of that at the x
    `bankrupt`. A position's own `fee` replaces that of a venue that asks one.
    """
    tiers = tiers_of(venue, position)
    if rule.maintenance_at == "entry":
        tiers = [Line(0.0, -of_notional(tiers, position.notional(position.entry)))]
    fee = position.fee if rule.closing_fee and position.fee is not None else rule.closing_fee
    rate, fixed = (fee, 0.0) if bankrupt is None else (0.0, fee * position.notional(bankrupt))
    return [Line(tier.mmr + rate, tier.amount - fixed) for tier in tiers]
