"""ADL after a fall of the fund."""

from adlabm.contracts import Trigger


class Drawdown(Trigger):
    """ADL goes before the fund when its equity has fallen by `start` from its 8-hour peak, until the fall is below `stop`.

    Formula: on when peak - equity >= start x peak, off when peak - equity < stop x peak. Source: OKX, Bybit, Bitget (venue notes 3.2,
        3.3, 3.10): 30 % and 25 %.
    """

    key = "drawdown"

    @staticmethod
    def active(before, equity, peak, inventory, capacity, start, stop):
        share = (stop if before != 0 else start) // 1000
        bound = peak // 1000000 * share + peak % 1000000 * share // 1000000
        return 1 if peak > 0 and peak - equity >= bound else 0
