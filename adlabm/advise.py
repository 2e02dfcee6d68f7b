"""For the trader who asks: what would a crash do to this position, and which of the five measures would change it most?

A probe with the position and treated twins of it stand in the market of a scenario, many times over with other populations. All answers
hold for "a crash like this one"; how often such crashes come, nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from adlabm.errors import BadInput, unknown
from adlabm.kernels import columns as col
from adlabm.kernels.margin import refresh_bands
from adlabm.metrics.by_group import by_group
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.sweep.outcomes import frame
from adlabm.sweep.statistics import Effect, Interval, bca, paired, wilson

YOU, EXEMPT = "you", "you-exempt"
MEASURES: dict[str, tuple[str, Callable[[Position, list[str]], dict[str, Any]]]] = {
    "half-leverage": ("half the leverage", lambda it, _: {"leverage": {"rule": "fixed", "leverage": max(it.leverage / 2, 0.01)}}),
    "take-profits": ("close at a profit of 5 %", lambda *_: {"profit_taking": {"rule": "fixed", "target": 0.05}}),
    "half-size": ("half the position, the other half of the equity kept out", lambda it, _: {"equity": it.equity / 2}),
    "spread": ("the same notional over all contracts, one cross account", lambda _, all_: {"contracts": all_, "mode": "cross"}),
    "watch-lights": (
        "close 5 s after four lights",
        lambda *_: {"reaction": {"rule": "reduce", "lights": 4, "share": 1.0, "delay_s": 5.0}},
    ),
}
"""Name -> what it is, and the keys of the twin's group that it changes."""
RATES = ("hit_rate", "liquidated")
AMOUNTS = ("closed", "haircut", "wealth")


@dataclass(frozen=True)
class Position:
    """What is asked about: equity in quote currency, the entry price in that of the scenario (None: its opening price)."""

    side: str
    leverage: float
    equity: float
    contract: str = "BTCUSDT"
    venue: str = "generic"
    entry: float | None = None
    scenario: str = "crash"

    def market(self) -> Scenario:
        """The scenario with the probe and its twins, or one sentence on what cannot be."""
        base = Scenario.load(self.scenario, venue=self.venue)
        names = [each.name for each in base.contracts]
        if self.side not in ("long", "short"):
            raise unknown("side", self.side, ("long", "short"), "--side")
        if self.contract not in names:
            raise unknown("contract", self.contract, names, f"--contract (scenario {self.scenario!r})")
        most = base.tiers[0].max_leverage
        if not 0.01 <= self.leverage <= most:
            raise BadInput(f"--leverage is {self.leverage:g}, but must be from 0.01 to {most:g}, the highest of {self.venue}.")
        if not (1 <= self.equity <= 1e9):
            raise BadInput(f"--equity is {self.equity:g}, but must be from 1 to 1e9 (quote currency).")
        probe = {
            "name": YOU,
            "count": 1,
            "equity": float(self.equity),
            "mode": "isolated",
            "contracts": [self.contract],
            "pace_s": 1e8,
            "holding_s": 0.0,
            "long_share": 1.0 if self.side == "long" else 0.0,
            "signal": {"rule": "side"},
            "leverage": {"rule": "fixed", "leverage": float(self.leverage)},
        }
        twins = [{"name": name, "twin_of": YOU, **change(self, names)} for name, (_, change) in MEASURES.items()]
        twins = [{**probe, **each} for each in [*twins, {"name": EXEMPT, "twin_of": YOU, "exempt": True}]]
        data = base.resolved()
        fine = [{**each, "lot": min(Decimal(each["lot"]), Decimal("0.000001") / Decimal(each["tick"]))} for each in data["contracts"]]
        return Scenario.from_dict({**data, "contracts": fine, "traders": [*data["traders"], probe, *twins]}, "advise")


@dataclass(frozen=True)
class Measure:
    """What one measure changes: treated less untreated, with intervals over runs."""

    name: str
    words: str
    closed: Effect
    liquidated: Effect
    haircut: Effect
    wealth: Effect


