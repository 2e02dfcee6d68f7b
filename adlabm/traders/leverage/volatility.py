"""Leverage scaled by volatility."""

from adlabm.contracts import Leverage, Param


class Volatility(Leverage):
    """Takes more leverage in calm and less in storms.

    Formula: L = min(cap, alpha / s), s = daily volatility; rebalanced at every look.
    Source: Aymanns and Farmer (2015), J. Economic Dynamics and Control 50 (value at risk).
    """

    key = "volatility"
    alpha = Param(0.1, 0.0, 10.0, "", "daily value at risk accepted, as a share of equity", "D")
    cap = Param(10.0, 0.01, 1000.0, "x", "largest leverage", "D")
    rebalance = True

    @staticmethod
    def choose(alpha, cap, c, d, u, volatility):
        return min(cap, alpha / volatility) if volatility > 0.0 else cap
