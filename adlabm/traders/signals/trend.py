"""Trend followers."""

from adlabm.contracts import Param, Signal
from adlabm.kernels.mathx import tanh


class Trend(Signal):
    """Follows the move of the price against its moving average, saturating.

    Formula: want = tanh(gamma m / s), m = log(price / average), s = volatility over the horizon.
    Source: extended Chiarella model, Majewski, Ciliberti and Bouchaud (2020); market models 2.1. Saturation keeps the market bounded.
    """

    key = "trend"
    gamma = Param(1.0, 0.0, 100.0, "", "steepness", "D")
    horizon_s = Param(14_400.0, 60.0, 1e7, "s", "time constant of the average; the nearest of 15 min to 3 d is used", "market models 2.1")

    @staticmethod
    def want(gamma, horizon_s, c, d, u, v, side, held, gap, spread, premium):
        return tanh(gamma * gap / spread) if spread > 0.0 else 0.0
