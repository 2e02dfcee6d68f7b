"""Runs the battery: populations times seeds of the scenario, the same of its null model, and real prices where there are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adlabm.data.where import locate
from adlabm.errors import BadInput
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.validate.gates import GATES, Gate
from adlabm.validate.observed import Observed, of_files, of_run

REAL = "btcusdt_mark_5m"
NULL = ("price.formation", "external")
PASS, WARN = 0.9, 0.5
DAY_S = 86_400
WARM_UP_DAYS = 3
"""Discarded: positions open at their full size, and it takes days until they are as traders hold them (market models 6.2)."""
SHORTEST_DAYS = 3 + WARM_UP_DAYS


@dataclass(frozen=True)
class Found:
    """A gate's values: `runs` float64[populations, seeds] of the scenario, `null` of its null model, `real` of real prices."""

    gate: Gate
    runs: np.ndarray
    null: np.ndarray
    real: float
    label: str

    @property
    def middle(self) -> float:
        """Median over all runs that have a value."""
        return float(np.nanmedian(self.runs)) if not np.isnan(self.runs).all() else math.nan

    @property
    def over_seeds(self) -> tuple[float, float]:
        """Mean over populations of the 5 and 95 % quantiles of their seeds."""
        return (
            _band(np.nanquantile(self.runs, [0.05, 0.95], axis=1, method="nearest").mean(axis=1))
            if self._complete
            else (math.nan, math.nan)
        )

    @property
    def over_populations(self) -> tuple[float, float]:
        """5 and 95 % quantiles of the populations' medians."""
        return (
            _band(np.nanquantile(np.nanmedian(self.runs, axis=1), [0.05, 0.95], method="nearest"))
            if self._complete
            else (math.nan, math.nan)
        )

    @property
    def _complete(self) -> bool:
        return not np.isnan(self.runs).all(axis=1).any()

    @property
    def verdict(self) -> str:
        """pass: at least 90 % of the runs lie in the band; warn: at least half; fail: fewer; none: there is nothing to measure."""
        return self._judged(self.runs)

    @property
    def null_verdict(self) -> str:
        """The same of the null model."""
        return self._judged(self.null)

    def _judged(self, values: np.ndarray) -> str:
        known = values[~np.isnan(values)]
        if not len(known):
            return "none"
        share = np.mean([self.gate.holds(each) for each in known])
        return "pass" if share >= PASS else "warn" if share >= WARN else "fail"

    @property
    def counts(self) -> bool:
        """Whether a pass is evidence: the gate is emergent, there is something to measure, and the null model does not pass it."""
        return self.label == "emergent" and self.verdict != "none" and self.null_verdict not in ("pass", "warn")


def _band(pair: np.ndarray) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


@dataclass(frozen=True)
class Report:
    """The battery of one scenario."""

    scenario: str
    days: float
    populations: int
    seeds: int
    found: tuple[Found, ...]
    real: str

    @property
    def evidence(self) -> list[Found]:
        """The gates that count."""
        return [each for each in self.found if each.counts]


def validate(
    scenario: str | Path = "calm",
    *,
    populations: int = 4,
    seeds: int = 3,
    sets: tuple[str, ...] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Measure the stylised facts of a scenario.

    A population is a seed of the run; its seeds are futures with other noise but the same traders (`AdlModel.fork`). The null model is the
    same market with ``price.formation = external``: same index, same traders, nobody moves the price.

    Args:
        scenario: name, or path of a TOML file; at least six days long, of which the first three are not measured.
        populations, seeds: at least 2 each.
        sets: changes such as "ticks=14400".
        progress: called with (runs done, runs in all).

    Source: market models 5.1; measurement 16. Real prices are looked for in the data folder.
    """
    if populations < 2 or seeds < 2:
        raise BadInput(f"There are {populations} populations of {seeds} seeds; an interval needs at least 2 of each.")
    market, null = (Scenario.load(scenario, sets=[*sets, *more]) for more in ((), (NULL,)))
    days = market.ticks * market.tick_s / DAY_S
    if days < SHORTEST_DAYS:
        raise BadInput(
            f"{scenario} lasts {days:.2g} days; the battery needs at least {SHORTEST_DAYS}: take calm, or more ticks with --set ticks=..."
        )
    done, total = 0, 2 * populations * seeds
    values: list[list[list[Observed]]] = []
    for config in (market, null):
        kind: list[list[Observed]] = []
        for population in range(populations):
            kind.append([])
            for future in AdlModel(config, rng=population).fork(seeds):
                kind[-1].append(of_run(future.run(), WARM_UP_DAYS * DAY_S))
                done += 1
                if progress is not None:
                    progress(done, total)
        values.append(kind)
    moved, still = values
    real, named = _real()
    process = market.index.process
    found = [
        Found(gate, _measured(gate, moved), _measured(gate, still), gate.measure(real) if real else math.nan, gate.label(process))
        for gate in GATES
    ]
    return Report(str(scenario), days, populations, seeds, tuple(found), named)


def _measured(gate: Gate, kind: list[list[Observed]]) -> np.ndarray:
    return np.array([[gate.measure(each) for each in population] for population in kind], float)


def _real() -> tuple[Any, str]:
    """Real 5-minute mark prices, and what they are."""
    try:
        folder = locate(REAL)
    except BadInput:
        return None, f"no real prices: {REAL} is not in the data folder (adlabm data where)"
    files = sorted(folder.glob("*.zip")) + sorted(folder.glob("*.csv"))
    return of_files(files), f"Binance BTCUSDT mark price, 5 minutes, {len(files)} days ({REAL}; source: Binance public data)"
