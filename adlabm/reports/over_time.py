"""Figures over time: prices with the waterfall marked, the insurance fund, open interest, depth, funding, and all of them in one."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adlabm.reports import panels
from adlabm.reports.style import WIDE, grid_figure, half, styled
from adlabm.reports.tables import View


@styled
def prices(view: View) -> Figure:
    """Mark, index and last trade of up to three contracts, and under them what the waterfall did, in quote currency per stretch of time."""
    names = view.contracts[:3]
    forced = bool(view.events.loc[view.events["kind"].isin([kind for kind, *_ in panels.STEPS]), "notional"].sum())
    heights = [3.0, *[1.7] * (len(names) - 1), *[1.7] * forced]
    figure = Figure(figsize=(WIDE, sum(heights) + 0.4), layout="constrained")
    rows = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights, squeeze=False)[:, 0]
    for axes, name in zip(rows, names, strict=False):
        panels.price(axes, view, name)
    panels.mark_firsts(rows[0], view)
    if forced:
        panels.waterfall(rows[-1], view)
    return figure


@styled
def alone(panel: Callable[..., None], view: View, *more: object) -> Figure:
    """One panel in a figure of half the page's width."""
    figure, axes = half()
    panel(axes, view, *more)
    axes.set_title("")
    return figure


@styled
def market(view: View, contract: str, width: float, sides: Callable[[Axes], None]) -> Figure:
    """The whole market in one figure `width` inches wide: price and waterfall, and under them, side by side where there is room,
    open interest, who holds each side (drawn by `sides`), depth, funding, the fund, and the last event.
    """
    figure, (top, second, *small) = grid_figure(width, 2, 6)
    panels.price(top, view, contract)
    panels.mark_firsts(top, view)
    panels.waterfall(second, view)
    panels.open_interest(small[0], view)
    sides(small[1])
    panels.depth(small[2], view, contract)
    panels.funding(small[3], view, contract)
    panels.fund(small[4], view)
    panels.last_event(small[5], view)
    for axes, title in zip((small[0], *small[2:5]), ("Open interest", "Depth", "Funding", "Insurance fund"), strict=True):
        axes.set_title(title)
    return figure
