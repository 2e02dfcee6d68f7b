"""One page of figures for a piece of advice: what it does for one trader, under which rule, how far it reaches, and for everyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adlabm.reports.studies import below, dots, zero
from adlabm.reports.style import BLUE, GREEN, GREY, INK, ORANGE, RED, SKY, styled

COLOURS = (BLUE, ORANGE, GREEN, RED, SKY, INK, GREY)
SHOWN = {"closed": "closed by ADL", "liquidated": "liquidated", "wealth": "wealth at the end", "regret": "policy regret"}


@styled
def page(effects: pd.DataFrame, arms: Mapping[str, str], controls: Mapping[str, str], main: str, title: str) -> Figure:
    """Four panels: arms in the base market, the quantity assigned, adoption, and every market and rule for the `main` arm.

    Args:
        effects: as `adlabm.sweep.effects.effects` gives them.
        arms: arm -> its name in the figure; `controls`: the arms that should show nothing.
        main: the arm that is followed through adoption and rules.
        title: what the page is about.
    """
    figure = Figure(figsize=(10.4, 10.6), layout="constrained")
    (first, second), (third, fourth) = figure.subplots(2, 2)
    base = effects["cell"].iloc[0]
    _arms(first, effects[(effects["cell"] == base) & (effects["kind"] == "private")], {**arms, **controls})
    _called(second, effects[effects["kind"] == "private"], {arm: label for arm, label in arms.items() if arm not in controls})
    _adopted(third, effects[(effects["arm"] == main) & (effects["measure"] == "closed")], base)
    _markets(fourth, effects[(effects["arm"] == main) & (effects["kind"] == "private")])
    fourth.set_title(f"Every market and rule: {arms[main]}")
    third.set_title(f"When a share of all follow: {arms[main]}")
    figure.suptitle(title, x=0.01, ha="left", weight="bold")
    count = f"{effects['runs'].max()} runs, {effects['populations'].max()} populations"
    figure.text(0.01, -0.02, f"Means over {count}; bars: 95 % over populations.", fontsize=8.5)
    return figure


def _arms(axes: Axes, rows: pd.DataFrame, arms: Mapping[str, str]) -> None:
    known = [arm for arm in arms if (rows["arm"] == arm).any()]
    for n, (measure, label) in enumerate(SHOWN.items()):
        part = rows[rows["measure"] == measure].set_index("arm").reindex(known)
        dots(axes, np.arange(len(known)) + 0.17 * (n - 1.5), part, COLOURS[n], label)
    zero(axes)
    axes.set_xticks(range(len(known)), [arms[arm] for arm in known], rotation=25, ha="right", fontsize=8.5)
    axes.set(title="One trader, against a twin without", ylabel="treated less untreated, percentage points")
    below(axes, 0.3)


def _called(axes: Axes, rows: pd.DataFrame, arms: Mapping[str, str]) -> None:
    shares = _shares(rows["cell"])
    closed = rows[(rows["measure"] == "closed") & shares.notna()].assign(share=shares)
    for n, (arm, label) in enumerate(arms.items()):
        part = closed[closed["arm"] == arm].sort_values("share")
        if len(part):
            style = "o-" if n < len(COLOURS) else "o--"
            dots(axes, 100 * part["share"].to_numpy() + 0.5 * n, part, COLOURS[n % len(COLOURS)], label, fmt=style, markersize=3)
    part = closed.drop_duplicates("cell").sort_values("share")
    axes.plot(100 * part["share"], 100 * part["control_mean"], color=GREY, linestyle=":", label="untreated: share closed")
    zero(axes)
    axes.set(title="Where it stops helping", xlabel="assigned: % of the other side to be closed", ylabel="share closed, percentage points")
    below(axes)


def _shares(cell: pd.Series) -> pd.Series:
    return pd.to_numeric(cell.str.extract(r"^call ([\d.]+)$", expand=False))


def _adopted(axes: Axes, rows: pd.DataFrame, base: str) -> None:
    adoption = pd.to_numeric(rows["cell"].str.extract(r"^adoption=([\d.]+)$", expand=False)).where(rows["cell"] != base, 0.0)
    known = rows.assign(adoption=adoption)[adoption.notna()]
    names = {"private": "private: follower less other", "spillover": "spillover: other less before", "total": "total: follower less before"}
    for n, (kind, label) in enumerate(names.items()):
        part = known[known["kind"] == kind].sort_values("adoption")
        dots(axes, 100 * part["adoption"].to_numpy() + n - 1, part, COLOURS[n], label, fmt="o-")
    zero(axes)
    axes.set(xlabel="followers, % of the crowd", ylabel="share closed, percentage points")
    below(axes, columns=1)


def _markets(axes: Axes, rows: pd.DataFrame) -> None:
    order: Sequence[str] = [cell for cell in rows["cell"].drop_duplicates() if not cell.startswith(("adoption", "call", "traders"))]
    for n, measure in enumerate(("closed", "wealth", "regret")):
        part = rows[rows["measure"] == measure].set_index("cell").reindex(order)
        dots(axes, np.arange(len(order)) + 0.2 * (n - 1), part, COLOURS[(0, 2, 3)[n]], SHOWN[measure], across=True)
    axes.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(order)), order, fontsize=8)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.grid(axis="x")
    axes.set_xlabel("treated less untreated, percentage points")
    below(axes)
