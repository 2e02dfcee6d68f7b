"""Figures of the market of a day."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adlabm.replay._course import Course
from adlabm.replay._market_tables import BASELINE, first_baseline
from adlabm.replay._study import Found
from adlabm.replay._target import Target
from adlabm.replay._world import Case, Seen
from adlabm.reports.style import BLUE, GREEN, GREY, INK, ORANGE, RED, SKY, clock, percent_axis, styled

COLOURS = (BLUE, ORANGE, GREEN, RED, SKY)


@styled
def day(target: Target, found: Found) -> Figure:
    """Mark and solved levels, depth, and forced sales, for the first population of the first baseline."""
    shown = first_baseline(found)
    time = pd.to_datetime(target.start_ms + (np.arange(target.ticks) + 1) * target.tick_s * 1000, unit="ms")
    figure = Figure(figsize=(10.4, 8.4), layout="constrained")
    axes = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 2))
    _levels(axes[0], time, target, shown)
    _depth(axes[1], time, target, shown)
    _forced(axes[2], target, shown)
    clock(axes[2])
    return figure


def _levels(axes: Axes, time: pd.DatetimeIndex, target: Target, shown: dict[Case, tuple[Course, Seen]]) -> None:
    axes.plot(time, target.mark, color=INK, lw=2.4, label="mark, real")
    for colour, (case, (course, run)) in zip(COLOURS, shown.items(), strict=False):
        axes.plot(time, run.mark, color="white", lw=0.6, zorder=2.1)
        axes.plot(time, course.level, color=colour, lw=1, zorder=3, label=f"level, {case.permanent:g} of the impact stays")
    high = max(target.mark.max(), target.opening)
    axes.set(ylabel="quote currency", ylim=(0.97 * target.mark.min(), 1.04 * high))
    axes.set_title("Mark and the exogenous levels that give it (white: the simulated marks)")
    axes.legend(frameon=False, ncols=2, fontsize=8)


def _depth(axes: Axes, time: pd.DatetimeIndex, target: Target, shown: dict[Case, tuple[Course, Seen]]) -> None:
    axes.set_title("Depth within 1 %, over its calm value")
    axes.set_yscale("log")
    if not target.measured:
        axes.text(0.5, 0.5, "no depth file: the modelled depth is used", transform=axes.transAxes, ha="center", color=GREY)
        return
    course = next(iter(shown.values()))[0]
    for side, (colour, name) in enumerate(((RED, "bids"), (GREEN, "asks"))):
        axes.plot(time, target.net[:, side], color=colour, lw=0.8, label=f"{name}, measured")
        axes.plot(time, course.gross[:, side], color=colour, lw=0.8, ls=":", label=f"{name}, gross")
    axes.legend(frameon=False, ncols=4, fontsize=8)


def _forced(axes: Axes, target: Target, shown: dict[Case, tuple[Course, Seen]]) -> None:
    for colour, (_, run) in zip(COLOURS, shown.values(), strict=False):
        events = run.events.assign(at=pd.to_datetime(target.start_ms + run.events["time"], unit="ms"))
        value = events["quantity"].abs() * events["mark"] / run.interest
        sold = (events["kind"] == "takeover") | ((events["kind"] == "liquidation") & events["quantity"].notna())
        for rows, style in ((sold, "-"), (events["kind"] == "adl", "--")):
            axes.step(events["at"][rows], value[rows].cumsum(), color=colour, ls=style, lw=1.2, where="post")
    axes.set_title("Cumulated, over open interest: liquidated and taken over (lines), deleveraged (dashes)")
    percent_axis(axes.yaxis)


@styled
def feedback(found: Found) -> Figure:
    """Fixed path against the answers with feedback, a row per policy, a panel per baseline."""
    groups = list(found.policies.groupby(BASELINE, sort=False))
    figure = Figure(figsize=(10.4, 7.6), layout="constrained")
    panels = figure.subplots(1, len(groups), squeeze=False)[0]
    for axes, (base, own) in zip(panels, groups, strict=True):
        own = own[~own["policy"].str.startswith("none")]
        order = own.groupby("policy")["overshoot_held"].median().sort_values().index
        place = pd.Series(np.arange(len(order)), order)
        for shift, (name, colour, label) in enumerate(
            (
                ("fixed_path", INK, "fixed path: transfer + drift"),
                ("overshoot_held", BLUE, "with feedback, against positions held"),
                ("overshoot_sold", RED, "with feedback, against positions sold"),
            )
        ):
            spread = 100 * own.groupby("policy")[name].quantile([0.0, 0.5, 1.0]).unstack()
            y = place[spread.index] + 0.25 * (shift - 1)
            axes.hlines(y, spread[0.0], spread[1.0], color=colour, lw=1.4, alpha=0.6)
            axes.plot(spread[0.5], y, "o", color=colour, ms=3.5, label=label)
        axes.set_yticks(place, order, fontsize=8)
        axes.axvline(0, color=GREY, lw=0.8)
        axes.grid(axis="x")
        axes.set(xlabel="loss beyond the deficit, % of open interest", title=f"{base[0]}, fund {base[1]:.1%}, {base[2]}")
    panels[0].legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, -0.17))
    return figure


@styled
def against_reality(predictions: pd.DataFrame) -> Figure:
    """Reported intervals (grey) and predicted ranges, one small panel per quantity."""
    names = list(dict.fromkeys(predictions["quantity"]))
    figure = Figure(figsize=(10.4, 1.2 + 1.9 * ((len(names) + 2) // 3)), layout="constrained")
    panels = figure.subplots((len(names) + 2) // 3, 3, squeeze=False).ravel()
    for axes, name in zip(panels, names, strict=False):
        rows = predictions[predictions["quantity"] == name].reset_index(drop=True)
        low, high = rows["reported_low"][0], rows["reported_high"][0]
        margin = 0.01 * max(abs(high), 1e-9)
        axes.axvspan(low - margin, high + margin, color="0.8")
        known = rows[rows["predicted"].notna()]
        axes.hlines(known.index, known["lowest"], known["highest"], color=BLUE, lw=2)
        axes.plot(known["predicted"], known.index, "o", color=BLUE, ms=4)
        axes.plot(rows["null"], rows.index, "x", color=RED, ms=5)
        axes.set_yticks(range(len(rows)), [f"{r.venue} {r.fund:.1%} {r.crowd}" for r in rows.itertuples()], fontsize=7)
        axes.set(ylim=(-0.7, len(rows) - 0.3))
        axes.set_title(name, fontsize=8.5)
        axes.grid(axis="x")
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    return figure
