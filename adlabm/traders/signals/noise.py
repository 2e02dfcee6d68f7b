"""Noise traders."""

from adlabm.contracts import Param, Signal


class Noise(Signal):
    """Draws a new side at every look, and a size between `smallest` and the whole of its leverage.

    Formula: long if u < long, else short; size = smallest + (1 - smallest) v.
    Source: market models 2.1 (Poisson arrivals; the persistence of signs is left out).
    """

    key = "noise"
    long = Param(0.5, 0.0, 1.0, "probability", "probability of wanting to be long", "D")
    smallest = Param(1.0, 0.0, 1.0, "share", "smallest size, as a share of the chosen leverage", "D")

    @staticmethod
    def want(long, smallest, c, d, u, v, side, held, gap, spread, premium):
        size = smallest + (1.0 - smallest) * v
        return size if u < long else -size
