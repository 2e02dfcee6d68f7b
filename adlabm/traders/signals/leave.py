"""A trader who leaves whatever happens."""

from adlabm.contracts import Signal


class Leave(Signal):
    """Closes its position at its next look and stays out: exits at random times, exponential with the mean `pace_s`.

    Formula: want = 0. Source: the placebo of profit taking and of watching the lights (measurement notes 11): an exit that knows nothing.
    """

    key = "leave"

    @staticmethod
    def want(a, b, c, d, u, v, side, held, gap, spread, premium):
        return 0.0
