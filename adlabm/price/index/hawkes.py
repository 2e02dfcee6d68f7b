"""A diffusion with jumps that make further jumps likelier."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.kernels.jumps import self_exciting_jumps
from adlabm.kernels.mathx import exp
from adlabm.price.drawn import Jumping
from adlabm.price.process import JUMPS, YEAR_S


class Hawkes(Jumping):
    """Geometric Brownian motion and self-exciting jumps with normal log sizes; the level is a martingale.

    Jumps per second: ``base + sum over past jumps of (branching / decay_s) exp(-age / decay_s)``; in a tick their number is Poisson given
    the past, and each jump has `branching` children in later ticks whatever the tick's length. A tick with a jump moves at once.

    Source: Hawkes (1971), Biometrika 58, doi:10.1093/biomet/58.1.83.
    """

    key = "hawkes"
    sigma = Param(0.5, 0.0, 20.0, "per square root of a year", "volatility between jumps", "D: market models 3.3")
    base = Param(0.02, 0.0, 1e4, "per hour", "jumps that no earlier jump caused", "D: market models 3.3")
    branching = Param(0.7, 0.0, 0.99, "", "jumps that a jump causes in the mean; below 1", "D: market models 3.3")
    decay_s = Param(1200.0, 1.0, 1e9, "s", "mean time from a jump to one that it causes", "D: market models 3.3")
    mean = Param(0.0, -1.0, 1.0, "", "mean of a jump's log size", "D: no side preferred")
    deviation = Param(0.005, 0.0, 1.0, "", "standard deviation of a jump's log size", "D: jumps add 0.015 to the 0.25 of variance per year")

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        self.waiting = 0.0

    @property
    def long_rate(self) -> float:
        return self.value("base") * (YEAR_S / 3600) / (1.0 - self.value("branching"))

    @property
    def volatility(self) -> float:
        return math.sqrt(self.value("sigma") ** 2 + self.long_rate * (self.value("mean") ** 2 + self.value("deviation") ** 2))

    def returns(self, first: int, count: int) -> NDArray[np.float64]:
        sigma, mean, deviation, branching = (self.value(each) for each in ("sigma", "mean", "deviation", "branching"))
        counts, sizes = np.zeros(count, np.int64), np.empty(count)
        own, share = self.value("base") / 3600 * self.tick_s, 1.0 - exp(-self.tick_s / self.value("decay_s"))
        growth = exp(mean + 0.5 * deviation * deviation) - 1.0
        stream = self.stream(JUMPS)
        self.waiting = self_exciting_jumps(counts, sizes, first, self.waiting, own, share, branching, mean, deviation, growth, *stream)
        self.jumped = first, counts
        return sizes - 0.5 * sigma * sigma * self.dt + sigma * math.sqrt(self.dt) * self.normals(first, count)
