"""A diffusion with jumps that are exponential on either side."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.kernels.jumps import exponential_jumps
from adlabm.price.drawn import Jumping
from adlabm.price.process import JUMPS


class Kou(Jumping):
    """Geometric Brownian motion and jumps whose log sizes are double exponential; the level is a martingale.

    ``log S_(t+1) / S_t = -(sigma^2 / 2 + rate g) dt + sigma sqrt(dt) z + J_1 + ... + J_N``, N Poisson of mean ``rate dt``; J is with chance
    ``down_share`` a fall of mean ``down``, else a rise of mean ``up``, each exponential;
    ``g = (1 - down_share) / (1 - up) + down_share / (1 + down) - 1``. A tick with a jump moves at once.

    Source: Kou (2002), Manag. Sci. 48, doi:10.1287/mnsc.48.8.1086.166.
    """

    key = "kou"
    sigma = Param(0.5, 0.0, 20.0, "per square root of a year", "volatility between jumps", "D: market models 3.3")
    rate = Param(19.0, 0.0, 1e6, "per year", "jumps", "D: market models 3.3")
    down_share = Param(0.55, 0.0, 1.0, "share", "jumps that are falls", "D: market models 3.3")
    down = Param(0.045, 0.0, 10.0, "", "mean log size of a fall", "D: market models 3.3")
    up = Param(0.04, 0.0, 0.99, "", "mean log size of a rise; below 1, or the mean level is infinite", "D: market models 3.3")

    @property
    def volatility(self) -> float:
        share, down, up = self.value("down_share"), self.value("down"), self.value("up")
        return math.sqrt(self.value("sigma") ** 2 + 2.0 * self.value("rate") * (share * down * down + (1.0 - share) * up * up))

    def returns(self, first: int, count: int) -> NDArray[np.float64]:
        sigma, share, down, up = self.value("sigma"), self.value("down_share"), self.value("down"), self.value("up")
        counts, sizes = np.zeros(count, np.int64), np.empty(count)
        exponential_jumps(counts, sizes, first, self.expected, share, down, up, *self.stream(JUMPS))
        self.jumped = first, counts
        growth = (1.0 - share) / (1.0 - up) + share / (1.0 + down) - 1.0
        drift = -0.5 * sigma * sigma * self.dt - self.expected * growth
        return sizes + drift + sigma * math.sqrt(self.dt) * self.normals(first, count)
