"""The figures of docs/performance.md, from the last `make bench`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from adlabm.reports.style import BLUE, GREEN, GREY, INK, ORANGE, RED, SKY, styled

PLACE = Path(__file__).parents[1] / "docs" / "performance.png"
LINES = {
    "naive mesa": ("naive Mesa: an object a trader, everyone awake", RED),
    "soa": ("NumPy columns, everyone awake", ORANGE),
    "yardstick": ("adlabm, the same market", BLUE),
    "calm": ("adlabm, calm: many rules, two contracts", GREEN),
    "tuned": ("one compiled loop, simpler market, everyone awake", INK),
    "sleeping": ("sleepers and a stand-in for rules", SKY),
    "bandwidth": ("memory alone: 32 bytes a trader", GREY),
}
"""Case -> label and colour, from the slowest to the fastest."""


@styled
def draw(found: dict[str, Any]) -> Figure:
    """CPU nanoseconds per trader and tick against the number of traders, for every case of `benchmarks/latest.json`."""
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    axes = figure.subplots()
    for case, (label, colour) in LINES.items():
        rows = sorted((row["traders"], row["ns"]) for row in found["ns_per_trader_and_tick"] if row["case"] == case)
        axes.plot(*zip(*rows, strict=True), marker="o", markersize=4, color=colour, label=label)
    for (name, costs), style in zip(sorted(found["peers"]["ns_per_trader_and_tick"].items()), ("--", ":"), strict=False):
        axes.plot(
            [int(n) for n in costs], list(costs.values()), style, marker="s", markersize=4, color=GREY, label=f"{name}, everyone awake"
        )
    axes.set(xscale="log", yscale="log", xlabel="traders", ylabel="CPU nanoseconds per trader and tick")
    figure.legend(loc="outside right upper", fontsize="small", frameon=False)
    return figure


@styled
def draw_costs(found: dict[str, Any]) -> Figure:
    """What a tick costs against the number of contracts, the share of traders awake, and the events of the tick (10,000 traders)."""
    figure = Figure(figsize=(9, 3.0), layout="constrained")
    by_contracts, by_waking, by_events = figure.subplots(1, 3)
    contracts = {int(n): ns for n, ns in found["ns_by_contracts"].items()}
    by_contracts.plot(list(contracts), list(contracts.values()), marker="o", markersize=4, color=BLUE)
    by_contracts.set(xscale="log", yscale="log", xlabel="contracts, everyone trades all", ylabel="CPU ns per trader and tick")
    by_contracts.set_xticks(list(contracts), [str(n) for n in contracts], minor=False)
    by_contracts.minorticks_off()
    by_waking.plot(
        *zip(*((100 * share, ns) for share, ns in found["ns_by_share_awake"]), strict=True), marker="o", markersize=4, color=BLUE
    )
    by_waking.set(xscale="log", yscale="log", xlabel="traders awake, %")
    by_events.scatter(*zip(*((1 + n, ns) for n, ns in found["ns_by_events"]), strict=True), s=8, color=RED)
    by_events.set(xscale="log", yscale="log", xlabel="1 + events in a tick of crash")
    return figure


if __name__ == "__main__":
    latest = json.loads((PLACE.parents[1] / "benchmarks" / "latest.json").read_text())
    draw(latest).savefig(PLACE, dpi=110)
    draw_costs(latest).savefig(PLACE.with_name("performance-costs.png"), dpi=110)
