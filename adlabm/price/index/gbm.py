"""Geometric Brownian motion."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.price.drawn import Drawn


class Gbm(Drawn):
    """Geometric Brownian motion, one normal number a tick.

    ``S_(t+1) = S_t exp((mu - sigma^2 / 2) dt + sigma sqrt(dt) z)``, dt in years of 365 days.

    Source: Black and Scholes (1973), J. Polit. Econ. 81.
    """

    key = "gbm"
    sigma = Param(0.5, 0.0, 20.0, "per square root of a year", "volatility", "design default: bitcoin in calm markets; 0.8 in stress")
    mu = Param(0.0, -20.0, 20.0, "per year", "drift of the mean level", "design default: none")

    @property
    def volatility(self) -> float:
        return self.value("sigma")

    def returns(self, first: int, count: int) -> NDArray[np.float64]:
        sigma = self.value("sigma")
        return (self.value("mu") - 0.5 * sigma * sigma) * self.dt + sigma * math.sqrt(self.dt) * self.normals(first, count)

    def history(self, steps: int, step_s: float) -> NDArray[np.float64]:
        return self.gbm_history(steps, step_s, self.value("sigma"), self.value("mu"))
