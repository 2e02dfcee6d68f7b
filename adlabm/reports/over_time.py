"""Figures over time: prices with the waterfall marked, the insurance fund, open interest."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from adlabm.reports.style import BLUE, GREEN, GREY, INK, ORANGE, RED, SKY, WIDE, clock, end_labels, half, money_axis, room, styled, thin
from adlabm.reports.tables import View

_LINES = (("mark", "mark", BLUE, 1.9, "-"), ("index", "index", GREY, 1.2, (0, (4, 2))), ("trade", "last trade", SKY, 0.9, "-"))
_STEPS = (("liquidation", "closed in the market", ORANGE), ("takeover", "taken over by the fund", SKY), ("adl", "deleveraged (ADL)", RED))


def window(view: View) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The stretch worth looking at: the cascade with as much before and after, or the whole run where the cascade fills a third of it."""
    whole = (view.start, view.series["at"].max())
    busy = view.events[view.events["kind"].isin([kind for kind, *_ in _STEPS]) & (view.events["notional"] > 0)].sort_values(
        "at", kind="stable"
    )
    if busy.empty:
        return whole
    done = busy["notional"].cumsum() / busy["notional"].sum()
    first, last = busy["at"][done >= 0.005].iloc[0], busy["at"][done >= 0.995].iloc[0]
    margin = max((last - first) * 0.75, pd.Timedelta(10 * view.tick_ms, "ms"))
    zoom = (max(whole[0], first - margin), min(whole[1], last + 1.5 * margin))
    return zoom if (zoom[1] - zoom[0]) < 0.6 * (whole[1] - whole[0]) else whole


@styled
def prices(view: View) -> Figure:
    """Mark, index and last trade of up to three contracts, and under them what the waterfall did, in quote currency per stretch of time."""
    names = view.contracts[:3]
    forced = bool(view.events.loc[view.events["kind"].isin([kind for kind, *_ in _STEPS]), "notional"].sum())
    heights = [3.0, *[1.7] * (len(names) - 1), *[1.7] * forced]
    figure = Figure(figsize=(WIDE, sum(heights) + 0.4), layout="constrained")
    panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights, squeeze=False)[:, 0]
    begin, end = window(view)
    for axes, name in zip(panels, names, strict=False):
        rows = view.series[(view.series["contract"] == name) & view.series["at"].between(begin, end)]
        for column, label, colour, width, style in _LINES:
            axes.plot(
                *thin(rows["at"], rows[column]),
                color=colour,
                lw=width if len(rows) < 2400 else 0.5 * width,
                ls=style,
                label=label,
                zorder=2 + width,
            )
        _shade(axes, view, name)
        axes.set_title(name)
        axes.set_ylabel("quote currency")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        _mark_lowest(axes, rows)
        room(axes, 0.10, 0.08)
    panels[0].legend(loc="upper right", frameon=False, fontsize=8.5, handlelength=1.6)
    _mark_firsts(panels[0], view, begin, end)
    if forced:
        _bars(panels[-1], view, begin, end)
    panels[-1].set_xlim(begin, end)
    clock(panels[-1])
    return figure


@styled
def fund(view: View) -> Figure:
    """Cash and equity (cash and inventory at the mark) of the insurance fund, against its start."""
    figure, axes = half()
    rows = _within(view.totals, view)
    start = view.number("fund_start")
    axes.plot(*thin(rows["at"], rows["fund_cash"]), color=GREY, lw=1.2, ls=(0, (4, 2)))
    axes.plot(*thin(rows["at"], rows["fund_equity"]), color=GREEN, lw=2)
    axes.axhline(start, color=INK, lw=0.8, ls=":")
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, start - 0.04 * abs(start)), max(high, start + 0.02 * abs(start)))
    if axes.get_ylim()[0] < 0 < axes.get_ylim()[1]:
        axes.axhline(0, color=RED, lw=0.8)
    last = rows.iloc[-1]
    end_labels(axes, [(last["fund_equity"], "equity", GREEN), (last["fund_cash"], "cash", GREY), (start, "start", INK)])
    return _over_time(figure, axes, view, "fund, quote currency")


