"""The page of a sweep that has no analysis of its own: every outcome in every cell, with intervals."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd

from adlabm.errors import BadInput
from adlabm.reports.cite import works
from adlabm.reports.embed import png_source
from adlabm.reports.outcomes import MOST_POINTS, intervals, measured, outcome_against, study_runs, varied
from adlabm.sweep.folder import MARK
from adlabm.sweep.statistics import bca
from adlabm.sweep.store import read_json
from adlabm.sweep.study import Study

MOST_FIGURES = 12
MOST_ROWS = 60
_TREATMENT = "treatment"


def sweep_page(folder: Path) -> dict[str, Any]:
    """The arguments of `findings.html`, from the folder of a sweep."""
    mark = read_json(folder / MARK)
    if "study" not in mark:
        raise BadInput(f"{folder / MARK} does not hold the study, as sweeps by older versions do not; run it again into a new folder.")
    study, rows = Study.model_validate_json(str(mark["study"])), study_runs(folder)
    along, outcomes = sorted(varied(rows), key=_TREATMENT.__eq__) or [_TREATMENT], measured(rows)
    return {
        "title": study.title,
        "body": f"{study.question}\n\n{len(rows)} of {mark['runs']} runs are done and good; they vary {', '.join(along)}. "
        "Intervals hold 95 %, over seeds.",
        "figures": [_figure(rows, along, name) for name in outcomes[:MOST_FIGURES]],
        "tables": [_table(rows, along, name) for name in outcomes],
        "cited": works(study.market()),
        "settings": study.model_dump_json(indent=1),
    }


def _table(rows: pd.DataFrame, along: list[str], outcome: str) -> dict[str, Any]:
    """Mean and interval of an outcome in every cell."""
    found = []
    for values, cell in rows[rows[outcome].notna()].groupby(along, sort=False):
        mean = bca(cell[outcome], cell["seed"])
        found.append([_word(each) for each in (*values, mean.estimate, mean.low, mean.high, mean.n)])
    head = [*along, "mean", "low", "high", "seeds"]
    return {"name": outcome, "head": head, "rows": found[:MOST_ROWS], "more": max(0, len(found) - MOST_ROWS)}


def _figure(rows: pd.DataFrame, along: list[str], outcome: str) -> dict[str, str]:
    """An outcome against the first axis that is short enough for it, a line per treatment."""
    axis = next((name for name in along if rows[name].nunique() <= MOST_POINTS), _TREATMENT)
    by = _TREATMENT if _TREATMENT in along and axis != _TREATMENT else ""
    data = io.BytesIO()
    outcome_against(intervals(rows, axis, outcome, by), axis, outcome, 9.0).savefig(data, format="png", dpi=110, facecolor="white")
    return {"name": outcome, "source": png_source(data.getvalue())}


def _word(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
