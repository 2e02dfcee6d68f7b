"""The exchange as a Mesa agent: the fund's books, and the ADL step of the waterfall, which asks the venue's policy."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from adlabm.adl.lights import lights
from adlabm.adl.queue import Queue
from adlabm.adl.scores import find_score
from adlabm.adl.shares import best_first, covers, in_proportion
from adlabm.exchange.candidates import EQUITY, IDENTITY, LOTS, PROFIT, ROW, Pool, accounts_of, positions_of
from adlabm.exchange.standing import Standing
from adlabm.kernels import columns as col
from adlabm.kernels.adl import debit, deleverage, read_lights, ring_fence
from adlabm.kernels.columns import State
from adlabm.kernels.margin import equity_of
from adlabm.registry import find
from adlabm.severity.base import Round
from adlabm.streams import Stream, name_word, uniforms

if TYPE_CHECKING:
    from adlabm.model import AdlModel

NEAR = 0.05
"""Distance of the bankruptcy price from the mark up to which `bankruptcy-near-mark` closes at it (Bybit)."""


@dataclass(frozen=True)
class Notice:
    """What a deleveraged trader is told.

    Contracts closed (signed change of its position), price, place in the queue, lights, and what it was paid (realised profit or, in
    wealth space, minus its debit).
    """

    time_s: float
    contract: str
    quantity: float
    price: float
    rank: int
    lights: int
    paid: float


class Exchange(mesa.Agent):
    """Marks, funds, liquidates, pays from its fund and, when that is not enough, deleverages winners."""

    def __init__(self, model: AdlModel) -> None:
        super().__init__(model)
        adl = model.config.adl
        self.policy, self.severity = adl.rule("policy"), adl.rule("severity")
        self.unit = adl.unit or self.policy.unit
        self.ranking = getattr(self.policy, "ranking", find_score("generic"))
        self.losers = self.policy.losers
        self.promised = 0
        self.standings = dict[tuple[int, int], Standing]()
        self.in_order = (
            type(self.policy) is Queue
            and self.ranking.alone
            and (self.unit, self.severity.key) == ("contracts", "full")
            and adl.scope != "account"
        )
        self.fund_covers = find("fund", model.config.fund.rule).covers

    @property
    def fund_equity(self) -> float:
        """Cash plus inventory at the mark, quote currency."""
        return equity_of(self.model.market, col.FUND) / 1e6

    @property
    def fund_cash(self) -> float:
        """The fund's cash, quote currency."""
        return int(self.model.state.accounts[col.A_BALANCE, col.FUND]) / 1e6

    def deleverage(self) -> None:
        """Answer the requests of this round, in their order, by the venue's policy."""
        state = self.model.state
        requests = state.requests[: state.clock[col.K_REQUESTS]]
        self.promised = 0
        self.standings.clear()
        for number, request in enumerate(requests):
            if request[col.M_ACCOUNT] == col.MAKER:
                self._reduce(number, request)
                self.standings.clear()
            elif self.unit == "wealth":
                if request[col.M_ACCOUNT] != col.FUND:
                    self._debit(number, request)
            elif self.in_order:
                self._close_in_order(number, request)
            else:
                self._close(number, request)

    def refresh_lights(self) -> None:
        """Show every holder its lights (5 = first in the queue), and let those whose reaction reads them look."""
        state = self.model.state
        state.positions[col.P_LIGHTS] = 0
        for contract in range(state.contracts.shape[1]):
            for side in (1, -1):
                pool = self._candidates(contract, side, True, margins=self.ranking.reads_margins)
                state.positions[col.P_LIGHTS, pool.seen[ROW]] = lights(self._winners(pool), pool.seen[LOTS])
        read_lights(self.model.market)

    def queue(self, contract: int, side: int) -> tuple[Pool, np.ndarray, np.ndarray]:
        """All positions on `side` (+1 long) as they stand now, with their lights and places in the queue (1 = first); changes nothing."""
        pool = self._candidates(contract, side, True)
        return pool, *self._queue(pool)

    def _close(self, number: int, request: np.ndarray) -> None:
        """Contract space: cross what is left of the bankrupt position with the chosen traders."""
        state, market = self.model.state, self.model.market
        contract = int(state.bands[col.B_CONTRACT, request[col.M_ROW]])
        side = -1 if state.positions[col.P_LOTS, request[col.M_ROW]] > 0 else 1
        pool = self._candidates(contract, side, self.losers)
        price, left = self._price(contract, int(request[col.M_PRICE]), side), int(request[col.M_LEFT])
        if not len(pool):
            return
        held, open_lots = np.abs(pool.seen[LOTS]), int(state.contracts[col.C_LONG, contract])
        loss = side * (int(state.contracts[col.C_MARK, contract]) - price) * int(state.contracts[col.C_UNIT, contract])
        caps = np.minimum(held, np.maximum(pool.seen[EQUITY], 0) // loss) if loss > 0 else held
        if self.model.config.adl.filter == "solvency-overlap":
            caps = np.where(caps < held, 0, caps)
        left = self._raised(left, left * loss, int(caps.sum()) * loss)
        chosen = self.policy.allocate_lots(left, pool.table, caps, self._draws(number), held)
        for i, rank, shown, score in self._in_turn(pool, chosen):
            self.model.make_room(2, 16)
            deleverage(market, number, pool.seen[ROW, i], int(chosen[i]), price, rank, shown, score)
            self.model.send_notice(int(pool.seen[ROW, i]))
        if self.policy.charges_deficit:
            shrink(state, contract, side, open_lots, int(chosen.sum()))
            if request[col.M_ACCOUNT] != col.FUND and (deficit := self._deficit(request, covered=True)):
                pool = positions_of(self.model, contract, side, True)
                order = np.argsort(pool.table.id, kind="stable")
                equity, lots, owed = pool.seen[EQUITY, order], np.abs(pool.seen[LOTS, order]), np.empty(len(pool), np.int64)
                owed[order] = in_proportion(deficit, lots, equity) if covers(equity, deficit) else equity
                self._charge(number, pool, owed)

    def _close_in_order(self, number: int, request: np.ndarray) -> None:
        """`_close` for a queue: the same, without ranking the market for every request."""
        state = self.model.state
        contract = int(state.bands[col.B_CONTRACT, request[col.M_ROW]])
        side = -1 if state.positions[col.P_LOTS, request[col.M_ROW]] > 0 else 1
        price = self._price(contract, int(request[col.M_PRICE]), side)
        loss = side * (int(state.contracts[col.C_MARK, contract]) - price) * int(state.contracts[col.C_UNIT, contract])
        if (contract, side) not in self.standings:
            self.standings[contract, side] = Standing(self.model, contract, side, self.ranking)
        whole = self.model.config.adl.filter == "solvency-overlap"
        chosen = self.standings[contract, side].choose(self.model.market, int(request[col.M_LEFT]), loss, whole)
        for each in chosen:
            self.model.make_room(2, 16)
            deleverage(self.model.market, number, each.row, each.lots, price, each.rank, each.lights, _bits(each.score))
            self.model.send_notice(each.row)
        accounts = state.positions[col.P_ACCOUNT, [each.row for each in chosen]].tolist()
        for standing in self.standings.values():
            standing.changed.update(dict.fromkeys(accounts))

    def _reduce(self, number: int, request: np.ndarray) -> None:
        """Against a pool: the named side closes at the mark, against the maker, so much that its profits fall by the amount named, or by
        less where lots are whole.
        """
        contract = int(self.model.state.bands[col.B_CONTRACT, request[col.M_ROW]])
        pool = self._candidates(contract, int(request[col.M_LOTS]), False)
        given = self.policy.allocate_micro(int(request[col.M_LEFT]), pool.table, pool.seen[PROFIT], self._draws(number))
        shares = zip(given.tolist(), np.abs(pool.seen[LOTS]).tolist(), pool.seen[PROFIT].tolist(), strict=True)
        chosen = np.array([part * held // profit for part, held, profit in shares], np.int64)
        for i, rank, shown, score in self._in_turn(pool, chosen):
            self.model.make_room(2, 16)
            deleverage(self.model.market, number, pool.seen[ROW, i], int(chosen[i]), int(request[col.M_PRICE]), rank, shown, score)
            self.model.send_notice(int(pool.seen[ROW, i]))

    def _debit(self, number: int, request: np.ndarray) -> None:
        """Wealth space: the position goes to the ring-fenced account at the mark, the deficit is debited from the chosen traders, or stays
        open where it is recoverable.
        """
        state, market, adl = self.model.state, self.model.market, self.model.config.adl
        contract = int(state.bands[col.B_CONTRACT, request[col.M_ROW]])
        side = -1 if state.positions[col.P_LOTS, request[col.M_ROW]] > 0 else 1
        self.model.make_room(1, 16)
        ring_fence(market, number)
        deficit = self._deficit(request, covered=self.fund_covers)
        pool = self._candidates(contract, side, adl.charge == "equity", both=adl.sides == "both")
        if not deficit or not len(pool) or adl.recall == "recoverable":
            return
        caps = np.maximum(pool.seen[EQUITY], 0) if adl.charge == "equity" else pool.endowments(self.policy.gains)
        deficit = self._raised(deficit, deficit, int(caps.sum()))
        self._charge(number, pool, self.policy.allocate_micro(deficit, pool.table, caps, self._draws(number)))

    def _charge(self, number: int, pool: Pool, chosen: np.ndarray) -> None:
        """Debit what each of the pool gives (micro)."""
        for i, rank, shown, score in self._in_turn(pool, chosen):
            self.model.make_room(2, 16)
            debit(self.model.market, number, pool.seen[ROW, i], int(chosen[i]), rank, shown, score)
            self.model.send_notice(int(pool.seen[ROW, i]))

    def _deficit(self, request: np.ndarray, covered: bool) -> int:
        """What an account still owes (micro), with `covered` beyond the fund's cash that others of this round do not need; not known, so 0,
        until its last position is gone.
        """
        state, account = self.model.state, int(request[col.M_ACCOUNT])
        first, count = state.accounts[col.A_FIRST, account], state.accounts[col.A_COUNT, account]
        if (state.positions[col.P_LOTS, first : first + count] != 0).any():
            return 0
        owed = max(-int(state.accounts[col.A_BALANCE, account]), 0)
        paid = min(owed, max(int(state.accounts[col.A_BALANCE, col.FUND]) - self.promised, 0)) if covered else 0
        self.promised += paid
        return owed - paid

    def _raised(self, amount: int, deficit: int, available: int) -> int:
        """What the severity rule raises now of `amount` (lots or micro) whose `deficit` is in micro; all where nobody loses by it."""
        if deficit <= 0:
            return amount
        budget = self.severity.budget(Round(deficit / 1e6, available / 1e6, self.fund_equity))
        return amount if budget >= deficit / 1e6 else ceil(amount * (budget / (deficit / 1e6)) * (1 - 1e-12))

    def _candidates(self, contract: int, side: int, losers: bool, both: bool = False, margins: bool = True) -> Pool:
        if self.model.config.adl.scope == "account":
            return accounts_of(self.model, contract, side, losers, everywhere=self.unit == "wealth")
        return positions_of(self.model, contract, side, losers, both=both, margins=margins)

    def _price(self, contract: int, bankruptcy: int, side: int) -> int:
        """Price (ticks) at which ADL closes positions on `side` (+1 long)."""
        mark, previous = (int(self.model.state.contracts[column, contract]) for column in (col.C_MARK, col.C_PREVIOUS))
        near = abs(bankruptcy - mark) <= NEAR * mark
        spread = -(-mark * round(self.model.config.adl.spread * col.NANO) // col.NANO)
        return {
            "bankruptcy": bankruptcy,
            "mark": mark,
            "previous-mark": previous,
            "bankruptcy-near-mark": bankruptcy if near else mark,
            "mark-capped": min(mark, bankruptcy) if side > 0 else max(mark, bankruptcy),
            "reference-spread": max(mark + side * spread, 1),
        }[self.model.config.adl.price]

    def _winners(self, pool: Pool) -> np.ndarray:
        """Row numbers of those who share the lights, in the order of the queue; the others are not ranked where that can be spared."""
        chosen = np.arange(len(pool)) if self.losers else np.flatnonzero(pool.seen[PROFIT] > 0)
        scores = pool.scores(self.ranking, chosen)
        return chosen[best_first(scores, pool.seen[IDENTITY, chosen])]

    def _queue(self, pool: Pool) -> tuple[np.ndarray, np.ndarray]:
        """Lights of the candidates and their place in the queue (1 = first)."""
        ranked = best_first(pool.scores(self.ranking), pool.seen[IDENTITY])
        place = np.empty(len(pool), np.int64)
        place[ranked] = np.arange(1, len(pool) + 1)
        return lights(ranked if self.losers else ranked[pool.seen[PROFIT][ranked] > 0], pool.seen[LOTS]), place

    def _in_turn(self, pool: Pool, chosen: np.ndarray) -> list[tuple[int, int, int, int]]:
        """Those who give something, in queue order: row, rank, lights, score (as bits)."""
        shown, rank = self._queue(pool)
        scores, who = pool.scores(self.ranking), np.flatnonzero(chosen > 0)
        return [(i, int(rank[i]), int(shown[i]), _bits(scores[i])) for i in who[np.argsort(rank[who], kind="stable")].tolist()]

    def _draws(self, number: int) -> Any:
        """Uniform draws of this request, keyed by identity."""
        clock, key = self.model.state.clock, self.model.key
        serial = int(clock[col.K_ROUND]) * 64 + number
        return lambda ids: uniforms(
            key, Stream.POLICY, name_word("policy"), np.asarray(ids) % 2**32, tick=int(clock[col.K_TICK]), draw=serial % 65_536
        )


def shrink(state: State, contract: int, side: int, before: int, closed: int) -> None:
    """Percolator's A of a side (+1 long) when ADL has closed some of its `before` lots: A <- floor(A (before - closed) / before)."""
    column = col.C_LEFT_LONG if side > 0 else col.C_LEFT_SHORT
    left = int(state.contracts[column, contract])
    state.contracts[column, contract] = left * (before - closed) // max(before, 1)


def _bits(score: float) -> int:
    """A real number as the integer that its 64 bits spell (how scores travel in the event log)."""
    return int(np.float64(score).view(np.int64))
