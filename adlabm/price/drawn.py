"""Index processes that draw the log return of every tick."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.errors import BadInput
from adlabm.kernels.jumps import normal_jumps
from adlabm.kernels.mathx import exp
from adlabm.kernels.paths import level_walk
from adlabm.price.process import JUMPS, YEAR_S, Process

MOST_JUMPS = 10.0
"""Most jumps that a tick may expect: beyond, no tick is free of jumps and the tick is too long for the process."""


class Drawn(Process):
    """A process that states its log `returns` and, for the past, its long-run `volatility` per square root of a year.

    The past is a geometric Brownian motion of that volatility.
    """

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        self.level, self.dt = self.start_price, self.tick_s / YEAR_S

    @property
    def volatility(self) -> float:
        """Standard deviation of the log return over a year, in the long run."""
        raise NotImplementedError

    def returns(self, first: int, count: int) -> NDArray[np.float64]:
        """Log returns of ticks ``first ..``; float64[count]."""
        raise NotImplementedError

    def advance(self, first: int, count: int, first_contract: NDArray[np.float64] | None) -> NDArray[np.float64]:
        out = self.returns(first, count)
        level_walk(out, self.level)
        self.level = float(out[-1]) if count else self.level
        return out.reshape(count, 1)

    def history(self, steps: int, step_s: float) -> NDArray[np.float64]:
        return self.gbm_history(steps, step_s, self.volatility)


class Jumping(Drawn):
    """A drawn process whose ticks with a jump are declared: the price skips the levels between."""

    key: str

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        self.jumped = 0, np.zeros(0, np.int64)
        self.expected = self.long_rate * self.dt
        if self.expected > MOST_JUMPS:
            raise BadInput(
                f"The index process {self.key!r} of {self.name} expects {self.expected:.3g} jumps in a tick of {self.tick_s:g} s;"
                f" at most {MOST_JUMPS:g} are allowed: lower its rate or tick_s."
            )

    @property
    def long_rate(self) -> float:
        """Jumps per year in the long run."""
        return self.value("rate")

    def jumps(self, first: int, count: int) -> NDArray[np.bool_]:
        begin, counts = self.jumped
        if not begin <= first <= first + count <= begin + len(counts):
            raise ValueError(f"jumps are known for the last chunk of ticks only, {begin} to {begin + len(counts) - 1}")
        return counts[first - begin : first - begin + count] > 0


class NormalJumping(Jumping):
    """Jumps at a constant rate, their log sizes normal."""

    rate = Param(15.0, 0.0, 1e6, "per year", "jumps", "D: market models 3.3")
    mean = Param(-0.02, -1.0, 1.0, "", "mean of a jump's log size", "D: market models 3.3")
    deviation = Param(0.06, 0.0, 1.0, "", "standard deviation of a jump's log size", "D: market models 3.3")

    @property
    def coupling(self) -> tuple[float, float]:
        """Mean rise of the variance (per year) with a jump, and what a rise by 1 adds to the mean log size."""
        return 0.0, 0.0

    def sizes(self, first: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(log sizes less their expected growth, rises of the variance) of ticks ``first ..``; float64[count] each."""
        counts, sizes, rises = np.zeros(count, np.int64), np.empty(count), np.empty(count)
        (rise, slope), mean, deviation = self.coupling, self.value("mean"), self.value("deviation")
        normal_jumps(counts, sizes, rises, first, self.expected, mean, deviation, rise, slope, *self.stream(JUMPS))
        self.jumped = first, counts
        growth = exp(mean + 0.5 * deviation * deviation) / (1.0 - slope * rise) - 1.0
        return sizes - self.expected * growth, rises

    @property
    def jump_variance(self) -> float:
        """Variance per year that the jumps contribute: rate times the mean square of a size."""
        (rise, slope), deviation = self.coupling, self.value("deviation")
        mean, spread = self.value("mean") + slope * rise, slope * rise
        return self.value("rate") * (mean * mean + spread * spread + deviation * deviation)
