"""Two markets that share seed and noise, side by side: prices, who pays, and on how few it falls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType

from adlabm.metrics.concentration import lorenz
from adlabm.reports.panels import window
from adlabm.reports.style import (
    BLUE,
    DASHED,
    GREY,
    INK,
    ORANGE,
    RED,
    clock,
    end_labels,
    grid_figure,
    legend,
    money_axis,
    percent_axis,
    styled,
    thin,
)
from adlabm.reports.tables import View, by_leverage

World = tuple[View, str, str, LineStyleType]
"""A run, its name, its colour, its style of line."""

A, B = BLUE, ORANGE


@styled
def two_worlds(first: View, second: View, names: tuple[str, str], width: float) -> Figure:
    """One figure `width` inches wide: both marks; the difference in who pays; closed by ADL so far; funds; Lorenz; haircut by leverage."""
    figure, (top, paid, closed, funds, shares, cuts) = grid_figure(width, 2, 4)
    pair = tuple(zip((first, second), names, (A, B), ("-", DASHED), strict=True))
    _marks(top, pair)
    for axes, title, column in ((closed, "Closed by ADL so far", "deleveraged"), (funds, "Insurance fund", "fund_equity")):
        labels = []
        for view, name, colour, style in pair:
            line = view.totals[column].cumsum() if column == "deleveraged" else view.totals[column]
            axes.plot(*thin(axes, view.totals["at"], line), color=colour, lw=1.7, ls=style)
            labels.append((float(line.iloc[-1]), name, colour))
        axes.set_title(title)
        _over_time(axes, first)
        end_labels(axes, [(y, "A" if colour == A else "B", colour) for y, _, colour in labels], 0.1)
    _difference(paid, first, second)
    _lorenz(shares, pair)
    _haircuts(cuts, first, second)
    return figure


def payments(view: View) -> pd.DataFrame:
    """Who has paid so far, by tick, quote currency: `deleveraged` (haircut), `fund` (what it lost), `nobody` (uncovered loss)."""
    totals = view.totals.set_index("tick")
    by_tick = {
        name: view.of_kind(kind).groupby("tick")["amount"].sum().reindex(totals.index, fill_value=0.0).cumsum()
        for name, kind in (("deleveraged", "adl"), ("nobody", "uncovered_loss"))
    }
    return pd.DataFrame({**by_tick, "fund": view.number("fund_start") - totals["fund_equity"], "at": totals["at"]})


def _marks(axes: Axes, pair: Sequence[World]) -> None:
    contract = pair[0][0].contracts[0]
    for view, name, colour, style in pair:
        rows = view.series[view.series["contract"] == contract]
        axes.plot(
            *thin(axes, rows["at"], rows["mark"]), color=colour, lw=1.8, ls=style, label=name, marker="o" if len(rows) == 1 else "", ms=4
        )
    axes.set_title(f"Mark of {contract}")
    legend(axes, handlelength=1.8)
    _over_time(axes, pair[0][0])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")


def _difference(axes: Axes, first: View, second: View) -> None:
    a, b = payments(first), payments(second)
    labels = []
    for name, colour in (("deleveraged", RED), ("fund", BLUE), ("nobody", INK)):
        gap = (b[name] - a[name]).dropna()
        axes.plot(*thin(axes, a["at"].loc[gap.index], gap), color=colour, lw=1.6)
        labels.append((float(gap.iloc[-1]) if len(gap) else 0.0, name, colour))
    axes.axhline(0, color=GREY, lw=0.8)
    axes.set_title("Who pays more in B than in A")
    _over_time(axes, first)
    end_labels(axes, labels, 0.13)


def _lorenz(axes: Axes, pair: Sequence[World]) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls=DASHED)
    for view, _, colour, style in pair:
        hit = view.traders[view.traders["adl_hits"] > 0]
        taken = hit["adl_notional" if hit["adl_notional"].any() else "haircut"].clip(lower=0).to_numpy(float)  # in wealth space money alone
        if taken.sum() > 0:
            axes.plot(*lorenz(taken), color=colour, lw=1.8, ls=style, label=f"{'A' if colour == A else 'B'}, {len(taken)} traders")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="share of the deleveraged, least hit first")
    axes.set_title("On how few ADL fell")
    for axis in (axes.xaxis, axes.yaxis):
        percent_axis(axis)
    if len(axes.lines) > 1:
        axes.legend(loc="upper left", frameon=False, fontsize=8.5, handlelength=1.8)


def _haircuts(axes: Axes, first: View, second: View) -> None:
    tables = [by_leverage(view) for view in (first, second)]
    bands = [band for band in tables[0].index if any(band in table.index for table in tables)]
    rows = np.arange(len(bands))
    for table, colour, side in zip(tables, (A, B), (0.2, -0.2), strict=True):
        axes.barh(rows + side, table["haircut"].reindex(bands).fillna(0.0), 0.38, color=colour)
    axes.set_yticks(rows, [str(band) for band in bands], fontsize=7.5)
    axes.axvline(0, color=GREY, lw=0.8)
    axes.grid(visible=False)
    axes.set_title("Haircut by leverage at entry")
    axes.set_xlabel("quote currency")
    axes.locator_params(axis="x", nbins=4)
    money_axis(axes, "x")


def _over_time(axes: Axes, view: View) -> None:
    axes.set_ylabel("quote currency")
    axes.set_xlim(*window(view))
    clock(axes)
    money_axis(axes)
