"""A stop at a share of the distance to liquidation."""

from adlabm.contracts import Param, Stop


class FixedStop(Stop):
    """Closes everything when the price has gone `share` of the way from entry to liquidation; slippage applies.

    Formula: close all when r <= -share x distance, distance = 1 / leverage at entry - first maintenance rate. Source: market models 2.4.
    """

    key = "fixed"
    share = Param(0.5, 0.01, 0.99, "share", "of the distance from entry to liquidation", "market models 2.4")

    @staticmethod
    def loss(share, b, c, d, distance):
        return share * distance
