"""What happens to a market from outside: a level and a gross depth for every tick, given or steered so that the market follows a day."""

from __future__ import annotations

import copy
from math import sqrt
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from adlabm.kernels import columns as col
from adlabm.kernels.paths import polyline
from adlabm.price.paths import Paths
from adlabm.price.process import YEAR_S
from adlabm.replay._target import Target
from adlabm.scenario import Scenario

LEAST = 1e-4
"""Least depth, as a share of its calm value."""


class Course(Paths):
    """Exogenous levels and gross depths of one contract; without a `solved` course they are steered, tick by tick.

    Formula: steering takes what displaces the mark from the level now for what displaces it at the end of the tick, hence
        level(t + 1) = target(t + 1) level(t) / mark(t); gross bids D solve D ((1 + x)^phi - x^phi) = net depth with x = (c / D)^(1 / phi),
        c being what has been eaten of them; gross asks are the measured ones: they were not eaten. Where makers withdraw with volatility,
        depth is given before that.
    Units: levels in quote currency, depth as a share of its calm value (nan: the modelled one).
    Source: own; the book is the one of `adlabm.kernels.market`.
    """

    def __init__(self, target: Target, config: Scenario, solved: Course | None = None) -> None:
        self.target, self.tick, self.depth = target, float(config.contracts[0].tick), config.depth
        self.level: NDArray[np.float64] = solved.level if solved else np.full(target.ticks, np.nan)
        self.gross: NDArray[np.float64] = solved.gross if solved else np.full((target.ticks, 2), np.nan)
        self.steers = solved is None
        self.width, self.inputs, self.full = 1, target.inputs, None
        self.start_ticks = np.array([round(target.opening / self.tick)], np.int64)
        self.peak, self.shock = float(self.start_ticks[0]), 0.0
        self.state: Any = None

    def history(self, contract: int, steps: int, step_s: float) -> NDArray[np.float64]:
        """The day's own prices before the start."""
        out = np.empty(steps)
        polyline(out, -np.arange(steps, 0, -1) * (step_s * 1000.0), *self.target.past)
        return out[::-1] / self.tick

    def full_depth(self, state: Any) -> NDArray[np.float64]:
        """Calm depth, lots; the state is kept to steer by."""
        self.state = state
        return super().full_depth(state)

    def copy(self) -> Self:
        """A course on the same levels."""
        return copy.copy(self)

    def chunk(
        self, first: int, full_lots: NDArray[np.float64], most: int = 1 << 30
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Levels, depths and no jumps of the next tick while steering, else of all that are left."""
        count = 1 if self.steers else min(most, self.target.ticks - first)
        if self.steers:
            self._steer(first, float(full_lots[0]))
        part = slice(first, first + count)
        path = np.concatenate(([self.peak], self.level[part] / self.tick))
        peaks = np.maximum.accumulate(path)
        self.peak, self.shock = float(peaks[-1]), max(self.shock, float((1.0 - path / peaks).max()))
        depth = np.nan_to_num(self.gross[part], nan=0.0) * full_lots[0]
        return path[1:].reshape(1, count, 1), depth.reshape(1, count, 2), np.zeros((1, count), np.bool_)

    def _steer(self, tick: int, full: float) -> None:
        reals, mark = self.state.reals, float(self.state.contracts[col.C_MARK, 0])
        self.level[tick] = self.target.mark[tick] * reals[col.F_BASE, 0] / mark
        if self.target.measured:
            eaten = max(-float(reals[col.F_USED, 0]) / full, 0.0)
            bid, ask = np.maximum(self.target.net[tick], LEAST)
            volatility = sqrt(max(float(reals[col.F_VARIANCE, 0]) * YEAR_S, 1e-12))
            left = max(min(self.depth.sigma0 / volatility, 1.0) ** self.depth.withdrawal, self.depth.floor)
            self.gross[tick] = gross_depth(bid, eaten, self.depth.phi) / left, ask / left


def net_depth(gross: float, eaten: float, phi: float) -> float:
    """Depth within 1 % of the price when `eaten` has been taken from a book whose depth within x % is gross x ** phi."""
    x = (eaten / gross) ** (1 / phi)
    return gross * ((1 + x) ** phi - x**phi)


def gross_depth(net: float, eaten: float, phi: float) -> float:
    """The gross depth behind a net one: the root of `net_depth`, which rises with it; by bisection of its logarithm."""
    low, high = np.log(net), np.log(net + 1e3 * eaten)
    while net_depth(np.exp(high), eaten, phi) < net:
        high += 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if net_depth(np.exp(middle), eaten, phi) < net else (low, middle)
    return float(np.exp(high))
