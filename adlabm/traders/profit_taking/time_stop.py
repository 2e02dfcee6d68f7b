"""Positions that are closed when their time is up."""

from adlabm.contracts import INFINITE, Param, ProfitTaking


class TimeStop(ProfitTaking):
    """Closes everything at the first look after `hold_s`, whatever it has gained or lost.

    Formula: close all when age >= hold_s. Source: market models 2.4 (retail: log-normal with a median of 4 hours).
    """

    key = "time-stop"
    hold_s = Param(14_400.0, 1.0, 1e9, "s", "time that a position is held", "market models 2.4")

    @staticmethod
    def upper(hold_s, b, c, d, stage, peak):
        return INFINITE

    @staticmethod
    def part(hold_s, b, c, d, stage, peak, gain):
        return 0.0

    @staticmethod
    def at_look(hold_s, b, c, d, u, gain, age, pace, volatility, stage):
        return 1.0 if age >= hold_s else 0.0
