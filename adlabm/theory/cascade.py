"""How far a liquidation cascade falls in the mean-field limit: longs of one entry price, no refill, nobody who buys.

The index falls by a shock s. A long of leverage L is liquidated at a fall of ``1 / L - m`` and bankrupt at ``1 / L``. Selling the share c
of open interest displaces the price by ``x(c) = 1 % (c / D)^(1 / phi)``.

Units: falls, shocks and maintenance as fractions of the start price; `depth` D as a share of open interest within 1 %; quantities as shares
of the longs' open interest at the start.

The engine measures displacements as fractions of the index and maintenance as a fraction of the mark value; with ``convention="engine"``
the fall is ``1 - (1 - s)(1 - x)`` instead of ``s + x``, and a long is liquidated at ``(1 / L - m) / (1 - m)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adlabm.errors import BadInput, did_you_mean

CONVENTIONS = ("published", "engine")
Convention = Literal["published", "engine"]
SLOPE = 1e-3
"""Half the width over which a branching ratio is measured."""
LEAST_JUMP = 0.02
"""Smallest jump of the fall that is a fold."""


@dataclass(frozen=True)
class Cascade:
    """Where a cascade ends.

    Attributes:
        fall: of the trade price, a fraction of the start price.
        liquidated: share of open interest whose accounts were liquidated.
        residual: share that could not be sold at or above bankruptcy prices: for the fund and ADL.
        bad_debt: losses beyond equity at the final price, as a share of open interest: of what was sold in an unlimited cascade (an
            upper bound: all of it at the last price), of the residual in a limited one.
        branching: fall that one more unit of fall causes by liquidations, of an unlimited cascade; a further small shock is amplified by
            ``1 / (1 - branching)``.
    """

    fall: float
    liquidated: float
    residual: float
    bad_debt: float
    branching: float | None = None


@dataclass(frozen=True)
class Fold:
    """The shock at which the final fall jumps the furthest, from `before` to `after`."""

    shock: float
    before: float
    after: float


class _Longs:
    """Longs in the order in which they are liquidated, and what the market is to them."""

    def __init__(
        self, depth: float, leverage: ArrayLike, share: ArrayLike | None, maintenance: float, phi: float, convention: Convention
    ) -> None:
        given = np.atleast_1d(np.asarray(leverage, np.float64))
        weight = np.full(given.shape, 1.0) if share is None else np.atleast_1d(np.asarray(share, np.float64))
        if convention not in CONVENTIONS:
            raise BadInput(f"There is no convention {convention!r}{did_you_mean(convention, CONVENTIONS)}; use one of: published, engine.")
        if not depth > 0 or not phi > 0 or not 0 < maintenance < 1:
            raise BadInput(f"depth is {depth:g}, phi {phi:g}, maintenance {maintenance:g}; all must be above 0, maintenance below 1.")
        if given.shape != weight.shape or not given.size or not (given >= 1).all() or not (weight >= 0).all() or not weight.sum() > 0:
            raise BadInput("leverage must be a list of numbers of at least 1, and share as many of at least 0, not all 0.")
        order = np.argsort(-given, kind="stable")
        self.depth, self.phi, self.relative = float(depth), float(phi), convention == "engine"
        self.bankrupt = 1.0 / given[order]
        self.share = weight[order] / weight.sum()
        self.trigger = self.bankrupt - maintenance
        if self.relative:
            self.trigger = self.trigger / (1.0 - maintenance)
        self.below = np.concatenate(([0.0], np.cumsum(self.share)))

    def liquidated(self, fall: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """G(d): the share that a fall liquidates."""
        return self.below[np.searchsorted(self.trigger, fall, side="right")]

    def displaced(self, sold: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """x(c)."""
        return 0.01 * (np.asarray(sold) / self.depth) ** (1.0 / self.phi)

    def fall(self, shock: float, sold: float) -> float:
        """Fall of the trade price when the share `sold` has met the book."""
        x = float(self.displaced(sold))
        return 1.0 - (1.0 - shock) * (1.0 - x) if self.relative else shock + x

    def room(self, shock: float, fall: float) -> float:
        """Share that can be sold in all until the price has fallen by `fall`."""
        x = 1.0 - (1.0 - fall) / (1.0 - shock) if self.relative else fall - shock
        return self.depth * (max(x, 0.0) / 0.01) ** self.phi

    def shock(self, fall: NDArray[np.float64]) -> NDArray[np.float64]:
        """The shock for which `fall` is a fixed point."""
        x = self.displaced(self.liquidated(fall))
        return 1.0 - (1.0 - fall) / np.maximum(1.0 - x, 1e-9) if self.relative else fall - x

    def branching(self, fall: float) -> float:
        ends = np.array([fall - SLOPE, fall + SLOPE])
        return 1.0 - float(np.diff(self.shock(ends))[0]) / (2.0 * SLOPE)


def cascade_fixed_point(
    shock: float,
    depth: float,
    leverage: ArrayLike,
    *,
    share: ArrayLike | None = None,
    maintenance: float = 0.0125,
    phi: float = 0.67,
    convention: Convention = "published",
) -> Cascade:
    """The cascade of orders without a limit: the smallest d with ``d = s + 1 % (G(d) / D)^(1 / phi)``.

    Whether the index jumps or slides makes no difference: the smallest fixed point grows with the shock.

    Args:
        shock: fall of the index, a fraction.
        depth: D, share of open interest within 1 %.
        leverage: of every long, at least 1.
        share: weight of every long in open interest (default: equal).
        maintenance: m, a fraction.
        phi: exponent of cumulative depth.
        convention: see the module.

    Source: market models 6.1.

    Example:
        >>> from adlabm.theory import cascade_fixed_point
        >>> round(cascade_fixed_point(0.10, 0.05, [5.0, 10.0, 20.0]).fall, 4)
        0.9747
    """
    longs = _Longs(depth, leverage, share, maintenance, phi, convention)
    fall = _shock(shock)
    while (lower := min(longs.fall(shock, float(longs.liquidated(fall))), 1.0)) > fall:
        fall = lower
    count = int(np.searchsorted(longs.trigger, fall, side="right"))
    lost = np.maximum(fall - longs.bankrupt[:count], 0.0)
    return Cascade(fall, float(longs.below[count]), 0.0, float((lost * longs.share[:count]).sum()), longs.branching(fall))


def cascade_limited(
    shock: float,
    depth: float,
    leverage: ArrayLike,
    *,
    share: ArrayLike | None = None,
    maintenance: float = 0.0125,
    phi: float = 0.67,
    step: float | None = None,
    convention: Convention = "published",
) -> Cascade:
    """The cascade of orders limited at bankruptcy prices, worked one after the other, the highest leverage first.

    The index falls in equal steps of at most `step` (None: at once). After each, every long whose liquidation price has been reached sells
    as much as the market takes above its bankruptcy price; the rest is `residual` and moves the price no further.

    Arguments, units and conventions are those of `cascade_fixed_point`. Source: measurement 1 and 17.
    """
    longs = _Longs(depth, leverage, share, maintenance, phi, convention)
    shock = _shock(shock)
    steps = max(int(np.ceil(shock / step - 1e-9)), 1) if step else 1
    sold = liquidated = 0.0
    left = np.zeros(len(longs.share))
    now, at = 0.0, 0
    for number in range(1, steps + 1):
        now = shock * number / steps
        while at < len(left) and longs.trigger[at] <= longs.fall(now, sold):
            quantity = min(max(longs.room(now, float(longs.bankrupt[at])) - sold, 0.0), float(longs.share[at]))
            sold, left[at] = sold + quantity, longs.share[at] - quantity
            liquidated += float(longs.share[at])
            at += 1
    fall = min(longs.fall(now, sold), 1.0)
    debt = float((np.maximum(fall - longs.bankrupt, 0.0) * left).sum())
    return Cascade(fall, liquidated, float(left.sum()), debt)


def cascade_fold(
    depth: float,
    leverage: ArrayLike,
    *,
    share: ArrayLike | None = None,
    maintenance: float = 0.0125,
    phi: float = 0.67,
    convention: Convention = "published",
) -> Fold | None:
    """Where the unlimited cascade runs away: the furthest jump of the final fall d as the shock grows; None where it grows smoothly.

    d is the smallest fall whose shock ``s(d) = d - 1 % (G(d) / D)^(1 / phi)`` reaches s, so it jumps over every stretch on which s(d) lies
    below what it was before. Read on a grid of falls 0.005 % apart; jumps below 2 % of the start price do not count, a single large
    account makes such. Arguments as for `cascade_fixed_point`.

    Source: market models 6.1 (the fold, where the branching ratio reaches 1).
    """
    longs = _Longs(depth, leverage, share, maintenance, phi, convention)
    falls = np.linspace(0.0, 1.0, 20_001)
    reached = np.maximum.accumulate(longs.shock(falls))
    new = np.concatenate(([True], np.diff(reached) > 0))
    ends = np.append(falls[new], 1.0)
    jump = int(np.diff(ends).argmax())
    if ends[jump + 1] - ends[jump] < LEAST_JUMP:
        return None
    return Fold(float(reached[new][jump]), float(ends[jump]), float(ends[jump + 1]))


def _shock(shock: float) -> float:
    if not 0 <= shock < 1:
        raise BadInput(f"shock is {shock:g}; allowed are falls of the index from 0 to below 1, such as 0.1.")
    return float(shock)
