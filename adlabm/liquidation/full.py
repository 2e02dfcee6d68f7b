"""Everything at once."""

from adlabm.contracts import Engine


class Full(Engine):
    """Closes the whole account, whatever the price does meanwhile.

    Source: BitMEX, KuCoin, Phemex at the lowest tier (venue notes 3.4, 3.12): take-over and order at the bankruptcy price.
    """

    key = "full"

    @staticmethod
    def close(lots, lower, equity, maintenance, step, fraction):
        return lots
