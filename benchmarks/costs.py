"""What makes a tick dear: cascades, contracts, events, waking; and what holding and recording cost by themselves. CPU time."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numba
import numpy as np

from adlabm.exchange.panel import COLUMNS, Panel
from adlabm.kernels import columns as col
from adlabm.kernels.mathx import log
from adlabm.kernels.philox import draw2
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from benchmarks import engine
from benchmarks.engine import YARDSTICK, scaled

TRADERS = 10_000
CONTRACTS = (1, 2, 4, 8, 16)
PACES_S = (100.0, 270.0, 1_000.0, 4_000.0, 16_000.0, 64_000.0)
NOBODY_TRADES = [("traders.0.pace_s", 1e9), ("traders.0.opening", 1.0), ("index.sigma", 0.2), ("price.formation", "external")]
RUNS = 6


def crash(traders: int, seed: int) -> float:
    """Nanoseconds per trader and round of `crash` as a whole, cascade and ADL included."""
    scenario = scaled("crash", traders, Scenario.load("crash").ticks)
    model = AdlModel(scenario, rng=seed)
    start = time.process_time()
    model.run()
    spent = time.process_time() - start
    return spent / rounds(AdlModel(scenario, rng=seed)) / traders * 1e9


def rounds(model: AdlModel) -> int:
    """Rounds of a whole run."""
    total = 0
    while model.running:
        model.step()
        total += int(model.state.clock[col.K_ROUND])
    return total


def holding(traders: int, ticks: int, seed: int) -> float:
    """Nanoseconds per position and tick while the mark moves and nobody trades: only the bands are read."""
    return engine.measure(YARDSTICK, traders, ticks, seed, *NOBODY_TRADES)


def recording(traders: int, ticks: int, seed: int) -> float:
    """Nanoseconds per value of a `Panel` of `calm`."""
    model, panel = AdlModel(scaled("calm", traders, ticks), rng=seed), Panel()
    panel.collect(model)
    spent = 0.0
    for _ in range(ticks):
        model.step()
        start = time.process_time()
        panel.collect(model)
        spent += time.process_time() - start
    return spent / ticks / traders / len(COLUMNS) * 1e9


def pieces(times: int = 1_000_000) -> dict[str, float]:
    """Nanoseconds of what no decision can do without: a pair of random numbers, and the logarithm of its next waiting time."""
    found = {}
    for name, piece in (("pair of random numbers", _draws), ("logarithm", _logarithms)):
        piece(2)
        start = time.process_time()
        piece(times)
        found[name] = (time.process_time() - start) / times * 1e9
    return found


@numba.njit
def _draws(times: int) -> float:
    total = 0.0
    for i in range(times):
        u, v = draw2(np.int64(i), np.int64(77), np.int64(5), np.int64(3), np.int64(123), np.int64(456))
        total += u + v
    return total


@numba.njit
def _logarithms(times: int) -> float:
    total = 0.0
    for i in range(1, times):
        total += log(i / times)
    return total


def by_contracts(ticks: int, seed: int) -> dict[int, float]:
    """Number of contracts -> nanoseconds per trader and tick of the yardstick market, everyone trading all of them."""
    found = {}
    for n in CONTRACTS:
        names = [f"YARD{number}" for number in range(n)]
        contracts = [{"name": name, "tick": "0.01", "lot": "0.01", "price": 100} for name in names]
        found[n] = engine.measure(YARDSTICK, TRADERS, ticks, seed, ("contracts", contracts), ("traders.0.contracts", names))
    return found


def by_waking(ticks: int, seed: int) -> list[tuple[float, float]]:
    """(share awake, nanoseconds per trader and tick) of the yardstick market, for different mean times between looks."""
    paces = [("traders.0.pace_s", pace) for pace in PACES_S]
    measures = (lambda *case: engine.activity(*case).awake, engine.measure)
    return [tuple(measure(YARDSTICK, TRADERS, ticks, seed, pace) for measure in measures) for pace in paces]


def by_events(seed: int) -> list[tuple[int, float]]:
    """(events, nanoseconds per trader) of every tick of `crash`."""
    AdlModel("crash", rng=seed).run()  # so that all code is loaded
    model = AdlModel(scaled("crash", TRADERS, Scenario.load("crash").ticks), rng=seed)
    spent = []
    while model.running:
        start = time.process_time()
        model.step()
        spent.append((time.process_time() - start) / TRADERS * 1e9)
    events = model.events_frame()["tick"].value_counts()
    return [(int(events.get(tick, 0)), ns) for tick, ns in enumerate(spent)]


def two_processes() -> float:
    """How many times the runs of `calm` a second that two processes do against one: wall time, which another load of the machine lowers."""
    wall = []
    for processes in (1, 2):
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            list(pool.map(_some_runs, [1] * processes))
            start = time.perf_counter()
            list(pool.map(_some_runs, [RUNS] * processes))
            wall.append(time.perf_counter() - start)
    return 2.0 * wall[0] / wall[1]


def _some_runs(runs: int) -> float:
    return float(np.sum([engine.whole_run("calm", 1000, 1000, seed) for seed in range(runs)]))
