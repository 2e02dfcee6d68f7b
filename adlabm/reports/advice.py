"""The answer of `adlabm advise` in plain words, and as one HTML page with figures."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from adlabm.advise import Advice
from adlabm.reports.cite import citations
from adlabm.reports.embed import png_source
from adlabm.reports.findings import html
from adlabm.reports.style import BLUE, GREEN, GREY, ORANGE, RED, styled
from adlabm.sweep.statistics import Interval
from adlabm.sweep.store import replace_text


def told(advice: Advice) -> list[str]:
    """What the trader asked, line by line; a blank line parts the paragraphs."""
    it = advice.position
    entry = "at the opening price" if it.entry is None else f"at {it.entry:,g}"
    lines = [
        f"A {it.side} of {it.leverage * it.equity:,.0f} in {it.contract} ({it.leverage:g}x on {it.equity:,.0f}) at {it.venue},"
        f" entered {entry}; the scenario opens at {advice.opening:,g}.",
        f"In a crash like {it.scenario!r}, {advice.runs} times with other traders (95 % intervals)."
        " How often such crashes come is not said here.",
        "",
        f"  price falls by                {_percent(advice.falls)}",
        f"  you are liquidated            {_percent(advice.liquidated)} of the crashes",
        f"  you are deleveraged           {_percent(advice.hit)} of the crashes",
        f"  closed by ADL, on average     {_percent(advice.closed)} of your contracts",
        f"  haircut                       {_points(advice.haircut)} of your notional, at the mark of that moment",
        f"  your equity at the end        {_percent(advice.wealth)} of what it was",
        f"  a twin whom ADL passes by     {_points(advice.regret, 100, 'percentage points')} beside that",
        "",
        "What would change it: a twin with each measure less you, in percentage points, in the same crashes:",
        "",
        f"  {'':<58}{'closed by ADL':>26}{'liquidated':>26}{'equity at the end':>28}",
    ]
    for each in advice.measures:
        cells = [_points(getattr(each, key), 100, "") for key in ("closed", "liquidated", "wealth")]
        lines.append(f"  {each.words:<58}{cells[0]:>26}{cells[1]:>26}{cells[2]:>28}")
    best = advice.best
    lines += [
        "",
        _verdict(advice)
        if best is None
        else f"Least ADL by: {best.words} ({_points(best.closed, 100, 'points')}). {_price_of(best.wealth)}",
    ]
    return [*lines, f"Lights: {_lights(advice)}"]


def write_page(advice: Advice, path: Path) -> Path:
    """Writes the answer as one HTML page that needs nothing else."""
    text = "```\n" + "\n".join(told(advice)) + "\n```\n"
    data = io.BytesIO()
    draw(advice).savefig(data, format="png", dpi=130, facecolor="white")
    figure = {"name": "advice", "source": png_source(data.getvalue())}
    page = html("What would a crash do to this position?", text, [figure], [], citations(advice.position.scenario))
    replace_text(path, page)
    return path


@styled
def draw(advice: Advice) -> Figure:
    """Prices and lights over time, and what each measure changes."""
    figure = Figure(figsize=(10.4, 6.4), layout="constrained")
    (left, right), (low, high) = figure.subplots(2, 2)
    minutes = np.arange(1, len(advice.marks) + 1)
    left.plot(minutes, advice.marks, color=BLUE, alpha=0.15, linewidth=0.8)
    left.plot(minutes, advice.marks.median(axis=1), color=BLUE)
    left.set(title=f"Mark price of {advice.position.contract}", xlabel="minutes", ylabel="quote currency")
    held = advice.lights.notna().mean(axis=1)
    right.plot(minutes, advice.lights.mean(axis=1), color=ORANGE, label="mean lights while open")
    right.fill_between(minutes, *(advice.lights.quantile(q, axis=1) for q in (0.1, 0.9)), color=ORANGE, alpha=0.2, linewidth=0)
    right.plot(minutes, 5 * held, color=GREY, linestyle=":", label="still open (top: all runs)")
    right.set(title="ADL lights (band: 80 % of runs)", xlabel="minutes", ylabel="lights, 0 to 5", ylim=(-0.1, 5.2))
    right.legend(frameon=False, fontsize=8)
    names = [each.name for each in advice.measures]
    for axes, keys in ((low, (("closed", RED), ("liquidated", GREY))), (high, (("wealth", GREEN),))):
        for n, (key, colour) in enumerate(keys):
            found = [getattr(each, key) for each in advice.measures]
            effect = 100 * np.array([each.estimate for each in found])
            reach = np.abs(100 * np.array([[each.low for each in found], [each.high for each in found]]) - effect)
            axes.errorbar(effect, np.arange(len(names)) + 0.2 * n, xerr=reach, fmt="o", color=colour, label=key, markersize=4)
        axes.axvline(0, color=GREY, linewidth=0.8, zorder=0)
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.grid(axis="x")
    low.set(title="Change of the share closed and of liquidation", xlabel="percentage points (95 % over runs)")
    low.legend(frameon=False, fontsize=8)
    high.set(title="Change of the equity at the end", xlabel="percentage points of the equity (95 % over runs)")
    return figure


def _percent(found: Interval) -> str:
    return f"{100 * found.estimate:.0f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"


def _points(found: Interval, scale: float = 1e4, unit: str = "bp") -> str:
    estimate, low, high = (scale * each for each in (found.estimate, found.low, found.high))
    return f"{estimate:+z.1f} {unit}{' ' if unit else ''}({low:+z.1f} to {high:+z.1f})"


def _verdict(advice: Advice) -> str:
    none = advice.hit.estimate == 0
    return (
        "ADL does not reach this position in any run: there is nothing to avoid."
        if none
        else "None of the five lowers the share closed beyond doubt."
    )


def _price_of(wealth: Interval) -> str:
    if wealth.low > 0:
        return f"It also leaves more: {_points(wealth, 100, 'points of equity')}."
    if wealth.high < 0:
        return f"It costs: {_points(wealth, 100, 'points of equity')}."
    return f"What it does to your equity is not certain: {_points(wealth, 100, 'points')}."


def _lights(advice: Advice) -> str:
    curve = advice.lights.mean(axis=1)
    if curve.notna().sum() == 0:
        return "the position is closed before they are read."
    top = int(curve.idxmax())
    return f"{curve.dropna().iloc[0]:.1f} of 5 on average at the start, {curve[top]:.1f} at most, after {top + 1} minutes."
