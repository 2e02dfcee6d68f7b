"""The queue on one side of a contract while a round is deleveraged: ranked once, mended where ADL has changed a trader."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adlabm.adl.lights import BARS
from adlabm.adl.scores import Score
from adlabm.adl.shares import best_first
from adlabm.exchange.candidates import EQUITY, IDENTITY, LOTS, ROW, positions_of
from adlabm.kernels.scoring import MOST_ARGUMENTS, SEEN_COLUMNS
from adlabm.kernels.standing import CHOSEN_ROWS, STOOD_LOTS, choose, renew

if TYPE_CHECKING:
    from adlabm.model import AdlModel


class Chosen(NamedTuple):
    """One of those who close: its position row, the lots it gives, its place in the queue (1 = first), lights and score."""

    row: int
    lots: int
    rank: int
    lights: int
    score: float


class Standing:
    """Candidates on one side of a contract, best first.

    It gives what `Queue.split` gives for every request, without ranking the market for each: only accounts that have `changed` are looked
    at again, before the next choice. That needs a score that reads a row alone.
    """

    def __init__(self, model: AdlModel, contract: int, side: int, ranking: Score) -> None:
        pool = positions_of(model, contract, side, ranking.ranks_losers)
        scores = pool.scores(ranking)
        order = best_first(scores, pool.seen[IDENTITY])
        self.keys = -scores[order]
        self.book = np.array([pool.seen[ROW][order], pool.seen[IDENTITY][order], np.abs(pool.seen[LOTS][order]), pool.seen[EQUITY][order]])
        self.known = np.full(model.state.positions.shape[1], np.nan)
        self.known[self.book[0]] = self.keys
        self.marks = np.array([0, self.book[STOOD_LOTS].sum()])
        self.chosen, self.changed = np.empty((CHOSEN_ROWS, len(order)), np.int64), dict[int, None]()
        self._rule = (contract, side, ranking.ranks_losers, ranking.address, ranking.reads)
        self._room = (np.empty((SEEN_COLUMNS, 1), np.int64), np.empty(MOST_ARGUMENTS))

    def choose(self, market: int, wanted: int, loss: int, whole: bool) -> list[Chosen]:
        """Who closes `wanted` lots; each costs its holder `loss` (micro) of equity. `whole`: only who can give all it holds gives."""
        for account in self.changed:
            renew(market, *self._rule, self.keys, self.book, self.known, self.marks, *self._room, account)
        self.changed.clear()
        found = choose(self.keys, self.book, self.marks, wanted, loss, whole, BARS, self.chosen)
        given = self.chosen[:, :found].T.tolist()
        return [Chosen(row, lots, rank, lights, -float(self.keys[place])) for row, lots, rank, lights, place in given]
