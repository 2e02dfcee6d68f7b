"""Market makers with an inventory that they hold only for a price."""

import math

from adlabm.contracts import Param, Signal


class Maker(Signal):
    """Holds the inventory at which its reservation price is the market price, and stays away while the market storms.

    Formula: the reservation price is index (1 - q gamma s^2), s^2 the variance of a return over the horizon; it equals the market price at
    q = -premium / (gamma s^2), clipped to the whole of the leverage. With an order book it quotes both sides: at the market price less the
    group's `limit` it bids for what it would want there beyond what it holds, at the market price plus `limit` it offers what it would not
    want. No new quotes while |m| > pull s.
    Source: Avellaneda and Stoikov (2008), Quantitative Finance 8(3), reservation price s - q gamma sigma^2 tau; market models 2.2
    (withdrawal when a return exceeds five standard deviations).
    Differs from the source in: half the spread is the group's `limit`, not gamma s^2 / 2 + log(1 + gamma / k) / gamma, and inventory skews
        the sizes of the quotes, not their prices: the side that leads away from the reservation price is quoted small, then not at all.
        Without an order book it trades at the market, on the side on which its inventory is off.
    """

    key = "maker"
    hedged = True
    quotes = True
    gamma = Param(2000.0, 1e-6, 1e9, "", "risk aversion per whole inventory: full at a premium of about 1 % in calm", "D")
    horizon_s = Param(900.0, 60.0, 1e7, "s", "time for which inventory is held", "D")
    pull = Param(5.0, 0.0, 1e3, "", "standard deviations of a move at which it withdraws", "market models 2.2")

    @staticmethod
    def want(gamma, horizon_s, pull, d, u, v, side, held, gap, spread, premium):
        if spread <= 0.0 or abs(gap) > pull * spread:
            return math.nan
        return min(max(-premium / (gamma * spread * spread), -1.0), 1.0)
