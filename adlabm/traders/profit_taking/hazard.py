"""Winners are closed at random, the sooner the larger."""

from adlabm.contracts import INFINITE, Param, ProfitTaking
from adlabm.kernels.mathx import exp


class Hazard(ProfitTaking):
    """Closes everything at a rate that grows with the gain (and falls with a loss: losers are held).

    Formula: rate h0 exp(k r / s), r the return on entry, s the daily volatility; asked at every look, with probability
    1 - exp(-rate x pace). Source: disposition effect, market models 2.4 (once a day at no gain, k = 0.7).
    """

    key = "hazard"
    rate = Param(1.0, 0.0, 1e6, "a day", "rate at no gain", "market models 2.4")
    k = Param(0.7, 0.0, 100.0, "", "growth with each daily standard deviation of gain", "market models 2.4")

    @staticmethod
    def upper(rate, k, c, d, stage, peak):
        return INFINITE

    @staticmethod
    def part(rate, k, c, d, stage, peak, gain):
        return 0.0

    @staticmethod
    def at_look(rate, k, c, d, u, gain, age, pace, volatility, stage):
        gains = min(k * gain / volatility, 50.0) if volatility > 0.0 else 0.0
        return 1.0 if u < 1.0 - exp(-rate * exp(gains) * pace / 86_400.0) else 0.0
