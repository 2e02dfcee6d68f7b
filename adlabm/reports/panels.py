"""What a market did, one panel each: drawn into given axes, so that a report and the live page show the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.typing import LineStyleType

from adlabm.reports.gauge import trigger_level
from adlabm.reports.style import (
    BLUE,
    BROWN,
    DASHED,
    GREEN,
    GREY,
    INK,
    ORANGE,
    RED,
    SKY,
    clock,
    end_labels,
    legend,
    money_axis,
    percent_axis,
    room,
    thin,
)
from adlabm.reports.tables import View, fall, short

_LINES: tuple[tuple[str, str, str, float, LineStyleType], ...] = (
    ("mark", "mark", BLUE, 1.9, "-"),
    ("index", "index", GREY, 1.2, DASHED),
    ("trade", "last trade", SKY, 0.9, "-"),
)
STEPS = (("liquidation", "closed in the market", ORANGE), ("takeover", "taken over by the fund", SKY), ("adl", "deleveraged (ADL)", RED))
_FALL = (BLUE, ORANGE, SKY, RED, INK)


def window(view: View) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The stretch worth looking at: the cascade with as much before and after, or the whole run where the cascade fills a third of it."""
    if view.live:
        first, last = view.series["at"].min(), view.series["at"].max()
        return first, max(last, first + pd.Timedelta(10 * view.tick_ms, "ms"))
    whole = (view.start, view.series["at"].max())
    busy = view.events[view.events["kind"].isin([kind for kind, *_ in STEPS]) & (view.events["notional"] > 0)].sort_values(
        "at", kind="stable"
    )
    if busy.empty:
        return whole
    done = busy["notional"].cumsum() / busy["notional"].sum()
    first, last = busy["at"][done >= 0.005].iloc[0], busy["at"][done >= 0.995].iloc[0]
    margin = max((last - first) * 0.75, pd.Timedelta(10 * view.tick_ms, "ms"))
    zoom = (max(whole[0], first - margin), min(whole[1], last + 1.5 * margin))
    return zoom if (zoom[1] - zoom[0]) < 0.6 * (whole[1] - whole[0]) else whole


def price(axes: Axes, view: View, contract: str) -> None:
    """Mark, index and last trade of one contract; ticks with liquidations carry a triangle, ticks with ADL are shaded."""
    rows = _within(view.series[view.series["contract"] == contract], view)
    for column, label, colour, width, style in _LINES:
        _line(axes, rows, column, colour, width if len(rows) < 2400 else 0.5 * width, style, label=label, zorder=2 + width)
    forced = rows[rows["liquidated"] > 0]
    if len(forced):
        axes.plot(forced["at"], forced["mark"], "v", color=ORANGE, ms=4, mew=0, label="liquidations", zorder=5)
    _shade(axes, view, contract)
    if len(rows) > 1:
        _mark_lowest(axes, rows, window(view))
    legend(axes, handlelength=1.6)
    room(axes, 0.10, 0.08)
    _finish(axes, view, contract, "quote currency")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")


def waterfall(axes: Axes, view: View, most: int = 120) -> None:
    """Notional per stretch of time, stacked: market, fund, ADL."""
    begin, end = window(view)
    ticks = max(1, round((end - begin) / pd.Timedelta(view.tick_ms, "ms")))
    width = pd.Timedelta(-(-ticks // most) * view.tick_ms, "ms")
    edges = date2num(pd.date_range(begin.floor("ms"), end + width, freq=width))
    base = np.zeros(len(edges))
    for kind, label, colour in STEPS:
        rows = view.of_kind(kind)
        at = np.clip(rows["at"] - pd.Timedelta(1, "ms"), begin, end)
        height, _ = np.histogram(date2num(at), bins=edges, weights=rows["notional"].fillna(0.0))
        top = base + np.append(height, 0.0)
        axes.fill_between(edges, base, top, step="post", color=colour, label=label, lw=0)  # `stairs` takes ten times as long
        base = top
    seconds = width.total_seconds()
    span = next(
        f"{seconds / size:.3g} {word}" for size, word in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms")) if seconds >= size
    )
    axes.set_ylim(0, max(1.05 * base.max(), 1.0))
    axes.set_title("What became of liquidated positions")
    axes.set_ylabel(f"quote currency per {span}")
    legend(axes, handlelength=0.9)
    money_axis(axes)
    axes.set_xlim(begin, end)
    clock(axes)


def fund(axes: Axes, view: View) -> None:
    """Cash and equity (cash and inventory at the mark) of the insurance fund, against its start and the level at which ADL begins."""
    rows, start, level = _within(view.totals, view), view.number("fund_start"), trigger_level(view)
    _line(axes, rows, "fund_cash", GREY, 1.2, DASHED)
    _line(axes, rows, "fund_equity", GREEN, 2)
    axes.axhline(start, color=INK, lw=0.8, ls=":")
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, start - 0.04 * abs(start)), max(high, start + 0.02 * abs(start)))
    last = rows.iloc[-1]
    labels = [(last["fund_equity"], "equity", GREEN), (last["fund_cash"], "cash", GREY), (start, "start", INK)]
    if level is not None and (level > 0 or axes.get_ylim()[0] < 0):
        axes.axhline(level, color=RED, lw=0.9)
        axes.set_ylim(bottom=min(axes.get_ylim()[0], level - 0.03 * abs(start)))
        labels.append((level, "ADL", RED))
    end_labels(axes, labels)
    _finish(axes, view, None, "fund, quote currency")
    money_axis(axes)


