"""Leverage chosen once."""

from adlabm.contracts import Leverage, Param


class Fixed(Leverage):
    """The trader's own leverage at entry; it then drifts with the price.

    Formula: L = leverage (a number, or a law from which every trader draws once).
    Source: market models 2.3 and 4.1.
    """

    key = "fixed"
    leverage = Param(5.0, 0.01, 1000.0, "x", "notional over equity at entry", "market models 4.1")

    @staticmethod
    def choose(leverage, b, c, d, u, volatility):
        return leverage
