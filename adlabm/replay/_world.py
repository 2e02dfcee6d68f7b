"""The market of a day: its baseline, the course on which the baseline follows the day, and other rules on the same course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, cached_property
from math import floor, log10
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from adlabm.laws import LogNormal
from adlabm.model import AdlModel
from adlabm.replay._course import Course
from adlabm.replay._target import Target
from adlabm.scenario import Scenario
from adlabm.sweep.store import RunTables

POPULATION = "oct10"
"""Scenario whose traders meet the day; only their leverage differs between crowds."""
CROWDS = {"crowd": (1.55, 0.80), "december": (1.31, 0.62), "bitmex": (3.2, 0.84)}
"""Log-normal leverage, mu and sigma: before 10 October 2025, fitted to that day itself (during); Hyperliquid in December 2025 (after);
BitMEX in 2018 and 2019. Source: market models 4.1."""
MODELLED = 0.35
"""Exponent with which makers withdraw: the asks of 10 October gave it to the scenario `oct10`."""
Sets = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Case:
    """A baseline, and how the fall is split between shock and impact.

    Attributes:
        venue: rules of the exchange.
        fund: start cash over open interest.
        crowd: a key of CROWDS.
        permanent: share of the impact of orders that stays.
        makers: exponent with which depth falls when volatility rises above the baseline's.
        population: seed of traders and noise.
    """

    venue: str
    fund: float
    crowd: str
    permanent: float
    makers: float
    population: int


@dataclass(frozen=True, eq=False)
class Seen:
    """A finished run, in floats and quote currency; shares are of the opening open interest.

    Attributes:
        tables: as written by `adlabm run`.
        level: exogenous level by tick.
    """

    tables: RunTables
    level: NDArray[np.float64]

    @cached_property
    def interest(self) -> float:
        """Open interest at the opening."""
        return float(self.tables.summary["oi_start"])

    def share(self, key: str) -> float:
        """A money value of the summary over open interest."""
        return float(self.tables.summary[key]) / self.interest

    @cached_property
    def mark(self) -> NDArray[np.float64]:
        """Mark price by tick."""
        return _numbers(self.tables.series["mark"])

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events that move positions or money."""
        names = ("time", "trader", "quantity", "mark", "bankruptcy_price", "amount")
        kind = self.tables.events["kind"].to_numpy(zero_copy_only=False)
        return pd.DataFrame({"kind": kind, **{name: _numbers(self.tables.events[name]) for name in names}})

    @cached_property
    def adl(self) -> pd.DataFrame:
        """The fills (or debits) of ADL."""
        return self.events[self.events["kind"] == "adl"]

    @cached_property
    def pnl(self) -> pd.Series:
        """Profit of every trader over the run, by identity."""
        return pd.Series(_numbers(self.tables.traders["pnl"]), _numbers(self.tables.traders["identity"]).astype(np.int64))

    @cached_property
    def forced(self) -> float:
        """Positions that left their owners through liquidation, sold or taken over, as a share of open interest."""
        gone = self.events[(self.events["kind"] == "takeover") & (self.events["trader"] > 0)]
        return self.share("liquidated_notional") + float((gone["quantity"].abs() * gone["mark"]).sum()) / self.interest


def scenario(target: Target, case: Case, sets: Sets = ()) -> Scenario:
    """The scenario of a baseline; `sets` change the rules."""
    mu, sigma = CROWDS[case.crowd]
    digits = floor(log10(target.opening))
    tick = Decimal(10) ** (digits - 6)
    law = {"law": "lognormal", "mu": mu, "sigma": sigma, "low": 1.01}
    return Scenario.load(
        POPULATION,
        sets=[
            ("venue", case.venue),
            ("ticks", target.ticks),
            ("tick_s", target.tick_s),
            ("start", datetime.fromtimestamp(target.start_ms / 1000, UTC).isoformat()),
            ("contracts.0.name", target.contract),
            ("contracts.0.tick", str(tick)),
            ("contracts.0.lot", str(Decimal(10) ** (2 - digits))),
            ("contracts.0.price", str(round(Decimal(target.opening) / tick) * tick)),
            ("depth.permanent", case.permanent),
            ("depth.withdrawal", case.makers),
            ("fund.share", case.fund),
            *((f"traders.{n}.leverage.leverage", law) for n in _crowd()),
            *sets,
        ],
    )


@cache
def _crowd() -> list[int]:
    """The groups of the population whose leverage is drawn from the crowd's law; hedgers have their own."""
    groups = Scenario.load(POPULATION).traders
    return [n for n, group in enumerate(groups) if isinstance(group.leverage.params["leverage"], LogNormal)]


def solve(target: Target, case: Case) -> tuple[Course, Seen]:
    """The course on which the baseline follows the day, and that run."""
    config = scenario(target, case)
    course = Course(target, config)
    return course, _run(config, course, case.population)


def follow(solved: Course, case: Case, sets: Sets) -> Seen:
    """Other rules on the same course, with the same traders and noise."""
    config = scenario(solved.target, case, sets)
    return _run(config, Course(solved.target, config, solved), case.population)


def unmoved(target: Target, case: Case) -> Seen:
    """The null model: the day's mark, which nobody moves."""
    config = scenario(target, case, [("price.formation", "external")])
    course = Course(target, config)
    course.level, course.steers = target.mark, False
    return _run(config, course, case.population)


def _run(config: Scenario, course: Course, seed: int) -> Seen:
    model = AdlModel(config, rng=seed, paths=course).run()
    seen = Seen(model.tables(), course.level)
    # Models and agents hold one another, and the collector does not see how large they are: hundreds of runs would fill the memory.
    del course.state, model.state, model.market
    return seen


def _numbers(column: Any) -> NDArray[np.float64]:
    return column.cast("float64").to_numpy(zero_copy_only=False)
