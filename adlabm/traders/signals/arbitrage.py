"""Index arbitrageurs."""

import math

from adlabm.contracts import Param, Signal


class Arbitrage(Signal):
    """Trades against the premium beyond what it costs, and unwinds when the premium is as far on the other side. Its capital is its
    equity times leverage.

    Formula: with x = |premium| - band - risk s, want = -sign(premium) min(slope x, 1) for x > 0; within the band, where a trade costs more
    than it brings, it leaves what it has.
    Source: market models 2.2; He, Manela, Ross and von Wachter, arXiv 2212.06888 (random-maturity arbitrage with trading costs).
    """

    key = "arbitrage"
    hedged = True
    band = Param(0.001, 0.0, 1.0, "share", "fees of both legs and expected funding", "two taker fees of 0.05 %, market models 4.2")
    slope = Param(20.0, 0.0, 1e6, "", "share of the leverage used per unit of premium beyond the band", "D")
    risk = Param(0.1, 0.0, 100.0, "", "standard deviations of a return over the horizon added to the band", "D")
    horizon_s = Param(900.0, 60.0, 1e7, "s", "time until the premium is expected to close", "D")

    @staticmethod
    def want(band, slope, risk, horizon_s, u, v, side, held, gap, spread, premium):
        beyond = abs(premium) - band - risk * spread
        if beyond <= 0.0:
            return math.nan
        size = min(slope * beyond, 1.0)
        return -size if premium > 0.0 else size
