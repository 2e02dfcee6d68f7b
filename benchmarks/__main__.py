"""`python -m benchmarks [--quick] [PYTHON ...]`: times every case in turns, one repetition of all before the next of any, prints the
tables and writes latest.json. Other Pythons are asked for the frameworks that they hold (`benchmarks/peers.py`).

Times are CPU time of this process, medians over the repetitions. On a busy machine single figures rise; ratios within a run stay
comparable.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import costs, engine, orderbook, peers, policies, process
from benchmarks.engine import YARDSTICK
from benchmarks.yardsticks import bandwidth, naive_mesa, sleeping, soa, tuned

LATEST = Path(__file__).with_name("latest.json")
SIZES = {1_000: 960, 10_000: 480, 100_000: 120, 1_000_000: 20}
"""Ticks by number of traders."""
SLOW = {1_000: 50, 10_000: 10, 100_000: 3}
"""The same for naive Mesa, which is not measured beyond."""
WATCHED = 60


@dataclass(frozen=True)
class Case:
    """One figure: `measure(seed)` gives nanoseconds per trader and tick."""

    name: str
    traders: int
    measure: Callable[[int], float]


def cases(sizes: dict[int, int], slow: dict[int, int]) -> list[Case]:
    """All cases, the slowest last."""
    found = []
    for n, ticks in sizes.items():
        for name, module in (("bandwidth", bandwidth), ("sleeping", sleeping), ("tuned", tuned), ("soa", soa)):
            found.append(Case(name, n, lambda seed, m=module, n=n, t=ticks: m.measure(n, t, seed)))
        for name, scenario in (("yardstick", YARDSTICK), ("calm", "calm")):
            found.append(Case(name, n, lambda seed, s=scenario, n=n, t=ticks: engine.measure(s, n, t, seed)))
    return found + [Case("naive mesa", n, lambda seed, n=n, t=ticks: naive_mesa.measure(n, t, seed)) for n, ticks in slow.items()]


def timed(plan: list[Case], repetitions: int) -> dict[tuple[str, int], list[float]]:
    """Nanoseconds of every repetition by case; seed 0 is run once before, and not counted, to load or compile what a case needs."""
    for name in dict.fromkeys(case.name for case in plan):
        next(case for case in plan if case.name == name).measure(0)
    found: dict[tuple[str, int], list[float]] = {(case.name, case.traders): [] for case in plan}
    for repetition in range(repetitions):
        for case in plan:
            found[case.name, case.traders].append(case.measure(repetition))
            _say(f"  {repetition + 1}/{repetitions} {case.name}, {case.traders:,} traders")
    return found


def speed_table(median: dict[tuple[str, int], float], sizes: dict[int, int], seen: dict[tuple[str, int], engine.Activity]) -> list[str]:
    """Lines: one per case and number of traders."""
    lines = [f"{'':12}{'traders':>10}{'ns':>10}{'awake':>8}{'turnover/day':>14}{'rounds/tick':>13}{'x naive':>9}{'x tuned':>9}"]
    for (name, n), ns in median.items():
        line = f"{name:12}{n:>10,}{ns:>10,.1f}"
        what = seen.get((name, n))
        line += f"{what.awake:>8.2%}{what.turnover:>14.2f}{what.rounds:>13.2f}" if what else " " * 35
        naive = median.get(("naive mesa", n))
        line += f"{naive / ns:>9.1f}" if naive and name != "naive mesa" else " " * 9
        lines.append(line + f"{median['tuned', n] / ns:>9.2f}")
    return lines


def other_costs(sizes: dict[int, int], repetitions: int) -> dict[str, Any]:
    """What `costs` measures: medians, and the curves of one seed."""

    def middle(measure: Callable[[int], float]) -> float:
        return round(statistics.median(measure(seed) for seed in range(repetitions)), 3)

    some = [n for n in sizes if n in (1_000, 100_000)]
    return {
        "crash_ns_per_trader_and_round": {n: middle(lambda seed, n=n: costs.crash(n, seed)) for n in some},
        "holding_ns_per_position": {n: middle(lambda seed, n=n, t=ticks: costs.holding(n, t, seed)) for n, ticks in sizes.items()},
        "recording_ns_per_value": {n: middle(lambda seed, n=n: costs.recording(n, 60, seed)) for n in some},
        "ns_of_pieces": costs.pieces(),
        "ns_by_contracts": costs.by_contracts(60, 0),
        "ns_by_share_awake": costs.by_waking(60, 0),
        "ns_by_events": costs.by_events(0),
        "two_processes_over_one": round(costs.two_processes(), 2),
        "order_events_per_s": {n: round(orderbook.alone(n)) for n in (1_000, 10_000, 100_000)},
    }


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:<60}", end="", file=sys.stderr, flush=True)


def main(quick: bool, pythons: list[str]) -> None:
    """Measure, print, write."""
    sizes = {n: max(ticks // 4, 5) for n, ticks in SIZES.items() if n <= 100_000} if quick else SIZES
    slow = {n: ticks for n, ticks in SLOW.items() if n <= 10_000} if quick else SLOW
    repetitions = 3 if quick else 5
    median = {case: statistics.median(values) for case, values in timed(cases(sizes, slow), repetitions).items()}
    seen = {
        (name, n): engine.activity(scenario, n, WATCHED) for n in sizes for name, scenario in (("yardstick", YARDSTICK), ("calm", "calm"))
    }
    runs = [engine.whole_run("calm", 1000, 1000, seed) for seed in range(repetitions)]
    made, run = (statistics.median(column) for column in zip(*runs, strict=True))
    memory = process.memory(max(sizes))
    starts = process.starts(2 if quick else 5)
    rules = policies.ratios(repetitions)
    more = other_costs(sizes, 1 if quick else 3)
    books, markets = peers.told(pythons)
    wall, cpu = ({name: statistics.median(pair[k] for pair in pairs) for name, pairs in starts.items()} for k in (0, 1))
    _say("")
    print("CPU nanoseconds per trader and tick (bandwidth: per row and pass of 32 bytes)")
    print("\n".join(speed_table(median, sizes, seen)))
    print(f"\ncalm, 1,000 traders x 1,000 ticks: {run:.1f} ms of CPU to run, {made:.1f} ms to make the model with its agents")
    print(f"memory, {max(sizes):,} traders with a position each: {memory['steady']:.0f} bytes a trader, {memory['peak']:.0f} at the peak")
    for name in wall:
        print(f"{name}: {wall[name]:.2f} s, {cpu[name]:.2f} s of CPU")
    for n, ns in more["crash_ns_per_trader_and_round"].items():
        print(f"crash, {n:,} traders: {ns:.1f} ns per trader and round, {ns / median['calm', n]:.2f} times a tick of calm")
    for n, ns in more["holding_ns_per_position"].items():
        print(f"nobody trades, {n:,} positions: {ns:.2f} ns, {ns / median['bandwidth', n]:.2f} times memory alone")
    for n, ns in more["recording_ns_per_value"].items():
        print(f"a panel of {n:,} traders: {ns:.1f} ns a value of 4 bytes")
    for name, ns in more["ns_of_pieces"].items():
        print(f"{name}: {ns:.1f} ns")
    print(f"two processes: {more['two_processes_over_one']:.2f} times one")
    for n, rate in (*more["order_events_per_s"].items(), *books.items()):
        print(f"order book, {n if isinstance(n, str) else f'{n:,} resting orders'}: {rate:,.0f} events/s")
    for name, found in markets.items():
        print(f"{name}, the yardstick market: " + ", ".join(f"{ns:,.0f} ns at {n:,}" for n, ns in found.items()))
    print("\nADL policies, time of one allocation over one argsort of the scores")
    for key, (n, ratio) in sorted(rules.items(), key=lambda each: each[1][1]):
        print(f"{key:26}{n:>10,} candidates{ratio:>10.1f}")
    found = report(median, seen, made, run, memory, wall, cpu, rules, repetitions, quick) | more
    found["peers"] = {"order_events_per_s": books, "ns_per_trader_and_tick": markets}
    LATEST.write_text(json.dumps(found, indent=1) + "\n")


def report(
    median: dict[tuple[str, int], float], seen: dict[tuple[str, int], engine.Activity], made: float, run: float, memory: dict[str, float],
    wall: dict[str, float], cpu: dict[str, float], rules: dict[str, tuple[int, float]], repetitions: int, quick: bool,
) -> dict[str, Any]:  # fmt: skip
    """The content of latest.json."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        **{name: version(name) for name in ("mesa", "numba", "numpy")},
        "repetitions": repetitions,
        "quick": quick,
        "ns_per_trader_and_tick": [{"case": name, "traders": n, "ns": round(ns, 3)} for (name, n), ns in median.items()],
        "activity": [{"case": name, "traders": n, **asdict(what)} for (name, n), what in seen.items()],
        "calm_1000_x_1000_ms": {"make": round(made, 2), "run": round(run, 2)},
        "bytes_per_trader": memory,
        "policies_over_argsort": {key: {"candidates": n, "ratio": round(ratio, 2)} for key, (n, ratio) in rules.items()},
        "start_wall_s": wall,
        "start_cpu_s": cpu,
    }


if __name__ == "__main__":
    main("--quick" in sys.argv[1:], [each for each in sys.argv[1:] if each != "--quick"])
