"""Profit taken in three steps."""

from adlabm.contracts import Param, ProfitTaking


class Ladder(ProfitTaking):
    """Closes a third of the original position at 1, 2 and 4 times `step`.

    Formula: close 1/3 when r >= step 2^k, k = 0, 1, 2 reductions so far; the last step closes all. Source: market models 2.4.
    """

    key = "ladder"
    step = Param(0.025, 1e-6, 100.0, "return", "first target, a price return on entry", "market models 2.4")

    @staticmethod
    def upper(step, b, c, d, stage, peak):
        return step if stage < 0.5 else (2.0 * step if stage < 1.5 else 4.0 * step)

    @staticmethod
    def part(step, b, c, d, stage, peak, gain):
        return 1.0 / 3.0 if stage < 1.5 else 1.0
