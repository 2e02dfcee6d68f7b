"""What the analyses of all studies share: reading the runs, means with intervals, and writing tables and figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adlabm.errors import BadInput
from adlabm.registry import PACKAGE
from adlabm.reports.style import GREY
from adlabm.sweep.effects import cells
from adlabm.sweep.folder import read_rows
from adlabm.sweep.plan import Plan
from adlabm.sweep.statistics import bca
from adlabm.sweep.study import Study

RESULTS = PACKAGE.parent / "results"


def opened(name: str) -> tuple[pd.DataFrame, Plan]:
    """The good runs of a study's complete repetitions, with the column `cell`, and its plan."""
    plan = Plan(Study.load(name))
    runs = read_rows(RESULTS / name / "raw")
    complete = runs.groupby("replication")["run"].transform("size") == len(plan.cells)
    good = runs[complete & runs["error"].isna()]
    if good.empty:
        raise BadInput(f"{name} has no complete repetition of its {len(plan.cells)} cells yet; run `adlabm sweep {name} --resume`.")
    return good.assign(cell=cells(good, plan)), plan


def means(runs: pd.DataFrame, by: Sequence[str], columns: Iterable[str]) -> pd.DataFrame:
    """One row per group: of every column its mean and the ends of its BCa interval over populations; `populations` counts them."""
    rows = []
    for key, part in runs.groupby(list(by), sort=False):
        row = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        for column in columns:
            known = part[column].notna()
            found = bca(part.loc[known, column].astype(float), part.loc[known, "seed"])
            row |= {column: found.estimate, f"{column}_low": found.low, f"{column}_high": found.high}
        rows.append(row | {"populations": part["seed"].nunique(), "runs": len(part)})
    return pd.DataFrame(rows)


def write(name: str, tables: dict[str, pd.DataFrame], figures: dict[str, Figure]) -> None:
    """Tables as NAME.csv and figures as NAME.png into results/STUDY."""
    out = RESULTS / name
    out.mkdir(parents=True, exist_ok=True)
    for key, table in tables.items():
        table.round(6).to_csv(out / f"{key}.csv", index=False)
    for key, figure in figures.items():
        figure.savefig(out / f"{key}.png", dpi=130, facecolor="white", bbox_inches="tight")


def line(axes: Axes, x: Iterable[float], rows: pd.DataFrame, column: str, colour: str, label: str = "", scale: float = 100.0) -> None:
    """A column of `means` against x, joined, with its intervals."""
    y = scale * rows[column].to_numpy()
    reach = np.abs(scale * rows[[f"{column}_low", f"{column}_high"]].to_numpy().T - y)
    axes.errorbar(np.asarray(list(x)), y, reach, fmt="o-", color=colour, label=label, markersize=4, capsize=2, linewidth=1.4)


def dots(
    axes: Axes,
    places: Iterable[float],
    rows: pd.DataFrame,
    colour: str,
    label: str = "",
    scale: float = 100.0,
    across: bool = False,
    **style: Any,
) -> None:
    """Effects (columns `effect`, `low`, `high`) with their intervals at places along x; with `across` along y, to be read across."""
    at = np.asarray(list(places), float)
    effect = scale * rows["effect"].to_numpy(float)
    reach = np.abs(scale * rows[["low", "high"]].to_numpy(float).T - effect)
    look: dict[str, Any] = {"fmt": "o", "markersize": 4, "capsize": 2, "linewidth": 1.4, "color": colour, "label": label or None} | style
    if across:
        axes.errorbar(effect, at, xerr=reach, **look)
    else:
        axes.errorbar(at, effect, reach, **look)


def below(axes: Axes, drop: float = 0.16, columns: int = 2) -> None:
    """The legend under a panel, where it hides nothing."""
    axes.legend(frameon=False, fontsize=8, ncols=columns, loc="upper left", bbox_to_anchor=(-0.02, -drop))


def zero(axes: Axes) -> None:
    """A line at nothing."""
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
