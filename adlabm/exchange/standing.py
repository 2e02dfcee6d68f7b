"""The queue on one side of a contract while a round is deleveraged: ranked once, mended where ADL has changed a trader."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adlabm.adl.lights import BARS
from adlabm.adl.scores import Score
from adlabm.adl.shares import best_first
from adlabm.exchange.candidates import EQUITY, IDENTITY, LOTS, ROW, Pool, positions_of
from adlabm.kernels import columns as col

if TYPE_CHECKING:
    from adlabm.model import AdlModel


class Chosen(NamedTuple):
    """One of those who close: its position row and identity, the lots it gives, its place in the queue (1 = first), lights and score."""

    row: int
    identity: int
    lots: int
    rank: int
    lights: int
    score: float


class Standing:
    """Candidates on one side of a contract, best first. Closed ones stay in the columns with no lots; `head` is the first that has some.

    It gives what `Queue.split` gives for every request, without ranking the market for each: only accounts that have `changed` are looked
    at again, before the next choice. That needs a score that reads a row alone.
    """

    def __init__(self, model: AdlModel, contract: int, side: int, ranking: Score) -> None:
        self.model, self.contract, self.side, self.ranking, self.head = model, contract, side, ranking, 0
        pool = self._pool()
        scores = ranking(pool.table)
        order = best_first(scores, pool.seen[IDENTITY])
        self.keys, self.rows, self.identities = -scores[order], pool.seen[ROW, order], pool.seen[IDENTITY, order]
        self.lots, self.equity = np.abs(pool.seen[LOTS, order]), pool.seen[EQUITY, order]
        self.total = int(self.lots.sum())
        self.changed = dict[int, None]()

    def _pool(self, row: int | None = None) -> Pool:
        return positions_of(self.model, self.contract, self.side, self.ranking.ranks_losers, needs=self.ranking.needs, row=row)

    def choose(self, wanted: int, loss: int, whole: bool) -> list[Chosen]:
        """Who closes `wanted` lots; each costs its holder `loss` (micro) of equity. `whole`: only who can give all it holds gives."""
        for identity in self.changed:
            self._renew(identity)
        self.changed.clear()
        found, before, rank, at = list[Chosen](), 0, 0, self.head
        while wanted > 0 and at < len(self.lots):
            held = int(self.lots[at])
            if held:
                rank, before = rank + 1, before + held
                most = min(held, max(int(self.equity[at]), 0) // loss) if loss > 0 else held
                given = min(wanted, 0 if whole and most < held else most)
                if given:
                    lights = BARS + 1 + -BARS * before // self.total
                    found.append(Chosen(int(self.rows[at]), int(self.identities[at]), given, rank, lights, -float(self.keys[at])))
                    wanted -= given
            at += 1
        return found

    def _renew(self, identity: int) -> None:
        """Put an account where it belongs now, if it stands here."""
        live = np.flatnonzero(self.identities[self.head :] == identity)
        if not len(live):
            return
        old = self.head + int(live[0])
        self.total -= int(self.lots[old])
        closed = self.model.state.positions[col.P_LOTS, self.rows[old]] == 0
        if closed or not len(pool := self._pool(int(self.rows[old]))):
            self.lots[old] = 0
            while self.head < len(self.lots) and not self.lots[self.head]:
                self.head += 1
            return
        key = -float(self.ranking(pool.table)[0])
        new = self._place(key, identity, old)
        for column, value in (
            (self.keys, key),
            (self.rows, self.rows[old]),
            (self.identities, identity),
            (self.lots, abs(int(pool.seen[LOTS, 0]))),
            (self.equity, pool.seen[EQUITY, 0]),
        ):
            _shift(column, old, new)
            column[new] = value
        self.total += int(self.lots[new])

    def _place(self, key: float, identity: int, old: int) -> int:
        """Where a row belongs once it is taken out at `old`."""
        first, last = (self.head + int(np.searchsorted(self.keys[self.head :], key, side)) for side in ("left", "right"))
        place = first + int(np.count_nonzero(self.identities[first:last] < identity))
        return place - 1 if place > old else place


def _shift(column: np.ndarray, old: int, new: int) -> None:
    """Move what lies between two places by one, over the first."""
    if new > old:
        column[old:new] = column[old + 1 : new + 1]
    else:
        column[new + 1 : old + 1] = column[new:old]
