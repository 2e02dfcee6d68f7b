"""Stochastic volatility with jumps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.kernels.jumps import variance_steps
from adlabm.price.drawn import NormalJumping
from adlabm.price.process import VARIANCE


class Bates(NormalJumping):
    """A square-root variance and jumps as of `merton`; the level is a martingale but for the scheme's step.

    ``d log S = -(v / 2 + rate g) dt + sqrt(v) dW + J dN``, ``dv = kappa (theta - v) dt + xi sqrt(v) dB``, ``dW dB = rho dt``; Euler steps
    of a tick with the variance cut at zero where it is used. It starts at its long-run mean. A tick with a jump moves at once.

    Source: Bates (1996), Rev. Financ. Stud. 9, doi:10.1093/rfs/9.1.69.
    """

    key = "bates"
    kappa = Param(5.0, 0.0, 1e4, "per year", "speed at which the variance returns to theta", "D: market models 3.3")
    theta = Param(0.30, 1e-6, 100.0, "per year", "level that the variance returns to", "D: market models 3.3")
    xi = Param(1.2, 0.0, 100.0, "per year", "volatility of the variance", "D: market models 3.3")
    rho = Param(-0.1, -1.0, 1.0, "", "correlation of return and variance", "D: market models 3.3")

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        self.variance = self.mean_variance

    @property
    def mean_variance(self) -> float:
        """Mean of the variance in the long run, per year."""
        rises = self.value("rate") * self.coupling[0]
        return self.value("theta") + (rises / self.value("kappa") if rises else 0.0)

    @property
    def volatility(self) -> float:
        return math.sqrt(self.mean_variance + self.jump_variance)

    def returns(self, first: int, count: int) -> NDArray[np.float64]:
        sizes, rises = self.sizes(first, count)
        out, other = self.normals(first, count), self.normals(first, count, VARIANCE)
        motion = (self.value(each) for each in ("kappa", "theta", "xi", "rho"))
        self.variance = variance_steps(out, other, rises, self.variance, self.dt, *motion)
        return out + sizes
