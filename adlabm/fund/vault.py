"""A vault that takes everything, until it is worth nothing."""

from adlabm.contracts import Fund


class Vault(Fund):
    """Takes every lot over, whatever its size; when its own equity is negative its whole book, in all contracts, is offered to ADL at once.

    Formula: n = lots; offers its inventory when equity < 0. With `fund.takeover` it takes accounts that still have equity.
    Source: Hyperliquid's liquidator vault, below 2/3 of the maintenance margin (venue notes 3.6); 10 Oct 2025: its book was deleveraged
        at the previous mark.
    """

    key = "vault"

    @staticmethod
    def take(lots, gap, value, equity, cash, inventory, capacity):
        return lots

    @staticmethod
    def offer(equity, inventory, capacity):
        return inventory if equity < 0 else 0
