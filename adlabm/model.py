"""AdlModel: a perpetual-futures market as a Mesa model.

`drive` is the order of a tick; this file is who is asked when the kernels cannot go on alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import mesa
import numpy as np
import pandas as pd

from adlabm.checkpoint import Checkpoint, put, take, turn
from adlabm.errors import BrokenConservation, Overflow, TooManyRounds
from adlabm.exchange.exchange import Exchange, Notice
from adlabm.exchange.records import Records, opening_rows
from adlabm.exchange.result import build_tables, summarise
from adlabm.kernels import columns as col
from adlabm.kernels.drive import drive
from adlabm.kernels.flow import trades_at_most
from adlabm.kernels.state import pack
from adlabm.ledger.accounts import opening_market
from adlabm.ledger.valuation import account_equity, balance_report, owner_sums
from adlabm.price.paths import Paths
from adlabm.scenario import Scenario
from adlabm.streams import RunKey
from adlabm.sweep.store import RunTables
from adlabm.traders.trader import Trader

REGISTERED = 20_000
GROWTH = 2
"""How many times what is asked for a log that is too short becomes."""
MOST_ROWS = 10_000_000
"""Events for which there is room in one round: 0.9 GB, and four times as much of a journal."""
FAULTS = {
    col.NOT_CONSERVED: "money was made or lost in an event (the identity of the ledger does not hold)",
    col.NOT_BALANCED: "the recount of the ledger differs from its running totals, or lots do not sum to zero",
    col.SLEEPER_BELOW_MAINTENANCE: "an account below its maintenance margin is not in liquidation",
    col.SLEEPER_PAST_EXIT: "a sleeping trader stands beyond its stop or profit target",
    col.BELOW_ZERO: "an account outside liquidation has negative equity",
    col.LOGS_FULL: "more happened in a round than its logs were made for",
}


class _Counters(WeakKeyDictionary[mesa.Model, Iterator[int]]):
    """Mesa 3.3 counts the agents of a model in a dictionary that keeps every model alive for good; this one lets them go."""

    def __getitem__(self, model: mesa.Model) -> Iterator[int]:
        if model not in self:
            self[model] = count(1)
        return super().__getitem__(model)


if hasattr(mesa.Agent, "_ids"):
    mesa.Agent._ids = _Counters()


class Collector(Protocol):
    """What looks at a model after every tick."""

    def collect(self, model: Any) -> None:
        """Look."""


class AdlModel(mesa.Model):
    """Heterogeneous leveraged traders on an exchange with margin, liquidation, insurance fund and auto-deleveraging.

    Args:
        scenario: a `Scenario`, the name of a shipped one, or the path of a TOML file.
        rng: seed, a whole number; same scenario, same seed, same events.
        check: test every promise at every event and tick, and keep a journal.
        traders: classes derived from `Trader`, by group name, for traders written in Python.
        datacollector: a `mesa.DataCollector`, a `Panel` or anything else with `collect(model)`, called after every tick.
        row_order: permutation of the traders' rows; results do not depend on it.
        paths: the exogenous side, where it is not the scenario's own.

    Example:
        >>> model = AdlModel("crash", rng=7)  # doctest: +SKIP
        >>> model.run().summary()["adl_traders"]  # doctest: +SKIP
    """

    def __init__(
        self,
        scenario: Scenario | str | Path = "calm",
        *,
        rng: int = 0,
        check: bool = False,
        traders: Mapping[str, type[Trader]] | None = None,
        datacollector: Collector | None = None,
        row_order: np.ndarray | None = None,
        paths: Paths | None = None,
    ) -> None:
        super().__init__(rng=int(rng))
        self.config = scenario if isinstance(scenario, Scenario) else Scenario.load(scenario)
        self.seed, self.check = int(rng), check
        self.key = RunKey.from_seed(self.seed)
        self.paths = paths or Paths(self.config, self.key)
        self.before = self.paths.copy()
        self.classes = classes = dict(traders or {})
        self.state = opening_market(self.config, self.key, self.paths, check=check, python=frozenset(classes), order=row_order)
        self.market = pack(self.state)
        self.opening = opening_rows(self.state) if check else np.zeros((0, 7), np.int64)
        self.state.owners[col.O_START] = owner_sums(self.state, account_equity(self.state))
        self.interest_start = self.open_interest
        self.by_identity = np.argsort(self.state.accounts[col.A_IDENTITY], kind="stable").astype(np.int32)
        self.records = Records()
        self.exchange = Exchange(self)
        self._kinds = [classes.get(group.name, Trader) for group in self.config.traders]
        self._traders: dict[int, Trader] = {}
        self._unread: dict[int, list[Notice]] = {}
        self._made = False
        if classes:
            self._make_agents()
        self.datacollector = datacollector
        if datacollector is not None:
            datacollector.collect(self)

    @property
    def agents(self) -> Any:
        """The exchange and the traders, made now; of more than 20,000 traders, those that were asked for or are written in Python."""
        self._make_agents()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """`agents` by their class."""
        self._make_agents()
        return super().agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """Classes of `agents`."""
        self._make_agents()
        return super().agent_types

    @property
    def tick(self) -> int:
        """Ticks completed."""
        return int(self.state.clock[col.K_TICK])

    @property
    def equity_start(self) -> np.ndarray:
        """Equity of every owner row at the opening, micro."""
        return self.state.owners[col.O_START]

    @property
    def open_interest(self) -> int:
        """Sum of long lots x mark over the contracts, the maker included (micro)."""
        c = self.state.contracts
        return int((c[col.C_LONG] * c[col.C_MARK] * c[col.C_UNIT]).sum())

    def mark(self, contract: int = 0) -> float:
        """Mark price of a contract, quote currency."""
        return int(self.state.contracts[col.C_MARK, contract]) * float(self.config.contracts[contract].tick)

    def step(self) -> None:
        """Advance by one tick."""
        self._advance(min(self.tick + 1, self.config.ticks))

    def run(self, progress: Callable[[int, int], None] | None = None) -> AdlModel:
        """Run to the end of the scenario; `progress(done, total)` is told about every 2 %."""
        total = self.config.ticks
        stride = 1 if self.datacollector is not None else max(total // 50, 1)
        while self.tick < total:
            self._advance(min(self.tick + stride, total))
            if progress is not None:
                progress(self.tick, total)
        self.steps = self.tick
        return self

    def checkpoint(self) -> Checkpoint:
        """All that the rest of this run depends on, as it stands between two ticks."""
        return take(self)

    @classmethod
    def restore(cls, saved: Checkpoint) -> AdlModel:
        """A model that goes on where the checkpoint was taken, byte for byte."""
        return put(cls(saved.scenario, rng=saved.seed, check=saved.check, traders=saved.classes), saved)

    def fork(self, futures: int) -> list[AdlModel]:
        """Models that share this one's past and have each its own noise from here on, so that a study pays the build-up once."""
        saved = self.checkpoint()
        return [turn(self.restore(saved), number) for number in range(futures)]

    def trader_at(self, row: int) -> Trader:
        """The agent that views an owner row, made when first asked for; then it is told what it would have been told."""
        if row not in self._traders:
            self._traders[row] = agent = self._kinds[int(self.state.owners[col.O_GROUP, row])](self, row)
            for notice in self._unread.pop(row, ()):
                agent.notified(notice)
        return self._traders[row]

    def trader(self, identity: int) -> Trader:
        """The trader with this identity (3 and up)."""
        return self.trader_at(int(np.flatnonzero(self.state.owners[col.O_IDENTITY] == identity)[0]))

    def traders_frame(self) -> pd.DataFrame:
        """One row per trader (and the maker), columns as in traders.parquet; money as exact decimals."""
        return self.tables().traders.to_pandas()

    def events_frame(self) -> pd.DataFrame:
        """One row per event, columns as in events.parquet."""
        return self.tables().events.to_pandas()

    def series_frame(self) -> pd.DataFrame:
        """One row per tick and contract, columns as in series.parquet."""
        return self.tables().series.to_pandas()

    def summary(self) -> dict[str, Any]:
        """The metrics of the run so far; money as exact decimals in quote currency."""
        return summarise(self)

    def tables(self) -> RunTables:
        """All outputs of the run so far."""
        return build_tables(self)

    def balance_report(self) -> dict[str, int]:
        """The ledger's identity, one row per named account (micro)."""
        return balance_report(self.state)

    def make_room(self, events: int, postings: int) -> None:
        """See to it that the logs can take so many records more: empty them; make them longer where that is not enough."""
        k, state = self.state.clock, self.state
        if not self.check:
            postings = 0
        if k[col.K_EVENTS] + events <= len(state.events) and k[col.K_JOURNAL] + postings <= len(state.postings):
            return
        self.records.take_logs(state)
        if events > len(state.events):
            state = state._replace(events=np.zeros((GROWTH * events, col.EVENT_COLUMNS), np.int64))
        if postings > len(state.postings):
            state = state._replace(postings=np.zeros((GROWTH * postings, col.JOURNAL_COLUMNS), np.int64))
        self.state, self.market = state, pack(state)

    def send_notice(self, row: int) -> None:
        """Hand the last notice in the log to the trader it concerns, or keep it for its agent."""
        last = self.state.events[self.state.clock[col.K_EVENTS] - 1]
        owner = int(self.state.accounts[col.A_OWNER, self.state.positions[col.P_ACCOUNT, row]])
        spec = self.config.contracts[int(last[col.E_CONTRACT])]
        notice = Notice(
            time_s=int(last[col.E_TIME]) / 1000,
            contract=spec.name,
            quantity=int(last[col.E_LOTS]) * float(spec.lot),
            price=int(last[col.E_PRICE]) * float(spec.tick),
            rank=int(last[col.E_RANK]),
            lights=int(last[col.E_LIGHTS]),
            paid=int(last[col.E_AMOUNT]) / 1e6,
        )
        if owner in self._traders:
            self._traders[owner].notified(notice)
        elif owner >= col.SPECIAL:
            self._unread.setdefault(owner, []).append(notice)

    def _advance(self, until: int) -> None:
        """Drive the kernels to tick `until`, answering what they ask."""
        while (wanted := drive(self.market, self.by_identity, until)) != col.DONE:
            if wanted == col.WANTS_ADL:
                self.exchange.deleverage()
            elif wanted == col.WANTS_PATH:
                self._next_chunk()
            elif wanted == col.WANTS_LIGHTS:
                self.exchange.refresh_lights()
            elif wanted == col.WANTS_SIGNALS:
                self._ask_python()
            elif wanted == col.WANTS_ROOM:
                self._grow_logs()
            else:
                self._fail()
        if self.datacollector is not None:
            self.datacollector.collect(self)
        self.running = self.tick < self.config.ticks

    def _next_chunk(self) -> None:
        """Hand over the series so far and fetch the next stretch of the exogenous path."""
        self.records.take_series(self.state)
        clock, first = self.state.clock, self.tick
        if first >= clock[col.K_PATH_TICK] + self.state.path.shape[1]:
            self.before = self.paths.copy()
            levels, depths, jumps = self.paths.chunk(first, self.paths.full_depth(self.state))
            self.state = self.state._replace(path=levels, depths=depths, jumps=jumps.astype(np.int64))
            clock[col.K_PATH_TICK] = first
            self.market = pack(self.state)

    def _grow_logs(self) -> None:
        """Give a round the room it asks for."""
        clock, trades = self.state.clock, int(trades_at_most(self.market))
        if 4 * trades > MOST_ROWS:
            raise Overflow(
                f"Tick {self.tick} of an order book could take {4 * trades:,} events, more than fit into memory; "
                "set a larger price.order or depth.half_life_s, or shorter ticks."
            )
        self.records.take_logs(self.state)
        self.make_room(int(clock[col.K_EVENTS_WANTED]), int(clock[col.K_POSTINGS_WANTED]))

    def _ask_python(self) -> None:
        """Let traders written in Python answer for their signal."""
        p, clock = self.state.positions, self.state.clock
        for j in self.state.work[col.W_PYTHON, : clock[col.K_PYTHON]]:
            agent = self.trader_at(int(self.state.accounts[col.A_OWNER, p[col.P_ACCOUNT, j]]))
            self.state.signals[j] = float(agent.decide(self.config.contracts[int(self.state.bands[col.B_CONTRACT, j])].name))

    def _make_agents(self) -> None:
        """Make the agents of all traders; of large populations, of those written in Python."""
        if not self._made:
            self._made = True
            groups = [n for n, group in enumerate(self.config.traders) if group.name in self.classes]
            own = self.state.owners[col.O_GROUP, col.SPECIAL :]
            for row in np.flatnonzero((len(own) <= REGISTERED) | np.isin(own, groups)).tolist():
                self.trader_at(col.SPECIAL + row)

    def _fail(self) -> None:
        fault = int(self.state.clock[col.K_ERROR])
        at = f"tick {self.tick}, round {int(self.state.clock[col.K_ROUND])}"
        if fault == col.OVERFLOW:
            raise Overflow(f"A position outgrew 64-bit money at {at}; use smaller equities, less leverage or larger lots.")
        if fault == col.TOO_MANY_ROUNDS:
            raise TooManyRounds(
                f"Tick {self.tick} needs more than max_rounds = {self.config.max_rounds} rounds; raise max_rounds or round_s."
            )
        raise BrokenConservation(f"A promise was broken at {at}: {FAULTS.get(fault, f'fault {fault}')}.")
