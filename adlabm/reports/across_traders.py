"""Figures across traders: lights against what happened, the burden by group, and how unequally it fell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType

from adlabm.metrics.concentration import lorenz as lorenz_points
from adlabm.reports.style import BLUE, DASHED, GREY, INK, ORANGE, RED, SKY, WIDE, WORDS, half, money_axis, percent_axis, styled
from adlabm.reports.tables import HORIZONS, View, lights, short
from adlabm.reports.words import percent


@styled
def lights_against_outcome(view: View) -> Figure:
    """Of the notional closed by ADL, the share whose holder saw 1 to 5 lights; each light is a fifth of the queue, so chance gives 20 %."""
    figure, axes = half()
    share = lights(view)
    colours = sns.light_palette(RED, n_colors=7)[2:]
    sns.barplot(
        x=[str(n) for n in share.index],
        y=share.to_numpy(),
        hue=[str(n) for n in share.index],
        palette=colours,
        saturation=1,
        legend=False,
        ax=axes,
        width=0.7,
    )
    axes.axhline(0.2, color=INK, lw=0.9, ls=":")
    axes.annotate("20 %: if lights meant nothing", (0.0, 0.2), (2, 4), ("axes fraction", "data"), textcoords="offset points", fontsize=8.5)
    for place, value in enumerate(share):
        axes.annotate(
            percent(value), (place, value), (0, 4), textcoords="offset points", ha="center", fontweight="bold", color=INK if value else GREY
        )
    axes.set_ylim(0, max(1.05 * share.max() + 0.06, 0.3))
    percent_axis(axes.yaxis)
    axes.set_xlabel("lights lit just before, of 5")
    axes.set_ylabel("share of what ADL closed")
    return figure


@styled
def burden(table: pd.DataFrame, what: str) -> Figure:
    """By group: who was hit, what was closed, haircut, markout. Rows of `tables.burden`, first at the bottom."""
    figure = Figure(figsize=(WIDE, 1.25 + 0.36 * len(table)), layout="constrained")
    hit, closed, haircut, markout = figure.subplots(1, 4, sharey=True, width_ratios=[1.5, 1, 1, 1.2])
    rows = np.arange(len(table))
    labels = [f"{label}  ({count:,.0f})" for label, count in zip(table.index, table["traders"], strict=True)]
    for axes in (hit, closed, haircut, markout):
        axes.grid(visible=True, axis="x")
        axes.grid(visible=False, axis="y")
        axes.spines["left"].set_visible(False)
    for column, colour, side in (("liquidated_share", ORANGE, 0.19), ("deleveraged_share", RED, -0.19)):
        hit.barh(rows + side, table[column], 0.34, color=colour)
        for row, value in zip(rows, table[column], strict=True):
            hit.annotate(
                percent(value) if value else "0",
                (value, row + side),
                (3, 0),
                textcoords="offset points",
                va="center",
                fontsize=7.5,
                color=INK if value else GREY,
            )
    hit.set_xlim(0, min(1.18, 1.25 * max(table[["liquidated_share", "deleveraged_share"]].to_numpy().max(), 0.04)))
    percent_axis(hit.xaxis)
    hit.set_yticks(rows, labels)
    hit.set_ylabel(f"{what} (traders)")
    hit.set_xlabel("share of traders")
    for place, (word, colour) in enumerate((("liquidated", ORANGE), ("deleveraged", RED))):
        hit.annotate(
            word,
            (0, 1),
            (76 * place, 7),
            "axes fraction",
            textcoords="offset points",
            color=WORDS.get(colour, colour),
            fontweight="bold",
            fontsize=9.5,
        )
    _lengths(closed, rows, table["adl_notional"], RED, short)
    money_axis(closed, "x")
    closed.set_title("closed by ADL")
    closed.set_xlabel("quote currency")
    _lengths(haircut, rows, table["haircut_bp"], "#B8860B", lambda value: f"{value:,.0f}")
    haircut.set_title("haircut")
    haircut.set_xlabel("bp of what was closed")
    _markouts(markout, rows, table)
    return figure


@styled
def lorenz(view: View) -> Figure:
    """How unequally ADL fell on the deleveraged, against equal shares and against a lottery among all who held a position."""
    figure, axes = half()
    taken = view.traders.loc[view.traders["adl_hits"] > 0, "adl_notional"].to_numpy(float)
    axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls=DASHED)
    axes.annotate(
        "equal shares", (0.42, 0.42), (0, 5), textcoords="offset points", rotation=33, rotation_mode="anchor", color=GREY, fontsize=8.5
    )
    curves: list[tuple[str, str, LineStyleType, tuple[np.ndarray, np.ndarray]]] = [
        (f"this run, Gini {view.number('gini_adl_notional'):.2f}", RED, "-", lorenz_points(taken))
    ]
    if (chance := lottery(view)) is not None:
        curves.append(("lottery", BLUE, (0, (1, 1.2)), chance))
    curves.sort(key=lambda curve: np.interp(0.75, *curve[3]))
    for rank, (label, colour, style, (x, y)) in enumerate(curves):
        axes.plot(x, y, color=colour, lw=1.9, ls=style)
        at = 0.80 if rank == 0 else 0.70
        below = rank == 0 and len(curves) > 1
        offset = (5, -3) if below else (-9, 3)
        axes.annotate(
            label,
            (at, np.interp(at, x, y)),
            offset,
            textcoords="offset points",
            ha="left" if below else "right",
            va="top" if below else "bottom",
            color=colour,
            fontsize=8.5,
        )
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="share of the deleveraged, least hit first", ylabel="share of what ADL closed")
    for axis in (axes.xaxis, axes.yaxis):
        percent_axis(axis)
    return figure


def lottery(view: View, draws: int = 200) -> tuple[np.ndarray, np.ndarray] | None:
    """Mean Lorenz curve if traders were drawn blindly and closed in full until as much was closed.

    Sizes are those at the start, equity x leverage; None where they do not suffice.
    """
    sizes = (view.traders["equity_start"] * view.traders["leverage_entry"]).dropna().to_numpy(float)
    sizes, total = sizes[sizes > 0], view.number("adl_notional")
    if sizes.sum() <= total or total <= 0:
        return None
    rng, grid = np.random.default_rng(0), np.linspace(0, 1, 101)
    curves = np.zeros_like(grid)
    for _ in range(draws):
        queue = rng.permutation(sizes)
        ends = np.cumsum(queue)
        count = int(np.searchsorted(ends, total)) + 1
        queue[count - 1] -= ends[count - 1] - total
        curves += np.interp(grid, *lorenz_points(queue[:count]))
    return grid, curves / draws


def _lengths(axes: Axes, rows: np.ndarray, values: pd.Series, colour: str, show: Callable[[float], str]) -> None:
    """Horizontal bars that carry their value."""
    filled = values.fillna(0.0).to_numpy(float)
    axes.barh(rows, filled, 0.55, color=colour)
    for row, value in zip(rows, values, strict=True):
        if np.isfinite(value) and value:
            axes.annotate(show(value), (max(value, 0.0), row), (3, 0), textcoords="offset points", va="center", fontsize=7.5)
    low, high = min(filled.min(), 0.0), max(filled.max(), 0.0)
    reach = (high - low) or 1.0
    axes.set_xlim(low - (0.05 * reach if low else 0.0), high + 0.32 * reach)
    axes.locator_params(axis="x", nbins=4)


def _markouts(axes: Axes, rows: np.ndarray, table: pd.DataFrame) -> None:
    """One dot per horizon: what the closed positions would have earned since."""
    shown = [
        (label, table[f"{name}_bp"], colour)
        for (name, (label, _)), colour in zip(HORIZONS.items(), (SKY, BLUE, INK), strict=True)
        if table[f"{name}_bp"].notna().any()
    ]
    axes.axvline(0, color=GREY, lw=0.8)
    top = max((row for row in rows if any(np.isfinite(values.iloc[row]) for _, values, _ in shown)), default=0)
    for _, values, colour in shown:
        axes.plot(values, rows, "o", color=colour, ms=5.5)
    ordered = sorted(
        ((values.iloc[top], label, colour) for label, values, colour in shown if np.isfinite(values.iloc[top])), key=lambda item: item[0]
    )
    for place, (value, label, colour) in enumerate(ordered):
        side = "center" if len(ordered) == 1 or 0 < place < len(ordered) - 1 else "right" if place == 0 else "left"
        shift = {"center": 0, "right": 5, "left": -5}[side]
        axes.annotate(
            f"{label} later", (value, top), (shift, 7), textcoords="offset points", ha=side, color=WORDS.get(colour, colour), fontsize=8
        )
    axes.set_ylim(-0.6, len(rows) - 0.3)
    axes.set_title("markout")
    axes.set_xlabel("missed since, bp of what was closed")
    axes.margins(x=0.2)
    axes.locator_params(axis="x", nbins=4)
    if not shown:
        axes.set_xticks([])
        axes.annotate(
            "the run ends before\nthe first horizon",
            (0.5, 0.5),
            xycoords="axes fraction",
            ha="center",
            va="center",
            color=GREY,
            fontsize=8.5,
        )
