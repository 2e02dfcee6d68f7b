"""Leverage drawn anew for every trade."""

from adlabm.contracts import Leverage, Param
from adlabm.kernels.mathx import exp, normal


class Drawn(Leverage):
    """Draws the leverage of every new position from a log-normal law.

    Formula: L = min(cap, exp(mu + sigma Z)), Z standard normal. Source: market models 2.3 and 6.2 (over-levered retail: 2.3 and 0.8).
    """

    key = "drawn"
    mu = Param(2.3, -5.0, 7.0, "", "mean of the logarithm", "market models 6.2")
    sigma = Param(0.8, 0.0, 5.0, "", "standard deviation of the logarithm", "market models 6.2")
    cap = Param(100.0, 0.01, 1000.0, "x", "largest leverage", "market models 6.2")

    @staticmethod
    def choose(mu, sigma, cap, d, u, volatility):
        return min(exp(mu + sigma * normal(u)), cap)
