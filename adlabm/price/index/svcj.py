"""Stochastic volatility with jumps in price and variance at once."""

from __future__ import annotations

from typing import Any

from adlabm.contracts import Param
from adlabm.errors import BadInput
from adlabm.price.index.bates import Bates

FIT = "S: code of Hou, Wang, Chen, Haerdle 2020, in years of 365 days"


class Svcj(Bates):
    """As `bates`, but with every jump the variance rises by an exponential number, and the size leans on the rise.

    ``Z_v ~ Exp(rise)``, ``J | Z_v ~ N(mean + slope Z_v, deviation)``.

    Units: the published fit is to daily returns times ``sqrt(250)``, time in days: kappa 0.187, theta 0.054, variance of variance 0.0069,
    rho 0.2748, rate 0.051, jump in variance 0.709, jump mean -0.049 and variance 2.06, slope -0.21. With ``c = 365 / 250`` a variance
    per year is c times theirs, so here: kappa x 365; theta x c; sqrt(0.0069 c 365); rate x 365; 0.709 c; sizes / sqrt(250); slope
    / (c sqrt(250)).

    Source: Duffie, Pan, Singleton (2000), Econometrica 68; Hou, Wang, Chen, Haerdle (2020), J. Financ. Econom. 18,
    doi:10.1093/jjfinec/nbaa006, values and scaling in github.com/QuantLet/SFE_class_2017, SFECrixSimu (CRIX index).
    """

    key = "svcj"
    kappa = Param(68.3, 1e-6, 1e4, "per year", "speed at which the variance returns to theta", FIT)
    theta = Param(0.0788, 1e-6, 100.0, "per year", "level that the variance returns to", FIT)
    xi = Param(1.92, 0.0, 100.0, "per year", "volatility of the variance", FIT)
    rho = Param(0.275, -1.0, 1.0, "", "correlation of return and variance", FIT)
    rate = Param(18.6, 0.0, 1e6, "per year", "jumps", FIT)
    mean = Param(-0.0031, -1.0, 1.0, "", "mean of a jump's log size where the variance does not rise", FIT)
    deviation = Param(0.0908, 0.0, 1.0, "", "standard deviation of a jump's log size", FIT)
    rise = Param(1.035, 0.0, 100.0, "per year", "mean rise of the variance with a jump", FIT)
    slope = Param(-0.0091, -10.0, 10.0, "years", "what a rise of the variance by 1 adds to the mean log size", FIT)

    @classmethod
    def validate(cls, params: dict[str, Any]) -> None:
        rise, slope = params.get("rise", cls.rise.default), params.get("slope", cls.slope.default)
        if slope * rise >= 1.0:
            raise BadInput(f"index.slope is {slope:g}; times rise, {rise:g}, it must be below 1, or the mean level is infinite.")

    @property
    def coupling(self) -> tuple[float, float]:
        return self.value("rise"), self.value("slope")