@styled
def open_interest(view: View) -> Figure:
    """Open interest at the mark over all contracts, with and without what the maker holds."""
    figure, axes = half()
    rows = _within(view.totals, view)
    x, y = thin(rows["at"], rows["open_interest"])
    axes.fill_between(x, y, color=BLUE, alpha=0.10, lw=0)
    axes.plot(x, y, color=BLUE, lw=2)
    axes.plot(*thin(rows["at"], rows["open_interest_ex_maker"]), color=GREY, lw=1.2, ls=(0, (4, 2)))
    axes.set_ylim(bottom=0)
    last = rows.iloc[-1]
    end_labels(axes, [(last["open_interest"], "all", BLUE), (last["open_interest_ex_maker"], "without\nthe maker", GREY)], 0.12)
    return _over_time(figure, axes, view, "open interest, quote currency")


def _within(rows: pd.DataFrame, view: View) -> pd.DataFrame:
    return rows[rows["at"].between(*window(view))]


def _over_time(figure: Figure, axes: Axes, view: View, label: str) -> Figure:
    _shade(axes, view)
    axes.set_ylabel(label)
    axes.set_xlim(*window(view))
    money_axis(axes)
    clock(axes)
    return figure


def _shade(axes: Axes, view: View, contract: str | None = None) -> None:
    """A faint band over every tick with ADL."""
    adl = view.of_kind("adl")
    ticks = np.unique(adl["tick"] if contract is None else adl.loc[adl["contract"] == contract, "tick"])
    for stretch in np.split(ticks, np.flatnonzero(np.diff(ticks) > 1) + 1) if len(ticks) else []:
        edges = [view.start + pd.Timedelta(int(t) * view.tick_ms, "ms") for t in (stretch[0], stretch[-1] + 1)]
        axes.axvspan(*edges, color=RED, alpha=0.11, lw=0)


def _mark_lowest(axes: Axes, rows: pd.DataFrame) -> None:
    low = rows.loc[rows["mark"].idxmin()]
    axes.plot(low["at"], low["mark"], "o", color=BLUE, ms=4)
    fall = low["mark"] / rows["mark"].iloc[0] - 1
    axes.annotate(
        f"{low['mark']:,.6g}  ({100 * fall:+.1f} %)".replace("-", "\N{MINUS SIGN}"),
        (low["at"], low["mark"]),
        (3, -5),
        textcoords="offset points",
        va="top",
        fontsize=8.5,
        color=BLUE,
    )


def _mark_firsts(axes: Axes, view: View, begin: pd.Timestamp, end: pd.Timestamp) -> None:
    """First liquidation and first ADL, named at the top of the panel."""
    right = False
    for kind, label, colour in (("liquidation", "first liquidation", "#9A6A00"), ("adl", "first ADL", RED)):
        rows = view.of_kind(kind)
        if len(rows) and begin <= rows["at"].iloc[0] <= end:
            axes.axvline(rows["at"].iloc[0], color=colour, lw=0.9, ls=":")
            axes.annotate(
                f"{label} {rows['at'].iloc[0]:%H:%M}",
                (rows["at"].iloc[0], 1.0),
                (4 if right else -4, -2),
                ("data", "axes fraction"),
                textcoords="offset points",
                ha="left" if right else "right",
                va="top",
                fontsize=8.5,
                color=colour,
            )
            right = True


def _bars(axes: Axes, view: View, begin: pd.Timestamp, end: pd.Timestamp, most: int = 120) -> None:
    """Notional per stretch of time, stacked: market, fund, ADL."""
    ticks = max(1, round((end - begin) / pd.Timedelta(view.tick_ms, "ms")))
    width = pd.Timedelta(-(-ticks // most) * view.tick_ms, "ms")
    edges = pd.date_range(begin.floor("ms"), end + width, freq=width)
    base = np.zeros(len(edges) - 1)
    for kind, label, colour in _STEPS:
        rows = view.of_kind(kind)
        at = np.clip(rows["at"] - pd.Timedelta(1, "ms"), begin, end)
        height, _ = np.histogram(date2num(at), bins=date2num(edges), weights=rows["notional"].fillna(0.0))
        axes.bar(edges[:-1], height, width, bottom=base, align="edge", color=colour, label=label, lw=0)
        base += height
    money_axis(axes)
    seconds = width.total_seconds()
    span = next(
        f"{seconds / size:.3g} {word}" for size, word in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms")) if seconds >= size
    )
    axes.set_title("The waterfall: what became of liquidated positions")
    axes.set_ylabel(f"quote currency\nper {span}")
    axes.legend(loc="upper right", frameon=False, fontsize=8.5, handlelength=0.9)
