"""The exchange as a Mesa agent: the fund's books, and the ADL step of the waterfall, which asks the venue's policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from adlabm import registry
from adlabm.adl.candidates import Candidates
from adlabm.adl.lights import lights
from adlabm.adl.scores import find_score
from adlabm.adl.shares import best_first
from adlabm.kernels import columns as col
from adlabm.kernels.adl import SEEN_COLUMNS, debit, deleverage, gather, read_lights, ring_fence
from adlabm.kernels.margin import equity_of
from adlabm.streams import Stream, name_word, uniforms

if TYPE_CHECKING:
    from adlabm.model import AdlModel

ROW, IDENTITY, LOTS, ENTRY, EQUITY, WALLET, PROFIT, MARGIN, OPENED, OWN_MARGIN = range(SEEN_COLUMNS)


@dataclass(frozen=True)
class Notice:
    """What a deleveraged trader is told:

    contracts closed (signed change of its position), price, place in the queue, lights, and what it was paid (realised profit or, in
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
        self.policy = registry.find("policies", adl.policy)(**adl.params)
        self.unit = adl.unit or self.policy.unit
        self.ranking = getattr(self.policy, "ranking", find_score("generic"))
        self.losers = self.policy.losers

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
        for number, request in enumerate(requests):
            if self.unit == "wealth":
                if request[col.M_ACCOUNT] != col.FUND:
                    self._debit(number, request)
            else:
                self._close(number, request)

    def refresh_lights(self) -> None:
        """Show every holder its lights (5 = first in the queue), and let those whose reaction reads them look."""
        state = self.model.state
        state.positions[col.P_LIGHTS] = 0
        for contract in range(state.contracts.shape[1]):
            for side in (1, -1):
                seen = gather(self.model.market, contract, side, True)
                if not seen.shape[1]:
                    continue
                shown, _ = self._queue(seen, self._table(contract, seen))
                state.positions[col.P_LIGHTS, seen[ROW]] = shown
        read_lights(self.model.market)

    def _close(self, number: int, request: np.ndarray) -> None:
        """Contract space: cross what is left of the bankrupt position with the chosen traders."""
        state, market = self.model.state, self.model.market
        contract = int(state.positions[col.P_CONTRACT, request[col.M_ROW]])
        side = -1 if state.positions[col.P_LOTS, request[col.M_ROW]] > 0 else 1
        seen = gather(market, contract, side, self.losers)
        price = self._price(contract, int(request[col.M_PRICE]))
        if not seen.shape[1]:
            return
        table = self._table(contract, seen)
        held = np.abs(seen[LOTS])
        loss = side * (int(state.contracts[col.C_MARK, contract]) - price) * int(state.contracts[col.C_UNIT, contract])
        caps = np.minimum(held, np.maximum(seen[EQUITY], 0) // loss) if loss > 0 else held
        chosen = self.policy.allocate_lots(int(request[col.M_LEFT]), table, caps, self._draws(number), held)
        shown, rank = self._queue(seen, table)
        scores = self.ranking(table)
        for i in self._in_turn(chosen, rank):
            self.model.make_room(2, 16)
            deleverage(market, number, seen[ROW, i], int(chosen[i]), price, rank[i], int(shown[i]), _bits(scores[i]))
            self.model.send_notice(int(seen[ROW, i]))

    def _debit(self, number: int, request: np.ndarray) -> None:
        """Wealth space: the position goes to the ring-fenced account at the mark, the deficit is debited from the chosen traders."""
        state, market = self.model.state, self.model.market
        contract = int(state.positions[col.P_CONTRACT, request[col.M_ROW]])
        side = -1 if state.positions[col.P_LOTS, request[col.M_ROW]] > 0 else 1
        self.model.make_room(1, 16)
        ring_fence(market, number)
        account = int(request[col.M_ACCOUNT])
        first, count = state.accounts[col.A_FIRST, account], state.accounts[col.A_COUNT, account]
        if (state.positions[col.P_LOTS, first : first + count] != 0).any():
            return  # the deficit of a cross account is known once its last position has moved
        deficit = max(-int(state.accounts[col.A_BALANCE, account]), 0)
        seen = gather(market, contract, side, False)
        if not deficit or not seen.shape[1]:
            return
        table = self._table(contract, seen)
        caps = np.maximum(np.minimum(seen[PROFIT], seen[EQUITY]), 0)
        chosen = self.policy.allocate_micro(deficit, table, caps, self._draws(number))
        shown, rank = self._queue(seen, table)
        scores = self.ranking(table)
        for i in self._in_turn(chosen, rank):
            self.model.make_room(2, 16)
            debit(market, number, seen[ROW, i], int(chosen[i]), rank[i], int(shown[i]), _bits(scores[i]))
            self.model.send_notice(int(seen[ROW, i]))

    def _price(self, contract: int, bankruptcy: int) -> int:
        """Price (ticks) at which ADL closes."""
        contracts = self.model.state.contracts
        kind = self.model.config.adl.price
        return bankruptcy if kind == "bankruptcy" else int(contracts[col.C_MARK if kind == "mark" else col.C_PREVIOUS, contract])

    def _queue(self, seen: np.ndarray, table: Candidates) -> tuple[np.ndarray, np.ndarray]:
        """Lights of the candidates and their place in the queue (1 = first)."""
        ranked = best_first(self.ranking(table), table.id)
        winners = ranked if self.losers else ranked[seen[PROFIT][ranked] > 0]
        place = np.empty(len(table), np.int64)
        place[ranked] = np.arange(1, len(table) + 1)
        return lights(winners, seen[LOTS]), place

    @staticmethod
    def _in_turn(chosen: np.ndarray, rank: np.ndarray) -> np.ndarray:
        """Those who give something, in queue order."""
        who = np.flatnonzero(chosen > 0)
        return who[np.argsort(rank[who], kind="stable")]

    def _draws(self, number: int) -> Any:
        """Uniform draws of this request, keyed by identity."""
        clock, key = self.model.state.clock, self.model.key
        serial = int(clock[col.K_ROUND]) * 64 + number
        return lambda ids: uniforms(
            key, Stream.POLICY, name_word("policy"), np.asarray(ids) % 2**32, tick=int(clock[col.K_TICK]), draw=serial % 65_536
        )

    def _table(self, contract: int, seen: np.ndarray) -> Candidates:
        """The candidates as policies see them: contracts and quote currency."""
        spec, contracts = self.model.config.contracts[contract], self.model.state.contracts
        lot, tick, unit = float(spec.lot), float(spec.tick), int(contracts[col.C_UNIT, contract])
        lots, mark = seen[LOTS], int(contracts[col.C_MARK, contract])
        share = seen[EQUITY] * (seen[OWN_MARGIN] / np.maximum(seen[MARGIN], 1))
        return Candidates(
            id=seen[IDENTITY],
            quantity=lots * lot,
            entry_price=seen[ENTRY] / (lots * unit) * tick,
            mark_price=np.full(lots.size, mark * tick),
            equity=seen[EQUITY] / 1e6,
            wallet=seen[WALLET] / 1e6,
            pnl=seen[PROFIT] / 1e6,
            maintenance_margin=seen[MARGIN] / 1e6,
            opened_at=seen[OPENED],
            account=seen[IDENTITY],
            contract=np.full(lots.size, contract),
            bankruptcy_price=(mark - share / (lots * unit)) * tick,
        )


def _bits(score: float) -> int:
    """A real number as the integer that its 64 bits spell (how scores travel in the event log)."""
    return int(np.float64(score).view(np.int64))
