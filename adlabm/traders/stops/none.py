"""No stop."""

from adlabm.contracts import INFINITE, Stop


class NoStop(Stop):
    """Holds a loser until the signal turns or the venue liquidates. Source: market models 2.4."""

    key = "none"

    @staticmethod
    def loss(a, b, c, d, distance):
        return INFINITE
