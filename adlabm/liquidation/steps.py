"""Fixed fractions."""

from adlabm.contracts import Engine


class Steps(Engine):
    """Closes a fixed fraction of the position first, then, if that was not enough, all of it.

    Formula: close = ceil(fraction x lots) in the first order, lots afterwards. Source: Hyperliquid (20 % first), Kraken and Paradex
        steps (venue notes 3.6, 3.9, 3.15).
    """

    key = "steps"
    until_healthy = True

    @staticmethod
    def close(lots, lower, equity, maintenance, step, fraction):
        return lots // 1000000000 * fraction - (-(lots % 1000000000) * fraction) // 1000000000 if step == 0 else lots
