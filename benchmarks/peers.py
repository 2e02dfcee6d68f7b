"""Other simulators, each run by a Python that has it: `PYTHON -m benchmarks.peers` prints one JSON object with what that Python holds.

Order books, in events a second. PAMS: 100 agents of Chiarella, Iori and Perello for 600 steps; events are orders and executions, agents'
decisions included. ABIDES: its configuration rmsc04 until 9:45; events are messages of all kinds.

Markets, in CPU nanoseconds per trader and tick: the yardstick market in AgentPy (`yardsticks/agentpy_market.py`) and mesa-frames
(`yardsticks/frames_market.py`).
"""

from __future__ import annotations

import json
import subprocess
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SIZES = {1_000: 30, 10_000: 10, 100_000: 5}
"""Ticks by number of traders."""


def pams(seed: int) -> tuple[int, float]:
    """Orders and executions, seconds."""
    import random

    from pams.logs import Logger
    from pams.runners import SequentialRunner

    class Count(Logger):
        events = 0

        def write(self, log) -> None:
            self.events += type(log).__name__ in ("OrderLog", "ExecutionLog", "CancelLog")

        def bulk_write(self, logs) -> None:
            for log in logs:
                self.write(log)

    session = {
        "sessionName": 0, "iterationSteps": 600, "withOrderPlacement": True, "withOrderExecution": True, "withPrint": False,
        "maxNormalOrders": 1,
    }  # fmt: skip
    settings = {
        "simulation": {"markets": ["Market"], "agents": ["Agents"], "sessions": [session]},
        "Market": {"class": "Market", "tickSize": 0.00001, "marketPrice": 300.0},
        "Agents": {
            "class": "FCNAgent", "numAgents": 100, "markets": ["Market"], "assetVolume": 50, "cashAmount": 10_000,
            "fundamentalWeight": {"expon": [1.0]}, "chartWeight": {"expon": [0.0]}, "noiseWeight": {"expon": [1.0]},
            "meanReversionTime": {"uniform": [50, 100]}, "noiseScale": 0.001, "timeWindowSize": [100, 200], "orderMargin": [0.0, 0.1],
        },
    }  # fmt: skip
    logger = Count()
    runner = SequentialRunner(settings=settings, prng=random.Random(seed), logger=logger)
    runner._setup()
    start = time.process_time()
    runner._run()
    return logger.events, time.process_time() - start


def abides(seed: int) -> tuple[int, float]:
    """Messages, seconds."""
    from abides_core import abides as run
    from abides_markets.configs import rmsc04

    config = rmsc04.build_config(seed=seed, end_time="09:45:00", log_orders=False, book_logging=False)
    start = time.process_time()
    end = run.run(config)
    return end["kernel"].ttl_messages if "kernel" in end else end["ttl_messages"], time.process_time() - start


def markets(sizes: dict[int, int]) -> dict[str, dict[int, float]]:
    """Nanoseconds per trader and tick, by number of traders, of the frameworks in which the yardstick market is written here too."""
    found = {}
    for name, file in (("AgentPy", "agentpy_market"), ("mesa-frames", "frames_market")):
        try:
            module = import_module(f"benchmarks.yardsticks.{file}")
        except ImportError:
            continue
        found[name] = {n: min(module.measure(n, ticks, seed) for seed in range(3)) for n, ticks in sizes.items()}
    return found


def books() -> dict[str, float]:
    """Order events a second."""
    found = {}
    for name, measure in (("PAMS", pams), ("ABIDES", abides)):
        try:
            found[name] = max(events / seconds for events, seconds in (measure(seed) for seed in range(3)))
        except ImportError:
            continue
    return found


def told(pythons: list[str]) -> tuple[dict[str, float], dict[str, dict[int, float]]]:
    """What the interpreters `pythons` answer: events a second, and nanoseconds by number of traders; names carry versions."""
    rates, costs = dict[str, float](), dict[str, dict[int, float]]()
    for python in pythons:
        done = subprocess.run([python, "-m", "benchmarks.peers"], cwd=ROOT, capture_output=True, text=True, check=True)
        answer = json.loads(done.stdout.splitlines()[-1])
        rates |= answer["books"]
        costs |= {name: {int(n): ns for n, ns in found.items()} for name, found in answer["markets"].items()}
    return rates, costs


def named(found: dict[str, Any]) -> dict[str, Any]:
    """With the versions in the names."""
    return {f"{name} {version(name)}": value for name, value in found.items()}


if __name__ == "__main__":
    print(json.dumps({"books": named(books()), "markets": named(markets(SIZES))}))
