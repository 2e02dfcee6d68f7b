"""Market makers with an inventory that they hold only for a price."""

from adlabm.contracts import Param, Signal


class Maker(Signal):
    """Holds the inventory at which its reservation price is the market price, and stays away while the market storms.

    Formula: the reservation price is index (1 - q gamma s^2), s^2 the variance of a return over the horizon; it equals the market price at
    q = -premium / (gamma s^2), clipped to the whole of the leverage. No new quotes while |m| > pull s.
    Source: Avellaneda and Stoikov (2008), Quantitative Finance 8(3), reservation price s - q gamma sigma^2 tau; market models 2.2
    (withdrawal when a return exceeds five standard deviations).
    Differs from the source in: the spread is the group's `limit`, and a maker quotes the side on which its inventory is off.
    """

    key = "maker"
    hedged = True
    gamma = Param(2000.0, 1e-6, 1e9, "", "risk aversion per whole inventory: full at a premium of about 1 % in calm", "D")
    horizon_s = Param(900.0, 60.0, 1e7, "s", "time for which inventory is held", "D")
    pull = Param(5.0, 0.0, 1e3, "", "standard deviations of a move at which it withdraws", "market models 2.2")

    @staticmethod
    def want(gamma, horizon_s, pull, d, u, v, side, held, gap, spread, premium):
        if spread <= 0.0 or abs(gap) > pull * spread:
            return held
        return min(max(-premium / (gamma * spread * spread), -1.0), 1.0)
