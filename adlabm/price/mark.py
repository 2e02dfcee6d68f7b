"""Mark prices as venues publish them: the median of a few prices, each a function of what can be observed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from math import fsum
from statistics import median
from typing import TYPE_CHECKING

from adlabm.errors import BadInput, unknown
from adlabm.ledger.margin import preset
from adlabm.units import decimal

if TYPE_CHECKING:
    from adlabm.venue import Venue


def _premium(venue: Venue, index: float, premium: float) -> float:
    """index (1 + clamp(premium)), the premium averaged over the time constant: what the engine of this project runs."""
    return index * (1 + max(-venue.mark.clamp, min(premium, venue.mark.clamp)))


def _index(venue: Venue, index: float) -> float:
    """The index, or oracle price, itself."""
    return index


def _funding_basis(venue: Venue, index: float, funding_rate: float, time_to_funding: float) -> float:
    """index (1 + F t / interval). Source: BitMEX, fair price marking; Binance, mark price page, price 1."""
    return index * (1 + funding_rate * time_to_funding / venue.funding.interval_s)


def _average_basis(venue: Venue, index: float, average_basis: float) -> float:
    """index + average of (middle of the book - index). Source: Binance, price 2; Hyperliquid, robust price indices."""
    return index + average_basis


def _last(venue: Venue, last: float) -> float:
    """The last trade."""
    return last


def _book(venue: Venue, bid: float, ask: float, last: float) -> float:
    """Median of best bid, best ask and last trade. Source: Hyperliquid, robust price indices."""
    return median((bid, ask, last))


def _impact(venue: Venue, impact_bid: float, impact_ask: float) -> float:
    """Middle of the impact prices. Source: Lighter, fair price marking."""
    return (impact_bid + impact_ask) / 2


def _external(venue: Venue, external: Sequence[float]) -> float:
    """Weighted median of other exchanges' prices: the lowest at which half of the weight is reached. Source: Hyperliquid.

    Without weights the plain median. Source: Lighter.
    """
    weights = venue.formulas.weights
    if not weights:
        return median(external)
    if len(external) != len(weights):
        raise BadInput(f"external has {len(external)} prices, but {venue.key!r} weighs those of {len(weights)} exchanges; give one each.")
    ranked = sorted(zip(external, weights, strict=True))
    reached = accumulate(weight for _, weight in ranked)
    return next(price for (price, _), sofar in zip(ranked, reached, strict=True) if 2 * sofar >= fsum(weights))


PRICES: dict[str, Callable[..., float]] = {
    "premium": _premium,
    "index": _index,
    "funding-basis": _funding_basis,
    "average-basis": _average_basis,
    "last": _last,
    "book": _book,
    "impact": _impact,
    "external": _external,
}
"""The prices that a venue's mark can be made of; their arguments are the inputs that they need."""


def mark_price(venue: str | Venue, **inputs: float | Sequence[float]) -> float:
    """Mark price by a venue's published formula: the median of its prices (`formulas.mark` of the venue's file).

    Args:
        venue: name of a preset, or a preset.
        inputs: what those prices need, of `index` (or oracle price), `premium` (its moving average, as a share), `average_basis` (of
            middle - index, quote currency), `funding_rate` (share per interval), `time_to_funding` (seconds), `bid`, `ask`, `last`,
            `impact_bid`, `impact_ask`, `external` (prices of other exchanges, in the order of `formulas.weights` where there are any).

    Returns:
        The price, unrounded.

    Example:
        >>> round(mark_price("bitmex", index=10_000, funding_rate=0.0003, time_to_funding=4 * 3600), 6)
        10001.5
    """
    found = preset(venue)
    prices = {name: PRICES[name] for name in found.formulas.mark}
    needed = {name: list(inspect.signature(price).parameters)[1:] for name, price in prices.items()}
    known = dict.fromkeys(each for price in PRICES.values() for each in list(inspect.signature(price).parameters)[1:])
    for name, value in inputs.items():
        if name not in known:
            raise unknown("input of a mark price", name, known)
        several = name == "external"
        if isinstance(value, Iterable) is not several:
            wanted = "several prices" if several else "one number"
            raise BadInput(f"The input {name!r} of a mark price is {value!r}, but must be {wanted}.")
        for number in value if isinstance(value, Iterable) else [value]:
            decimal(number, name)
    for name, asked in needed.items():
        for each in asked:
            if each not in inputs:
                raise BadInput(f"The mark price of {found.key!r} has no {each!r}, which its {name} price needs; give {', '.join(asked)}.")
    return median(price(found, **{each: inputs[each] for each in needed[name]}) for name, price in prices.items())
