"""A diffusion with normal jumps."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.price.drawn import NormalJumping


class Merton(NormalJumping):
    """Geometric Brownian motion and jumps at a constant rate with normal log sizes; the level is a martingale.

    ``log S_(t+1) / S_t = -(sigma^2 / 2 + rate g) dt + sigma sqrt(dt) z + J_1 + ... + J_N``, N Poisson of mean ``rate dt``,
    J normal (mean, deviation), ``g = exp(mean + deviation^2 / 2) - 1``. A tick with a jump moves at once.

    Source: Merton (1976), J. Financ. Econ. 3, doi:10.1016/0304-405X(76)90022-2.
    """

    key = "merton"
    sigma = Param(0.5, 0.0, 20.0, "per square root of a year", "volatility between jumps", "D: market models 3.3")

    @property
    def volatility(self) -> float:
        return math.sqrt(self.value("sigma") ** 2 + self.jump_variance)

    def returns(self, first: int, count: int) -> NDArray[np.float64]:
        sigma, sizes = self.value("sigma"), self.sizes(first, count)[0]
        return sizes - 0.5 * sigma * sigma * self.dt + sigma * math.sqrt(self.dt) * self.normals(first, count)
