"""A cut when the market turns wild."""

from adlabm.contracts import INFINITE, Param, Stop


class VolatilityCut(Stop):
    """Closes a share of the position, once, when volatility has risen to a multiple of what is usual.

    Formula: close `share` at the first look at which s >= multiple x usual, s the daily volatility. Source: market models 2.4 (half when
    s doubles).
    """

    key = "volatility"
    usual = Param(0.025, 1e-6, 10.0, "a day", "usual daily volatility", "market models 6.2")
    multiple = Param(2.0, 1.0, 1e3, "", "of the usual volatility at which it acts", "market models 2.4")
    share = Param(0.5, 0.0, 1.0, "share", "of the position that is closed", "market models 2.4")

    @staticmethod
    def loss(usual, multiple, share, d, distance):
        return INFINITE

    @staticmethod
    def at_look(usual, multiple, share, d, u, gain, age, pace, volatility, stage):
        return share if stage < 0.5 and volatility >= multiple * usual else 0.0
