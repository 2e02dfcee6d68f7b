"""ADL when one side wins more than the pool can pay."""

from adlabm.contracts import Trigger


class PoolFactor(Trigger):
    """Fund and maker are the pool that pays what traders win; ADL closes winners of a side at the mark, whatever the liquidations.

    Formula: factor = profits of a contract's side / (cash of fund and maker); above `start`, profits of factor - `stop` are closed.
    Units: profits unrealised, at the mark; `start` and `stop` are shares.
    Source: GMX v2, pnlToPoolFactor, maxPnlFactorForAdl and minPnlFactorAfterAdl (venue notes 3.18).
    Differs from the source in: a decrease order of the keeper's is checked there one by one; here the policy shares the excess out.

    Example:
        >>> PoolFactor.excess(2_000_000, 10_000_000, 0.10, 0.05)  # a factor of 20 % against 10 %: down to 5 %
        1500000.0
    """

    key = "pool-factor"
    pool = True

    @staticmethod
    def active(before, equity, peak, inventory, capacity, start, stop):
        return 0

    @staticmethod
    def excess(profits, cash, start, stop):
        return float(profits - stop * cash) if profits > start * cash else 0.0
