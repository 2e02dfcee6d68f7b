"""Traders that switch between value and trend."""

from adlabm.contracts import Param, Signal
from adlabm.kernels.mathx import exp, normal, tanh


class Herding(Signal):
    """Trades value or trend: which of the two is drawn at every look, and value wins the more the further the price has gone.

    Formula: probability of value n = 1 / (1 + exp(-a)), a = -0.327 + 1.79 (2 n - 1) + 18.43 x^2 with x = log(price / average):
    predisposition, herding, misalignment. Value: want = clip(-beta x, -1, 1). Trend: want = tanh(gamma x / s + noise Z), Z normal.
    Source: Franke and Westerhoff (2012), J. Economic Dynamics and Control 36, discrete choice with
    herding, predisposition and misalignment.
    Differs from the source in: shares settle at once at the n that reproduces itself, unique because 1.79 < 2 (the source lets them drift
    from day to day); value is the price's average at the horizon.
    """

    key = "herding"
    beta = Param(20.0, 0.0, 1e5, "", "demand of value traders per unit of log mispricing", "D")
    gamma = Param(1.0, 0.0, 100.0, "", "steepness of the trend demand", "D")
    noise = Param(1.0, 0.0, 100.0, "", "standard deviation of the trend demand's noise", "D")
    horizon_s = Param(86_400.0, 60.0, 1e7, "s", "time constant of the average", "D")

    @staticmethod
    def want(beta, gamma, noise, horizon_s, u, v, side, held, gap, spread, premium):
        share = 0.5
        for _ in range(100):
            share = 1.0 / (1.0 + exp(-(-0.327 + 1.79 * (2.0 * share - 1.0) + 18.43 * min(gap * gap, 4.0))))
        if u < share:
            return min(max(-beta * gap, -1.0), 1.0)
        return tanh((gamma * gap / spread if spread > 0.0 else 0.0) + noise * normal(v))
