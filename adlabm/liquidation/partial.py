"""As much as the margin asks for."""

from adlabm.contracts import Engine


class Partial(Engine):
    """Closes so much of the position that the account's equity covers the maintenance margin of the rest, and again until it does.

    Formula: close = lots - floor(equity / ceil(maintenance / lots)): margin in proportion to lots, closing costs nothing.
    Source: Binance's first order, KuCoin, Lighter, GRVT (venue notes 3.1, 3.12, 3.16).
    """

    key = "partial"
    until_healthy = True

    @staticmethod
    def close(lots, lower, equity, maintenance, step, fraction):
        each = -(-maintenance // lots) if lots > 0 else 0
        return lots - max(equity, 0) // each if each > 0 else lots
