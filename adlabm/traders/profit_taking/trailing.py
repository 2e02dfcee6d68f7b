"""A trailing stop on profits."""

from adlabm.contracts import INFINITE, Param, ProfitTaking


class Trailing(ProfitTaking):
    """Armed at a profit of `arm`, closes everything when the price falls back by `distance` from the best return seen.

    Formula: armed when r* >= arm; close all when r <= r* - distance. The best return r* is noticed in steps of a quarter of the
        distance, because the trader sleeps in between.
    Source: market models 2.4 (arm 1, distance 0.5 daily standard deviations).
    """

    key = "trailing"
    arm = Param(0.025, 1e-6, 100.0, "return", "profit that arms the stop", "market models 2.4")
    distance = Param(0.0125, 1e-6, 100.0, "return", "fall from the best return that closes", "market models 2.4")

    @staticmethod
    def upper(arm, distance, c, d, stage, peak):
        return arm if peak < arm else peak + 0.25 * distance

    @staticmethod
    def lower(arm, distance, c, d, stage, peak):
        return -INFINITE if peak < arm else peak - distance

    @staticmethod
    def part(arm, distance, c, d, stage, peak, gain):
        return 1.0 if peak >= arm and gain <= peak - distance else 0.0
