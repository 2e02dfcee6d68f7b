"""No reaction."""

from adlabm.contracts import Reaction


class Ignore(Reaction):
    """Does nothing about lights or notices. Source: the design's baseline."""

    key = "ignore"

    @staticmethod
    def close(a, b, c, d, lights, notified):
        return 0.0