@dataclass(frozen=True)
class Advice:
    """The answer: chances and amounts of the position as it is, what each measure changes, lights and prices tick by tick."""

    position: Position
    runs: int
    opening: float
    falls: Interval
    liquidated: Interval
    hit: Interval
    closed: Interval
    haircut: Interval
    wealth: Interval
    regret: Interval
    measures: list[Measure]
    lights: pd.DataFrame
    marks: pd.DataFrame

    @property
    def best(self) -> Measure | None:
        """The measure that changes the share closed by ADL most, downwards and beyond its interval."""
        helping = [each for each in self.measures if each.closed.high < 0]
        return min(helping, key=lambda each: (each.closed.estimate, each.name), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Everything but the curves, as JSON can hold it."""
        found = {key: value for key, value in asdict(self).items() if key not in ("lights", "marks")}
        curve = self.lights.mean(axis=1)
        return {**found, "best": self.best.name if self.best else None, "lights_by_minute": [round(each, 3) for each in curve.fillna(0.0)]}


class Watch:
    """Collects, after every tick, the lights and the mark that the position sees."""

    def __init__(self, model: AdlModel, contract: int) -> None:
        group = [each.name for each in model.config.traders].index(YOU)
        owner = int(np.flatnonzero(model.state.owners[col.O_GROUP] == group)[0])
        self.row, self.contract = int(model.state.owners[col.O_FIRST, owner]), contract
        self.lights, self.marks = list[float](), list[float]()

    def collect(self, model: AdlModel) -> None:
        """Note one tick; nan lights once the position is closed."""
        held = model.state.positions[col.P_LOTS, self.row] != 0
        self.lights.append(float(model.state.positions[col.P_LIGHTS, self.row]) if held else np.nan)
        self.marks.append(model.mark(self.contract))


def advise(position: Position, runs: int = 40, seed: int = 0, progress: Callable[[int, int], None] | None = None) -> Advice:
    """Run the crash `runs` times with other populations (seeds from `seed` on) and compare the position with its twins.

    Chances have Wilson, other means BCa intervals at 95 %, over runs.
    """
    market = position.market()
    contract = [each.name for each in market.contracts].index(position.contract)
    tables, watches = [], []
    for number in range(runs):
        model = AdlModel(market, rng=seed + number)
        if position.entry is not None:
            _enter_at(model, position.entry, contract)
        model.datacollector = watch = Watch(model, contract)
        found = model.run().tables()
        tables.append(by_group(*(frame(getattr(found, name)) for name in ("traders", "events", "series"))))
        watches.append(watch)
        if progress is not None:
            progress(number + 1, runs)
    rows = pd.concat(tables, keys=range(runs), names=["run", "group"])
    own = rows.xs(YOU, level="group")
    marks = pd.DataFrame({number: watch.marks for number, watch in enumerate(watches)})
    chances = {name: wilson(int(own[name].sum()), runs) for name in RATES}
    amounts = {name: bca(own[name]) for name in AMOUNTS}
    return Advice(
        position=position,
        runs=runs,
        opening=float(market.contracts[contract].price),
        falls=bca((1 - marks / marks.cummax()).max()),
        liquidated=chances["liquidated"],
        hit=chances["hit_rate"],
        **amounts,
        regret=bca(rows.xs(EXEMPT, level="group")["wealth"] - own["wealth"]),
        measures=[_measure(name, rows) for name in MEASURES],
        lights=pd.DataFrame({number: watch.lights for number, watch in enumerate(watches)}),
        marks=marks,
    )


def _measure(name: str, rows: pd.DataFrame) -> Measure:
    treated, own = rows.xs(name, level="group"), rows.xs(YOU, level="group")
    return Measure(name, MEASURES[name][0], *(paired(treated[key], own[key]) for key in ("closed", "liquidated", "haircut", "wealth")))


def _enter_at(model: AdlModel, price: float, contract: int) -> None:
    """Let the probe and its twins have entered the contract at `price`, with the equity they have."""
    spec, state = model.config.contracts[contract], model.state
    ticks = round(price / float(spec.tick))
    if not 0.1 <= price / float(spec.price) <= 10:
        raise BadInput(
            f"--entry is {price:g}, but the scenario opens at {spec.price:f}; give a price within a tenth and ten times of that."
        )
    mine = [n for n, group in enumerate(model.config.traders) if YOU in (group.name, group.twin_of)]
    owners = np.flatnonzero(np.isin(state.owners[col.O_GROUP], mine))
    for row in np.flatnonzero((state.bands[col.B_CONTRACT] == contract) & (state.positions[col.P_LOTS] != 0)):
        account = state.positions[col.P_ACCOUNT, row]
        if state.accounts[col.A_OWNER, account] in owners:
            change = int(state.positions[col.P_LOTS, row]) * ticks * spec.unit - int(state.positions[col.P_ENTRY, row])
            state.positions[col.P_ENTRY, row] += change
            state.accounts[col.A_BALANCE, account] += change
            state.clock[col.K_BALANCE] += change
            state.clock[col.K_ENTRY] += change
            refresh_bands(model.market, account)
