"""ADL as the last resort."""

from adlabm.contracts import Trigger


class Exhausted(Trigger):
    """ADL only for what the fund's own rule can take no more. Source: this project; BitMEX, KuCoin, Phemex (venue notes 1)."""

    key = "exhausted"

    @staticmethod
    def active(before, equity, peak, inventory, capacity, start, stop):
        return 0
