"""The figure of docs/performance.md, from the last `make bench`."""

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
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    axes = figure.subplots()
    for case, (label, colour) in LINES.items():
        rows = sorted((row["traders"], row["ns"]) for row in found["ns_per_trader_and_tick"] if row["case"] == case)
        axes.plot(*zip(*rows, strict=True), marker="o", markersize=4, color=colour, label=label)
    axes.set(xscale="log", yscale="log", xlabel="traders", ylabel="CPU nanoseconds per trader and tick")
    figure.legend(loc="outside right upper", fontsize="small", frameon=False)
    return figure


if __name__ == "__main__":
    draw(json.loads((PLACE.parents[1] / "benchmarks" / "latest.json").read_text())).savefig(PLACE, dpi=110)
