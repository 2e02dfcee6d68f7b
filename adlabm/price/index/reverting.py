"""A price that returns to where it started."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.kernels.mathx import exp, log
from adlabm.kernels.paths import level_walk
from adlabm.price.drawn import Drawn
from adlabm.price.process import BACKWARD


class Reverting(Drawn):
    """A log price that returns to its start: the demand of noise traders around a constant value.

    ``x_(t+1) = a x_t + sigma sqrt(dt) z``, x the log of price over start, a = 2^(-tick / half-life), x = 0 at the start, before and after
    which it runs alike (the process is reversible).

    Source: Thurner, Farmer and Geanakoplos (2012), Quantitative Finance 12(5), noise traders: a = 0.99 and 0.035 a step.
    """

    key = "reverting"
    sigma = Param(0.5, 0.0, 100.0, "per square root of a year", "volatility of a tick", "D")
    half_life_s = Param(86_400.0, 1.0, 1e9, "s", "time in which half of a deviation is gone", "D")

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        self.deviation = 0.0

    @property
    def volatility(self) -> float:
        return self.value("sigma")

    def returns(self, first: int, count: int) -> NDArray[np.float64]:
        noise = self.volatility * math.sqrt(self.dt) * self.normals(first, count)
        out, kept = np.empty(count), exp(-log(2.0) * self.tick_s / self.value("half_life_s"))
        for i, shock in enumerate(noise.tolist()):
            before, self.deviation = self.deviation, kept * self.deviation + shock
            out[i] = self.deviation - before
        return out

    def history(self, steps: int, step_s: float) -> NDArray[np.float64]:
        kept, x, out = exp(-log(2.0) * step_s / self.value("half_life_s")), 0.0, np.empty(steps)
        scale = self.volatility * math.sqrt(self.dt * step_s / self.tick_s)
        for i, z in enumerate(self.normals(0, steps, BACKWARD).tolist()):
            before, x = x, kept * x + scale * z
            out[i] = x - before
        level_walk(out, self.start_price)
        return out
