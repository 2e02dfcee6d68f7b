"""Down the margin tiers."""

from adlabm.contracts import Engine


class Tiers(Engine):
    """Reduces the largest position to the next lower margin tier and tests again; in the lowest tier it closes all.

    Formula: close = lots - lots at the tier's floor. Source: OKX, BitMEX, Bybit, Bitget step-downs (venue notes 3.2 to 3.4).
    """

    key = "tiers"
    until_healthy = True

    @staticmethod
    def close(lots, lower, equity, maintenance, step, fraction):
        return lots - lower if 0 < lower < lots else lots
