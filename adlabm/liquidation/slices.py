"""A fixed fraction again and again."""

from adlabm.contracts import Engine


class Slices(Engine):
    """Closes a fixed fraction of what is left of the position every round, until the account is healthy.

    Formula: close = ceil(fraction x lots). Source: dYdX v4, at most 10 % of a position a block (venue notes 3.7).
    """

    key = "slices"
    until_healthy = True

    @staticmethod
    def close(lots, lower, equity, maintenance, step, fraction):
        return lots // 1000000000 * fraction - (-(lots % 1000000000) * fraction) // 1000000000
