"""A fund that sells on and pays the shortfall."""

from adlabm.contracts import Fund


class Pay(Fund):
    """Sells what it takes into the market at once and pays the difference to the bankruptcy price, lot by lot, while its cash lasts.

    Formula: n x gap <= cash. Source: BitMEX (the fund aggresses the market, venue notes 3.4).
    """

    key = "pay"
    sells_on = True

    @staticmethod
    def take(lots, gap, value, equity, cash, inventory, capacity):
        if gap <= 0:
            return lots
        return max(min(lots, cash // gap), 0)
