"""The runs of a study: which columns were varied, and an outcome against one of them with intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from matplotlib.figure import Figure

from adlabm.errors import BadInput
from adlabm.reports.style import BLUE, GREEN, GREY, ORANGE, RED, SKY, styled
from adlabm.scenario import Scenario
from adlabm.sweep.statistics import bca
from adlabm.sweep.store import read_table

_COLOURS = (BLUE, ORANGE, GREEN, RED, SKY, GREY)
_HEAD, _ERROR = ("run", "replication", "seed"), "error"
MOST_POINTS = 40


def study_runs(folder: Path) -> pd.DataFrame:
    """All finished runs of a results folder, in the order of the plan; failed ones are left out."""
    parts = sorted((folder / "parts").glob("*.parquet"))
    if not parts:
        raise BadInput(f"{folder.name} has no finished part yet; run `adlabm sweep` with --out {folder} --resume.")
    rows = pa.concat_tables([read_table(part) for part in parts]).to_pandas()
    return rows[rows[_ERROR].isna()].drop(columns=_ERROR).sort_values("run", ignore_index=True)


def varied(rows: pd.DataFrame) -> list[str]:
    """The columns that the study varied: keys of the scenario, and the treatment, where they have more than one value."""
    settings = set(Scenario.keys()) - {"traders"} | {"treatment"}
    return [name for name in rows if (name.partition(".")[0] in settings or _nested(name)) and rows[name].nunique() > 1]


def measured(rows: pd.DataFrame) -> list[str]:
    """The columns that hold outcomes."""
    settings = set(Scenario.keys()) - {"traders"} | {*_HEAD, "treatment"}
    return [name for name in rows if name.partition(".")[0] not in settings and not _nested(name) and rows[name].notna().any()]


def _nested(name: str) -> bool:
    """Whether a column is a key below `traders`; the outcome `traders` is their number."""
    return name.startswith("traders.")


def intervals(rows: pd.DataFrame, axis: str, outcome: str, by: str = "") -> pd.DataFrame:
    """Mean and 95 % interval of an outcome for every value of `axis`, and of `by` where it is given.

    Intervals are BCa bootstraps over seeds, each counted once by its mean. Columns: `line`, `value`, `estimate`, `low`, `high`, `n`.
    """
    if rows[axis].nunique() > MOST_POINTS:
        raise BadInput(f"{axis} has {rows[axis].nunique()} values, too many for a line with intervals; choose another axis.")
    known = rows[rows[outcome].notna()].assign(line=rows[by].astype(str) if by else "")
    found = [
        {"line": line, "value": value, **vars(bca(cell[outcome], cell["seed"]))}
        for (line, value), cell in known.groupby(["line", axis], sort=True)
    ]
    return pd.DataFrame(found)


@styled
def outcome_against(table: pd.DataFrame, axis: str, outcome: str, width: float, counted: str = "seeds") -> Figure:
    """The outcome against an axis, a line per value of another; bars are the intervals. `table` as `intervals` gives it.

    Long names along the axis are listed one below another, and the outcome is then read across.
    """
    numeric = pd.api.types.is_numeric_dtype(table["value"])
    values = sorted(table["value"].unique()) if numeric else list(dict.fromkeys(table["value"]))
    names = [f"{value:g}" if numeric else str(value) for value in values]
    across = sum(map(len, names)) > 8 * width
    figure = Figure(figsize=(width, max(4.6, 0.9 + 0.27 * len(names) * across)), layout="constrained")
    axes = figure.subplots()
    lines = list(table.groupby("line", sort=False))
    for number, (name, line) in enumerate(lines):
        shift = (number - (len(lines) - 1) / 2) * (0.05 if numeric else 0.7 / max(len(lines), 4))
        place = np.array([values.index(value) for value in line["value"]]) + shift
        spread = np.abs(line[["low", "high"]].to_numpy().T - line["estimate"].to_numpy())
        look = {"color": _COLOURS[number % len(_COLOURS)], "fmt": "o-" if numeric else "o", "ms": 5, "lw": 1.4, "capsize": 3, "label": name}
        if across:
            axes.errorbar(line["estimate"], place, xerr=spread, **look)
        else:
            axes.errorbar(place, line["estimate"], spread, **look)
    along, over = (axes.yaxis, axes.xaxis) if across else (axes.xaxis, axes.yaxis)
    along.set_ticks(range(len(values)), names)
    along.set_label_text(axis)
    over.set_label_text(outcome.removeprefix("metric:"))
    over.grid(visible=True)
    if across:
        along.grid(visible=False)
        axes.set_ylim(len(values) - 0.5, -0.5)
    else:
        axes.set_xlim(-0.5, len(values) - 0.5)
    axes.set_title(f"Mean and 95 %, {int(table['n'].max())} {counted}", loc="right" if across else "left")  # names leave no room
    if len(lines) > 1:
        figure.legend(loc="outside lower left", ncols=max(1, int(width / 1.7)), frameon=False, fontsize=8.5)
    return figure
