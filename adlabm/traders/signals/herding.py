"""Traders that switch between value and trend."""

from adlabm.contracts import Param, Signal
from adlabm.kernels.mathx import exp, normal, tanh


class Herding(Signal):
    """Trades value or trend: which of the two is drawn at every look, and value wins the more the further the price has gone.

    Formula: probability of value n = 1 / (1 + exp(-a)), a = -0.327 + 1.79 (2 n - 1) + 18.43 x^2: predisposition, herding, misalignment.
    x = 0.01 sqrt(1000) z with z = log(price / average) / s. Value: want = clip(-beta z + (0.758 / 2.087) noise Z, -1, 1). Trend:
    want = tanh(gamma z + noise Z), Z normal.
    Source: Franke and Westerhoff (2012), J. Economic Dynamics and Control 36, structural stochastic volatility: discrete choice with
    herding, predisposition and misalignment; demand of trend traders is 2.087 / 0.758 times as noisy as that of value traders.
    Differs from the source in: shares settle at once at the n that reproduces itself, unique because 1.79 < 2 (the source lets them drift
    from day to day); value is the price's average over the horizon, which stands for 1,000 of the source's days of 1 % volatility, so
    switching is the same at every horizon; traders choose positions, in the source orders; one unit of demand, the whole of the leverage,
    is a standard deviation of the trend traders' noise.
    """

    key = "herding"
    beta = Param(0.018, 0.0, 100.0, "", "demand of value traders per unit of z", "M: Franke and Westerhoff, 0.12 x / 2.087")
    gamma = Param(0.007, 0.0, 100.0, "", "steepness of the trend demand", "M: Franke and Westerhoff, 1.50 x 1 % / 2.087")
    noise = Param(1.0, 0.0, 100.0, "", "standard deviation of the trend demand's noise", "D")
    horizon_s = Param(86_400.0, 60.0, 1e7, "s", "time constant of the average", "market models 2.1, horizons of trend traders")

    @staticmethod
    def want(beta, gamma, noise, horizon_s, u, v, side, held, gap, spread, premium):
        z = gap / spread if spread > 0.0 else 0.0
        share = 0.5
        for _ in range(100):
            share = 1.0 / (1.0 + exp(-(-0.327 + 1.79 * (2.0 * share - 1.0) + 1.843 * min(z * z, 25.0))))
        if u < share:
            return min(max(-beta * z + 0.3632 * noise * normal(v), -1.0), 1.0)
        return tanh(gamma * z + noise * normal(v))
