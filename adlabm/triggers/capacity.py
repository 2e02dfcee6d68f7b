"""ADL at a share of the fund's position limit."""

from adlabm.contracts import Trigger


class Capacity(Trigger):
    """ADL goes before the fund while its inventory is above `start` of the notional it may carry, until it is back at `stop`.

    Formula: on when inventory >= start x capacity x equity, off when inventory <= stop x capacity x equity. Source: Binance's
        net-notional cap read as a trigger (venue notes 1, K1).
    """

    key = "capacity"

    @staticmethod
    def active(before, equity, peak, inventory, capacity, start, stop):
        share = capacity // 1000
        limit = max(equity, 0) // 1000000 * share + max(equity, 0) % 1000000 * share // 1000000
        share = (stop if before != 0 else start) // 1000
        bound = limit // 1000000 * share + limit % 1000000 * share // 1000000
        return 1 if inventory > 0 and inventory >= bound else 0