def open_interest(axes: Axes, view: View) -> None:
    """Open interest at the mark over all contracts, with and without what the maker holds."""
    rows = _within(view.totals, view)
    axes.fill_between(*thin(axes, rows["at"], rows["open_interest"]), color=BLUE, alpha=0.10, lw=0)
    _line(axes, rows, "open_interest", BLUE, 2)
    _line(axes, rows, "open_interest_ex_maker", GREY, 1.2, DASHED)
    axes.set_ylim(bottom=0)
    last = rows.iloc[-1]
    end_labels(axes, [(last["open_interest"], "all", BLUE), (last["open_interest_ex_maker"], "without\nthe maker", GREY)], 0.12)
    _finish(axes, view, None, "open interest, quote currency")
    money_axis(axes)


def depth(axes: Axes, view: View, contract: str) -> None:
    """Contracts within 1 % of the price: bids below, asks above."""
    rows = _within(view.series[view.series["contract"] == contract], view)
    for column, colour, style in (("depth_bid", BLUE, "-"), ("depth_ask", ORANGE, DASHED)):
        _line(axes, rows, column, colour, 1.6, style)
    axes.set_ylim(0, 1.25 * max(rows[["depth_bid", "depth_ask"]].to_numpy().max(), 1e-9))
    last = rows.iloc[-1]
    end_labels(axes, [(last["depth_bid"], "bids", BLUE), (last["depth_ask"], "asks", ORANGE)], 0.1)
    _finish(axes, view, contract, "contracts within 1 %")
    axes.set_title(f"Depth, {contract}" if len(view.contracts) > 1 else "")
    money_axis(axes)


def funding(axes: Axes, view: View, contract: str) -> None:
    """Premium of the price over the index, and the funding rate of an interval that follows from it."""
    rows = _within(view.series[view.series["contract"] == contract], view)
    axes.axhline(0, color=GREY, lw=0.8)
    _line(axes, rows, "premium", SKY, 1.1)
    _line(axes, rows, "funding_rate", BLUE, 1.8)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -2e-4), max(high, 2e-4))
    last = rows.iloc[-1]
    end_labels(axes, [(last["premium"], "premium", SKY), (last["funding_rate"], "funding", BLUE)], 0.1)
    _finish(axes, view, contract, "share of the index price")
    percent_axis(axes.yaxis, 2)


def last_event(axes: Axes, view: View) -> None:
    """The last tick with forced orders: position, what the market closed, what the fund took, what ADL closed, what nobody covered."""
    at, amounts = fall(view)
    labels = [name for name, _ in amounts]
    axes.barh(range(len(amounts)), [amount for _, amount in amounts], color=_FALL, height=0.62)
    for place, (_, amount) in enumerate(amounts):
        axes.annotate(
            short(amount), (amount, place), (4, 0), textcoords="offset points", va="center", fontsize=8.5, color=INK if amount else GREY
        )
    axes.set_yticks(range(len(amounts)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.3 * max(amounts[0][1], 1.0))
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_title(f"Last event, {at:%H:%M}" if at is not None else "Last event: none yet")


def mark_firsts(axes: Axes, view: View) -> None:
    """First liquidation and first ADL, named at the top of the panel."""
    begin, end = window(view)
    right = False
    for kind, label, colour in (("liquidation", "first liquidation", BROWN), ("adl", "first ADL", RED)):
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


def _within(rows: pd.DataFrame, view: View) -> pd.DataFrame:
    return rows[rows["at"].between(*window(view))]


def _line(axes: Axes, rows: pd.DataFrame, column: str, colour: str, width: float, style: LineStyleType = "-", **more: Any) -> None:
    """A line that keeps its peaks; a dot where there is a single point."""
    axes.plot(*thin(axes, rows["at"], rows[column]), color=colour, lw=width, ls=style, marker="o" if len(rows) == 1 else "", ms=4, **more)


def _finish(axes: Axes, view: View, contract: str | None, label: str) -> None:
    if contract is None:
        _shade(axes, view)
    else:
        axes.set_title(contract)
    axes.set_ylabel(label)
    axes.set_xlim(*window(view))
    clock(axes)


def _shade(axes: Axes, view: View, contract: str | None = None) -> None:
    """A faint band over every tick with ADL."""
    adl = view.of_kind("adl")
    ticks = np.unique(adl["tick"] if contract is None else adl.loc[adl["contract"] == contract, "tick"])
    for stretch in np.split(ticks, np.flatnonzero(np.diff(ticks) > 1) + 1) if len(ticks) else []:
        edges = [view.start + pd.Timedelta(int(t) * view.tick_ms, "ms") for t in (stretch[0], stretch[-1] + 1)]
        axes.axvspan(*edges, color=RED, alpha=0.11, lw=0)


def _mark_lowest(axes: Axes, rows: pd.DataFrame, shown: tuple[pd.Timestamp, pd.Timestamp]) -> None:
    low = rows.loc[rows["mark"].idxmin()]
    late = low["at"] - shown[0] > 0.8 * (shown[1] - shown[0])
    axes.plot(low["at"], low["mark"], "o", color=BLUE, ms=4)
    change = low["mark"] / rows["mark"].iloc[0] - 1
    axes.annotate(
        f"{low['mark']:,.6g}  ({100 * change:+.1f} %)".replace("-", "\N{MINUS SIGN}"),
        (low["at"], low["mark"]),
        (-3 if late else 3, -5),
        textcoords="offset points",
        ha="right" if late else "left",
        va="top",
        fontsize=8.5,
        color=BLUE,
    )
