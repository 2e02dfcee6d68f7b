"""A trader with a fixed view."""

from adlabm.contracts import Signal


class Side(Signal):
    """Always wants its own side, drawn once (`long_share` of the group is long); after an exit it enters again at its next look.

    Formula: want = side.
    Source: the design's baseline; measurement notes item 11 (side drawn ex ante).
    """

    key = "side"

    @staticmethod
    def want(a, b, c, d, u, v, side, held, gap, spread, premium):
        return side
