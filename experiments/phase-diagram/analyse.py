"""Maps of ADL over size and speed of the fall, and the collapse on one curve, from the runs of `adlabm sweep phase-diagram`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import below, line, means
from adlabm.reports.style import BLUE, GREEN, ORANGE, RED, styled
from adlabm.sweep.plan import Plan

HALF_LIFE_S = 30.0
COLOURS = {60.0: RED, 300.0: ORANGE, 1800.0: GREEN, 7200.0: BLUE}
MARKS = {0.01: "o", 0.025: "s", 0.05: "^"}


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Means by depth, size and span of the fall (seconds); `scaled` is the fall over what the book gives within 1 % of price."""
    size, span = (runs["treatment"].str.extract(r"^([\d.]+) in (\d+)$")[n].astype(float) for n in (0, 1))
    rows = runs[["depth.share", "seed"]].assign(
        size=size, span=span, adl=runs["adl_notional"] / runs["oi_start"], fall=runs["max_drawdown"], runaway=runs["runaway"].astype(float)
    )
    found = means(rows, ["depth.share", "size", "span"], ["adl", "fall", "runaway"])
    given = found["depth.share"] * (1 + found["span"] * np.log(2) / HALF_LIFE_S)
    return found.assign(book=given, scaled=found["size"] / given)


@styled
def draw(found: pd.DataFrame) -> Figure:
    """One map per depth: ADL over the size of the fall, a line per span."""
    figure = Figure(figsize=(10.4, 3.9), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    for axes, (depth, part) in zip(panels, found.groupby("depth.share"), strict=True):
        for span, colour in COLOURS.items():
            rows = part[part["span"] == span].sort_values("size")
            line(axes, 100 * rows["size"], rows, "adl", colour, f"over {span / 60:g} min")
            away = rows[rows["runaway"] > 0.5]
            axes.plot(100 * away["size"], 100 * away["adl"], "x", color="black", markersize=7)
        axes.set(title=f"book: {100 * depth:g} % of open interest within 1 %", xlabel="fall of the index, %")
    panels[0].set_ylabel("ADL over open interest, %")
    below(panels[0])
    count = found["populations"].max()
    figure.suptitle(
        f"Speed and depth decide ({count} populations, bars: 95 %; x: most runs are runaways)", x=0.01, ha="left", weight="bold"
    )
    return figure


@styled
def collapse(found: pd.DataFrame) -> Figure:
    """ADL against the fall over what the book gives in its time: one curve if refill is all there is to speed."""
    figure = Figure(figsize=(5.6, 4.2), layout="constrained")
    axes = figure.subplots()
    for (span, depth), rows in found.groupby(["span", "depth.share"]):
        axes.plot(
            rows["scaled"],
            100 * rows["adl"],
            MARKS[depth],
            color=COLOURS[span],
            label=f"{span / 60:g} min, {100 * depth:g} %",
            markersize=5,
        )
    axes.set(xscale="log", xlabel="fall / (depth x (1 + T ln 2 / half-life))", ylabel="ADL over open interest, %")
    axes.set_title("Refill alone does not put all depths on one curve")
    below(axes)
    return figure


def analysis(runs: pd.DataFrame, _: Plan) -> tuple[dict[str, pd.DataFrame], dict[str, Figure]]:
    """The map, and the attempt to bring it on one curve."""
    found = table(runs)
    return {"summary": found}, {"phase-diagram": draw(found), "collapse": collapse(found)}
