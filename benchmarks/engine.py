"""Measurements of adlabm inside this process: time of a stretch of ticks, and what happened in it."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.scenario import Scenario

YARDSTICK = Path(__file__).with_name("yardstick.toml")
WARM_UP = 20
DAY_S = 86_400


def scaled(name: str | Path, traders: int, ticks: int, *more: tuple[str, object]) -> Scenario:
    """A scenario with its groups, and a fund given in cash, scaled to a number of traders, then `more` of its settings changed."""
    scenario = Scenario.load(name)
    notional = [group.notional for group in scenario.traders if group.notional]
    if notional:  # a population by shares
        interest = sum(notional) / 2.0 * traders / sum(group.count for group in scenario.traders)
        return Scenario.load(name, sets=[("population", {"count": traders, "open_interest": interest}), ("ticks", ticks), *more])
    counts = np.array([group.count for group in scenario.traders])
    ends = np.floor(np.cumsum(counts) * (traders / counts.sum()) + 0.5).astype(int)
    sets: list[tuple[str, object]] = [(f"traders.{n}.count", int(count)) for n, count in enumerate(np.diff(ends, prepend=0))]
    if scenario.fund.cash is not None:
        sets.append(("fund.cash", scenario.fund.cash * traders / counts.sum()))
    return Scenario.load(name, sets=[*sets, ("ticks", ticks), *more])


def measure(name: str | Path, traders: int, ticks: int, seed: int = 0, *more: tuple[str, object]) -> float:
    """CPU nanoseconds per trader and tick over `ticks` ticks after a warm-up."""
    model = AdlModel(scaled(name, traders, WARM_UP + ticks, *more), rng=seed)
    for _ in range(WARM_UP):
        model.step()
    gc.collect()
    start = time.process_time()
    model.run()
    return (time.process_time() - start) / ticks / traders * 1e9


def whole_run(name: str | Path, traders: int, ticks: int, seed: int = 0) -> tuple[float, float]:
    """CPU milliseconds to make a model, and to run it to its end."""
    scenario = scaled(name, traders, ticks)
    gc.collect()
    start = time.process_time()
    model = AdlModel(scenario, rng=seed)
    made = time.process_time()
    model.run()
    return (made - start) * 1e3, (time.process_time() - made) * 1e3


@dataclass(frozen=True)
class Activity:
    """What happened in a stretch of ticks.

    Attributes:
        awake: share of traders whose clock rang or whose price band was left, mean over ticks.
        turnover: volume over open interest, per day.
        rounds: rounds per tick.
    """

    awake: float
    turnover: float
    rounds: float


def activity(name: str | Path, traders: int, ticks: int, seed: int = 0, *more: tuple[str, object]) -> Activity:
    """Watch a model tick by tick, after the warm-up; not timed."""
    model = AdlModel(scaled(name, traders, WARM_UP + ticks, *more), rng=seed)
    for _ in range(WARM_UP):
        model.step()
    woken = volume = interest = rounds = 0.0
    for _ in range(ticks):
        due, low, high = _asleep(model)
        model.step()
        state = model.state
        value = state.contracts[col.C_MARK] * state.contracts[col.C_UNIT]
        volume += float(state.contracts[col.C_VOLUME].sum())
        interest += float((state.contracts[col.C_LONG] * value).sum())
        rounds += int(state.clock[col.K_ROUND])
        mark = state.contracts[col.C_MARK, state.bands[col.B_CONTRACT]]
        left = (mark <= low) | (mark >= high)
        left[due] = True
        owner = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT, left]]
        woken += np.unique(owner[owner >= col.SPECIAL]).size
    days = ticks * model.config.tick_s / DAY_S
    return Activity(awake=woken / ticks / traders, turnover=volume / max(interest / ticks, 1.0) / days, rounds=rounds / ticks)


def _asleep(model: AdlModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows that will decide in the next round, and the price bands of all rows."""
    state = model.state
    due = state.work[col.W_ROW, : state.clock[col.K_DUE]].copy()
    return due, state.bands[col.B_LOW].copy(), state.bands[col.B_HIGH].copy()
