"""Funding rates as venues publish them: how the premium is measured, and how premium and interest make the rate."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING

from adlabm.errors import BadInput, unknown
from adlabm.ledger.margin import preset
from adlabm.units import decimal

if TYPE_CHECKING:
    from adlabm.venue import Venue


FORMS: dict[str, Callable[[float, float, float], float]] = {
    "damped": lambda premium, interest, damper: max(premium - damper, min(interest, premium + damper)),
    "sum": lambda premium, interest, _: premium + interest,
    "difference": lambda premium, interest, _: premium - interest,
}
"""Premium, interest and damper (all shares) -> rate before the cap; the first is P + clamp(I - P, damper), without its rounding."""


def _impact(index: float, impact_bid: float, impact_ask: float) -> float:
    """(max(0, impact bid - index) - max(0, index - impact ask)) / index. Source: Binance, Bybit, Hyperliquid."""
    return (max(0.0, impact_bid - index) - max(0.0, index - impact_ask)) / index


def _impact_mark(index: float, mark: float, impact_bid: float, impact_ask: float) -> float:
    """The same about the mark, plus the basis that the mark has already. Source: BitMEX."""
    return (max(0.0, impact_bid - mark) - max(0.0, mark - impact_ask) + mark - index) / index


def _impact_mid(index: float, impact_bid: float, impact_ask: float) -> float:
    """((impact bid + impact ask) / 2 - index) / index. Source: CoinEx."""
    return (impact_bid + impact_ask) / 2 / index - 1


def _mid(index: float, bid: float, ask: float) -> float:
    """((bid + ask) / 2 - index) / index. Source: OKX."""
    return (bid + ask) / 2 / index - 1


def _mark(index: float, mark: float) -> float:
    """(mark - index) / index. Source: Deribit."""
    return mark / index - 1


PREMIUMS: dict[str, Callable[..., float]] = {
    "impact": _impact,
    "impact-mark": _impact_mark,
    "impact-mid": _impact_mid,
    "mid": _mid,
    "mark": _mark,
}
"""Ways to measure one premium; venues average many of them over the interval. Their arguments are the inputs that they need."""


def premium_index(venue: str | Venue, **inputs: float) -> float:
    """One premium, a share of the index, as the venue measures it (`formulas.premium` of its file).

    Args:
        venue: name of a preset, or a preset.
        inputs: of `index`, `mark`, `bid`, `ask`, `impact_bid`, `impact_ask` (prices) what the measure needs. An impact price is the mean
            price at which `impact_notional` is sold or bought.

    Example:
        >>> premium_index("hyperliquid", index=10_000, impact_bid=10_100, impact_ask=10_200)
        0.01
    """
    found = preset(venue)
    key = found.formulas.premium
    if key not in PREMIUMS:
        raise BadInput(f"How {found.key!r} measures the premium is unpublished; give funding_rate a premium measured in your own way.")
    needed = list(inspect.signature(PREMIUMS[key]).parameters)
    for name, value in inputs.items():
        if name not in needed:
            raise unknown(f"input of the premium of {found.key!r}", name, needed)
        decimal(value, name)
    missing = [name for name in needed if name not in inputs]
    if missing:
        raise BadInput(f"The premium of {found.key!r} has no {missing[0]!r}; give {', '.join(needed)}.")
    return PREMIUMS[key](**inputs)


def impact_notional(venue: str | Venue, leverage: float | None = None) -> float:
    """Notional (quote currency) whose mean price in the book is the impact price.

    Formula: the published amount, or published margin x leverage.

    Args:
        venue: name of a preset, or a preset.
        leverage: highest leverage of the contract (default: of the venue's first contract).

    Example:
        >>> impact_notional("binance", leverage=20)
        4000.0
    """
    found = preset(venue)
    if found.formulas.impact_notional is not None:
        return found.formulas.impact_notional
    if found.formulas.impact_margin is None:
        raise BadInput(f"The impact notional of {found.key!r} is unpublished; choose one of your own.")
    return found.formulas.impact_margin * (found.tiers[0].max_leverage if leverage is None else leverage)


def funding_rate(venue: str | Venue, *, premium: float, interest: float | None = None) -> float:
    """Funding rate of one interval, longs pay where it is above zero.

    Formula: clamp(f(P, I), cap) with f(P, I) = P + clamp(I - P, damper) (most venues), P + I or P - I (`formulas.funding` of the venue's
    file).

    Args:
        venue: name of a preset, or a preset.
        premium: P, mean premium of the interval, as a share of the index.
        interest: I, as a share (default: the venue's).

    Returns:
        Share of the notional per `funding.interval_s`. A venue that pays every `formulas.paid_s` pays the share paid_s / interval_s of it.

    Source: the venue's file; venue notes section 5.

    Example:
        >>> funding_rate("binance", premium=0.000429, interest=0.0001)
        0.0001
    """
    found = preset(venue)
    interest = found.funding.interest if interest is None else interest
    decimal(premium, "premium")
    decimal(interest, "interest")
    rate = FORMS[found.formulas.funding](premium, interest, found.funding.damper)
    return max(-found.funding.cap, min(rate, found.funding.cap))
