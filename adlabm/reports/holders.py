"""Figures of who holds what: both sides of the open interest, and every position by leverage, profit and lights."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from adlabm.reports.style import BLUE, DASHED, GREEN, GREY, INK, SKY, clock, money_axis, percent_axis, styled, thin
from adlabm.reports.tables import View, short

LIGHTS = ("#9AA0A6", "#0072B2", "#56B4E9", "#F0E442", "#E69F00", "#D55E00")
"""Colour of 0 to 5 lights (Okabe and Ito 2008), so that colour-blind readers tell them apart."""
_HOLDERS = {"traders": BLUE, "maker": GREY, "fund": GREEN, "ring-fenced": SKY}


def sides(axes: Axes, table: pd.DataFrame) -> None:
    """Who holds each side of the open interest: rows `long` and `short`, one column per kind of holder, quote currency."""
    base = np.zeros(len(table))
    for name, colour in _HOLDERS.items():
        if table[name].any() or name != "ring-fenced":
            axes.barh(table.index, table[name], 0.5, left=base, color=colour, label=name, lw=0)
            base += table[name].to_numpy()
    for place, whole in enumerate(base):
        axes.annotate(short(whole), (whole, place), (4, 0), textcoords="offset points", va="center", fontsize=8.5, color=INK)
    axes.set_xlim(0, 1.25 * max(base.max(), 1.0))
    axes.set_ylim(-0.6, 2.2)
    axes.grid(visible=False)
    axes.set_title("Open interest by side, now")
    axes.legend(loc="upper left", frameon=False, fontsize=8.5, handlelength=0.9, ncols=len(_HOLDERS), columnspacing=1.0)
    axes.set_xlabel("quote currency")
    axes.locator_params(axis="x", nbins=4)
    money_axis(axes, "x")


@styled
def positions(table: pd.DataFrame, width: float, followed: int | None = None, height: float = 5.2) -> tuple[Figure, np.ndarray]:
    """Every position as a point: leverage against profit, area by notional, colour by lights; winners above the line, losers below it.

    Args:
        table: `trader`, `leverage`, `profit`, `notional`, `lights`, as `Live.positions` gives it.
        width, height: inches.
        followed: the trader to ring.

    Returns:
        The figure, and the place of every row in it as shares of width and height from the top left, float64[n, 2].
    """
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0.7 / width, 0.5 / height, 1 - 0.85 / width, 1 - 1.1 / height))
    largest = max(table["notional"].max() if len(table) else 0.0, 1.0)
    area = 9.0 + 620.0 * np.round(table["notional"].to_numpy() / largest, 2)  # few sizes make a small picture
    x = table["leverage"].clip(0.1, 200.0).to_numpy()
    y = table["profit"].to_numpy()
    winners = y > 0
    lights = table["lights"].to_numpy(np.int64)
    axes.scatter(x[~winners], y[~winners], area[~winners], color=LIGHTS[0], marker="s", alpha=0.45, lw=0)
    for number in range(1, 6):
        chosen = winners & (lights == number)
        axes.scatter(x[chosen], y[chosen], area[chosen], color=LIGHTS[number], alpha=0.8, lw=0.4, edgecolor=INK)
    mine = table["trader"].to_numpy() == followed
    axes.scatter(x[mine], y[mine], area[mine] + 130, facecolor="none", edgecolor=INK, lw=2.0)
    axes.axhline(0, color=INK, lw=0.9)
    axes.set_xscale("log")
    axes.set_xlim(0.1, 200)
    axes.set_xticks([0.1, 0.3, 1, 3, 10, 30, 100], ["0.1x", "0.3x", "1x", "3x", "10x", "30x", "100x"])
    axes.minorticks_off()
    reach = max(float(np.abs(y).max()) if len(y) else 0.0, 0.02) * 1.1
    axes.set_ylim(-reach, reach)
    percent_axis(axes.yaxis, 0 if reach > 0.05 else 1)
    axes.set_xlabel("leverage: notional over the equity of the account")
    axes.set_ylabel("profit, share of the entry value")
    axes.annotate("winners", (0.005, 0.5), (0, 5), "axes fraction", textcoords="offset points", color=GREY, fontweight="bold")
    axes.annotate("losers", (0.005, 0.5), (0, -13), "axes fraction", textcoords="offset points", color=GREY, fontweight="bold")
    marks = [Line2D([], [], marker="o", ls="", ms=7, color=LIGHTS[n], mec=INK, mew=0.4, label=f"{n}") for n in range(1, 6)]
    marks.append(Line2D([], [], marker="s", ls="", ms=7, color=LIGHTS[0], alpha=0.6, label="loser"))
    figure.legend(
        handles=marks,
        loc="upper left",
        ncols=6,
        frameon=False,
        fontsize=8.5,
        title="ADL lights (5: first in the queue)",
        title_fontsize=8.5,
        alignment="left",
        handletextpad=0.1,
        columnspacing=1.0,
        borderaxespad=0.0,
    )
    spots = axes.transData.transform(np.column_stack([x, y])) / figure.bbox.size if len(table) else np.zeros((0, 2))
    return figure, np.column_stack([spots[:, 0], 1 - spots[:, 1]])


@styled
def followed(notes: pd.DataFrame, view: View, width: float) -> Figure:
    """One trader over time: equity and notional, and the lights it saw. `notes`: tick, equity, notional, lights."""
    figure = Figure(figsize=(width, 3.4), layout="constrained")
    money, lamps = figure.subplots(2, 1, sharex=True, height_ratios=[2.4, 1.0])
    at = view.start + pd.to_timedelta(notes["tick"] * view.tick_ms, unit="ms")
    alone = "o" if len(notes) == 1 else ""
    money.plot(*thin(money, at, notes["notional"]), color=GREY, lw=1.2, ls=DASHED, label="notional", marker=alone)
    money.plot(*thin(money, at, notes["equity"]), color=BLUE, lw=1.9, label="equity", marker=alone)
    money.set_ylabel("quote currency")
    money.set_ylim(bottom=min(0.0, float(notes["equity"].min())))
    money_axis(money)
    money.legend(loc="best", frameon=False, fontsize=8.5, ncols=2)
    each = max(1.5, 72 * (width - 0.9) / max(len(notes), 10))  # points, so that one tick touches the next
    for number in range(1, 6):
        shown = notes["lights"] == number
        lamps.vlines(at[shown], 0, number, color=LIGHTS[number], lw=each)
    lamps.set_ylim(0, 5.4)
    lamps.set_yticks([1, 3, 5])
    lamps.set_ylabel("lights")
    lamps.set_xlim(at.iloc[0], max(at.iloc[-1], at.iloc[0] + pd.Timedelta(10 * view.tick_ms, "ms")))
    clock(lamps)
    return figure
