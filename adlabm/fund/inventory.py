"""A fund that takes positions over and carries them."""

from adlabm.contracts import Fund


class Inventory(Fund):
    """Takes whole lots over at the bankruptcy price while it could pay their loss at the mark and their notional stays within a
    multiple of its equity.

    Formula: n <= equity / gap, n <= (capacity x equity - inventory) / value; offers inventory - capacity x equity.
    Source: Binance insurance fund FAQ, net-notional cap of 100 % of the fund (venue notes 3.1).
    """

    key = "inventory"

    @staticmethod
    def take(lots, gap, value, equity, cash, inventory, capacity):
        if equity <= 0:
            return 0
        share = capacity // 1000
        room = equity // 1000000 * share + equity % 1000000 * share // 1000000 - inventory
        most = lots if gap <= 0 else min(lots, equity // gap)
        return max(min(most, room // value), 0)

    @staticmethod
    def offer(equity, inventory, capacity):
        share, whole = capacity // 1000, max(equity, 0)
        return max(inventory - whole // 1000000 * share - whole % 1000000 * share // 1000000, 0)
