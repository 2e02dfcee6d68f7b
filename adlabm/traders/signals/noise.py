"""Noise traders."""

from adlabm.contracts import Param, Signal
from adlabm.kernels.mathx import power


class Noise(Signal):
    """Draws a new side at every look, and a size between `smallest` and the whole of its leverage.

    Formula: long if u < long + memory / 2 x side held, else short; size = smallest + (1 - smallest) v, or, with a `tail`,
    min(1, smallest (1 - v)^(-1 / tail)).
    Source: market models 2.1 (Poisson arrivals, signs that persist like an autoregression of 0.1 to 0.3, Pareto tail of 1.5 on sizes).
    """

    key = "noise"
    long = Param(0.5, 0.0, 1.0, "probability", "probability of wanting to be long", "D")
    smallest = Param(1.0, 0.0, 1.0, "share", "smallest size, as a share of the chosen leverage", "D")
    memory = Param(0.0, 0.0, 1.0, "", "correlation of a sign with the one before", "market models 2.1 (0.1 to 0.3)")
    tail = Param(0.0, 0.0, 100.0, "", "tail exponent of sizes, 0 for an even spread", "market models 2.1 (1.5)")

    @staticmethod
    def want(long, smallest, memory, tail, u, v, side, held, gap, spread, premium):
        size = smallest + (1.0 - smallest) * v if tail <= 0.0 else min(smallest * power(1.0 - v, -1.0 / tail), 1.0)
        return size if u < long + 0.5 * memory * held else -size
