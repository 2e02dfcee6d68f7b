"""Volatility that remembers: GARCH(1,1) with Student's t."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.errors import BadInput
from adlabm.kernels.jumps import garch_steps
from adlabm.price.drawn import Drawn
from adlabm.price.process import MIXING, YEAR_S


class Garch(Drawn):
    """GARCH(1,1) with t-distributed returns over steps of `step_s`, by default a day; the level is a martingale.

    ``h_(k+1) = (1 - alpha - beta) H + alpha r_k^2 + beta h_k`` with ``H = sigma^2 step_s`` in years; ``r_k = sqrt(h_k (nu - 2) / c_k) z``,
    c chi-square with nu degrees of freedom, so that r is Student's t of variance h. Inside a step the price is a Brownian motion of
    variance ``h_k (nu - 2) / c_k``: the step's return has exactly the stated law, whatever the tick.

    Source: Bollerslev (1987), Rev. Econ. Stat. 69, doi:10.2307/1925546.
    """

    key = "garch"
    sigma = Param(0.5, 1e-6, 20.0, "per square root of a year", "volatility in the long run", "D: bitcoin in calm markets")
    alpha = Param(0.144, 0.0, 1.0, "", "weight of the last squared return", "S: 2020 sample, PMC7783506 table 3, by market models 3.3")
    beta = Param(0.817, 0.0, 1.0, "", "weight of the last variance", "S: 2020 sample, PMC7783506 table 3, by market models 3.3")
    nu = Param(4.0, 2.05, 1e6, "", "degrees of freedom", "M: 3.5 to 4, market models 3.3")
    step_s = Param(86_400.0, 0.001, 1e9, "s", "length of a step; a whole number of ticks", "S: daily sample")

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        self.ticks_per_step = round(self.value("step_s") / self.tick_s)
        if self.ticks_per_step < 1 or self.ticks_per_step * self.tick_s != self.value("step_s"):
            raise BadInput(
                f"The step_s of the index process 'garch' of {self.name} is {self.value('step_s'):g} s, but must be a whole number of"
                f" ticks of {self.tick_s:g} s."
            )
        self.target = self.value("sigma") ** 2 * self.value("step_s") / YEAR_S
        self.state = self.target, 1.0, 0.0

    @classmethod
    def validate(cls, params: dict[str, Any]) -> None:
        alpha, beta = params.get("alpha", cls.alpha.default), params.get("beta", cls.beta.default)
        if alpha + beta >= 1.0:
            raise BadInput(f"index.alpha is {alpha:g}; with beta, {beta:g}, it must stay below 1, or the variance has no mean.")

    @property
    def volatility(self) -> float:
        return self.value("sigma")

    def returns(self, first: int, count: int) -> NDArray[np.float64]:
        out, (alpha, beta, nu) = self.normals(first, count), (self.value(each) for each in ("alpha", "beta", "nu"))
        self.state = garch_steps(out, first, self.ticks_per_step, *self.state, self.target, alpha, beta, nu, *self.stream(MIXING))
        return out
