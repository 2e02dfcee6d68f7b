"""ADL before the fund."""

from adlabm.contracts import Trigger


class Always(Trigger):
    """ADL always goes before the fund, which only takes what no candidate could.

    Source: Deribit and venues without a fund (venue notes 1, K1: trigger at negative equity).
    """

    key = "always"

    @staticmethod
    def active(before, equity, peak, inventory, capacity, start, stop):
        return 1
