"""Profit taken promptly, on one dial."""

from adlabm.contracts import Param, ProfitTaking


class Prompt(ProfitTaking):
    """A ladder whose targets a single dial brings nearer: `promptness` 0 is the ladder, 1 has half its targets.

    Formula: close 1/3 when r >= (1 - promptness / 2) step 2^k, k = 0, 1, 2 reductions so far; the last step closes all.
    Source: market models 2.4 (prompt dial; prompt taker: thresholds of half size, with the group's `withdraw` for realised profit).
    """

    key = "prompt"
    step = Param(0.025, 1e-6, 100.0, "return", "first target of the ladder, a price return on entry", "market models 2.4")
    promptness = Param(1.0, 0.0, 1.0, "", "0 for the ladder, 1 for half its targets", "market models 2.4")

    @staticmethod
    def upper(step, promptness, c, d, stage, peak):
        first = (1.0 - 0.5 * promptness) * step
        return first if stage < 0.5 else (2.0 * first if stage < 1.5 else 4.0 * first)

    @staticmethod
    def part(step, promptness, c, d, stage, peak, gain):
        return 1.0 / 3.0 if stage < 1.5 else 1.0
