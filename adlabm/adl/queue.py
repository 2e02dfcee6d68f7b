"""The strict queue of most venues."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.scores import find_score
from adlabm.adl.shares import first_to_cover, in_order
from adlabm.contracts import Param


class Queue(Policy):
    """One after the other by score, each to the end, the last one partly.

    Formula: order by (score descending, id ascending); x_(k) = min(size_(k), amount - sum of x before k).
    Units: contracts by nature; in wealth space the same order empties endowments.
    Source: BitMEX, Binance, Bybit, OKX, Bitget, Hyperliquid (venue notes, K5); venues differ by score, and publish no rule for ties.
    Known for: at most one candidate gives a part; those further back give nothing.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> table = {"id": [1, 2, 3, 4, 5, 6], "quantity": [10, 10, 20, 30, 20, 10], "pnl": [3, 6, 1, 4, 5, 2]}
        >>> allocate("queue", 20, table, score="pnl").tolist()
        [0.0, 10.0, 0.0, 0.0, 10.0, 0.0]
    """

    key = "queue"
    unit = "contracts"
    score = Param("generic", doc="what orders the queue: a key of adlabm.adl.scores.SCORES", source="venue notes section 2")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        self.ranking = find_score(self.score, "adl.score")
        self.needs = self.ranking.needs
        self.losers = self.ranking.ranks_losers

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_order(first_to_cover(self.ranking(table), table.id, amount, caps), amount, caps)
