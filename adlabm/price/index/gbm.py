"""Geometric Brownian motion."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.price.process import YEAR_S, Process


class Gbm(Process):
    """Geometric Brownian motion, one normal number a tick.

    ``S_(t+1) = S_t exp((mu - sigma^2 / 2) dt + sigma sqrt(dt) z)``, dt in years of 365 days.

    Source: Black and Scholes (1973), J. Polit. Econ. 81.
    """

    key = "gbm"
    sigma = Param(0.5, 0.0, 20.0, "per square root of a year", "volatility", "design default: bitcoin in calm markets; 0.8 in stress")
    mu = Param(0.0, -20.0, 20.0, "per year", "drift of the mean level", "design default: none")

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        self.level = self.start_price

    def advance(self, first: int, count: int, first_contract: NDArray[np.float64] | None) -> NDArray[np.float64]:
        dt, sigma = self.tick_s / YEAR_S, self.value("sigma")
        out = self.walk(self.level, first, count, (self.value("mu") - 0.5 * sigma * sigma) * dt, sigma * math.sqrt(dt))
        self.level = float(out[-1]) if count else self.level
        return out.reshape(count, 1)

    def history(self, steps: int, step_s: float) -> NDArray[np.float64]:
        return self.gbm_history(steps, step_s, self.value("sigma"), self.value("mu"))
