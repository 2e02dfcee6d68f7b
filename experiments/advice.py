"""One figure for the five pieces of advice, from the effects in results/: for one trader, for everyone, and where each stops helping."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adlabm.reports.studies import RESULTS, below, dots
from adlabm.reports.style import BLUE, GREEN, GREY, ORANGE, RED, SKY, styled

STUDIES = {
    "own-leverage": ("x5", "half the leverage", BLUE),
    "prompt-profit-taking": ("take5", "profits at 5 %", ORANGE),
    "position-size": ("x100", "a hundredth the size", GREEN),
    "watch-the-lights": ("wait5", "close 5 s after four lights", RED),
}
SPREAD = ("ten coins, one cross account", SKY)
MARKETS = {"private": "correlation 0.9", "total": "cross crowds"}


def effects() -> pd.DataFrame:
    """The main arm of every study: kind, cell, measure, effect and interval.

    Smaller positions are the larger arm with its sign turned; when all halve theirs, what counts is what that does to a probe.
    """
    found = []
    for name, (main, label, _) in STUDIES.items():
        table = pd.read_csv(RESULTS / name / "effects.csv")
        table = table[table["arm"] == main]
        if name == "position-size":
            alone, all_ = table[table["kind"] == "private"], table[table["kind"] == "spillover"].assign(kind="total")
            table = pd.concat([alone.assign(effect=-alone["effect"], low=-alone["high"], high=-alone["low"]), all_])
        found.append(table.assign(label=label))
    spread = pd.read_csv(RESULTS / "diversify" / "effects.csv").query("mode == 'cross' and coins == 10")
    spread = spread[spread["market"] == spread["kind"].map(MARKETS)]
    cell = np.where(spread["adoption"] == 0, "generic", "adoption=" + spread["adoption"].map("{:g}".format))
    found.append(spread.assign(label=SPREAD[0], cell=cell))
    return pd.concat(found, ignore_index=True)


@styled
def draw(found: pd.DataFrame) -> Figure:
    """Three panels."""
    figure = Figure(figsize=(10.4, 8.4), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[1, 1.1])
    one, everyone = top.subplots(1, 2, sharey=True)
    labels = [*(label for _, label, _ in STUDIES.values()), SPREAD[0]]
    base = found[(found["kind"] == "private") & (found["cell"] == "generic")]
    _dots(one, base, labels, {"closed": RED, "liquidated": GREY, "wealth": GREEN})
    one.set(title="For one trader who follows (scenario crash)", xlabel="change against a twin, percentage points")
    all_ = found[(found["kind"] == "total") & (found["cell"] == "adoption=1")]
    _dots(everyone, all_, labels, {"closed": RED, "liquidated": GREY, "wealth": GREEN})
    everyone.set(title="For each when everyone follows", xlabel="change against nobody following, percentage points")
    below(one, 0.2)
    axes = bottom.subplots()
    for n, (_, label, colour) in enumerate(STUDIES.values()):
        rows = found[(found["label"] == label) & (found["kind"] == "private") & (found["measure"] == "closed")]
        share = pd.to_numeric(rows["cell"].str.extract(r"^call ([\d.]+)$", expand=False))
        rows = rows.assign(share=share)[share.notna()].sort_values("share")
        dots(axes, 100 * rows["share"] + 0.4 * n, rows, colour, label, fmt="o-")
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
    axes.set(title="Where each stops helping: the quantity to be closed is assigned", xlabel="% of the other side that is closed")
    axes.set_ylabel("change of the share closed, percentage points")
    below(axes, 0.14)
    figure.suptitle("Five pieces of advice against deleveraging (bars: 95 % over populations)", x=0.01, ha="left", weight="bold")
    return figure


def _dots(axes: Axes, rows: pd.DataFrame, labels: list[str], colours: dict[str, str]) -> None:
    for n, (measure, colour) in enumerate(colours.items()):
        part = rows[rows["measure"] == measure].set_index("label").reindex(labels)
        name = {"closed": "share closed by ADL", "liquidated": "liquidated", "wealth": "wealth over equity"}[measure]
        dots(axes, np.arange(len(labels)) + 0.2 * (n - 1), part, colour, name, across=True)
    axes.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.grid(axis="x")


if __name__ == "__main__":
    draw(effects()).savefig(RESULTS / "advice.png", dpi=130, facecolor="white", bbox_inches="tight")
