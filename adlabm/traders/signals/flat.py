"""A trader who wants no position."""

from adlabm.contracts import Signal


class Flat(Signal):
    """Closes at its next look whatever it holds: a liquidity provider who sells on what it was assigned.

    Formula: want = 0.
    Source: Deribit and Kraken, who pass positions to market makers (venue notes 3.5, 3.9); what these do with them is their own affair.
    """

    key = "flat"

    @staticmethod
    def want(a, b, c, d, u, v, side, held, gap, spread, premium):
        return 0.0
