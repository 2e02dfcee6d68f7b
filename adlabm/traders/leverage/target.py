"""Leverage held at a target."""

from adlabm.contracts import Leverage, Param


class Target(Leverage):
    """Brings the position back to the target leverage at every look: sells after losses, buys after gains.

    Formula: lots = want x leverage x equity / price.
    Source: Bookstaber, Paddrik and Tivnan, OFR WP 14-05 (target leverage).
    """

    key = "target"
    leverage = Param(5.0, 0.01, 1000.0, "x", "notional over equity that is restored", "D")
    rebalance = True

    @staticmethod
    def choose(leverage, b, c, d, u, volatility):
        return leverage
