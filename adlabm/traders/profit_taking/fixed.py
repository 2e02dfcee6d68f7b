"""One profit target."""

from adlabm.contracts import Param, ProfitTaking


class Fixed(ProfitTaking):
    """Closes everything when the price has moved by `target` in the trader's favour.

    Formula: close all when r >= target. Source: market models 2.4 (default: two daily standard deviations of 2.5 %).
    """

    key = "fixed"
    target = Param(0.05, 1e-6, 100.0, "return", "price return on entry", "market models 2.4")

    @staticmethod
    def upper(target, b, c, d, stage, peak):
        return target

    @staticmethod
    def part(target, b, c, d, stage, peak, gain):
        return 1.0
