"""A sweep: the runs of a results folder, an outcome against an axis with intervals."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd
import solara
from matplotlib.figure import Figure

import adlabm
from adlabm.errors import AdlabmError
from adlabm.reports.outcomes import intervals, measured, outcome_against, study_runs, varied
from adlabm.sweep.folder import MARK
from adlabm.sweep.store import read_json
from adlabm.web.widgets import Drawn, html, table

NONE = "nothing"


def folders() -> dict[str, Path]:
    """Results folders that hold a sweep, by name: those of the working folder, and those that come with a checkout."""
    places = (Path(adlabm.__file__).parents[1] / "results", Path("results"))
    marks = [mark for place in places for mark in sorted([*place.glob(f"*/{MARK}"), *place.glob(f"*/raw/{MARK}")])]
    return {mark.parent.relative_to(place).parts[0]: mark.parent for mark in marks for place in places if mark.is_relative_to(place)}


@solara.component
def Sweep() -> None:
    """The fourth tab. Folders are chosen from a list; the page takes no path from a visitor."""
    found = solara.use_memo(folders, [])
    name, choose = solara.use_state(next(iter(found), ""))
    with solara.Div(classes=["adl-card"]):
        if not found:
            html("<p>There are no results yet. Run a study first: <code>adlabm sweep own-leverage --out results/own-leverage</code></p>")
            return
        with solara.Div(classes=["adl-row"]):
            solara.Select("Results folder", values=list(found), value=name, on_value=choose)
        try:
            rows, about = study_runs(found[name]), read_json(found[name] / MARK)
        except AdlabmError as error:
            solara.Div(classes=["adl-wrong"], children=[str(error)])
            return
        html(f"<h3>{escape(str(about['title']))}</h3><p>{escape(str(about['question']))}</p>")
        Outcome(rows).key(name)


@solara.component
def Outcome(rows: pd.DataFrame) -> None:
    """The choice of axes and outcome, and the figure."""
    axes, outcomes = varied(rows), measured(rows)
    axis, set_axis = solara.use_state(next(iter(axes), ""))
    outcome, set_outcome = solara.use_state(outcomes[0])
    by, set_by = solara.use_state(NONE)
    line = "" if by in (NONE, axis) else by
    found = solara.use_memo(lambda: _tried(rows, axis, outcome, line), [axis, outcome, line])
    if axes:
        with solara.Div(classes=["adl-row"]):
            solara.Select("Along", values=axes, value=axis, on_value=set_axis)
            solara.Select("Outcome", values=outcomes, value=outcome, on_value=set_outcome)
            if len(axes) > 1:
                solara.Select(
                    "A line for each", values=[NONE, *(each for each in axes if each != axis)], value=line or NONE, on_value=set_by
                )
    if isinstance(found, str):
        solara.Div(classes=["adl-wrong"], children=[found])
        return

    def draw(width: float) -> tuple[Figure, str]:
        return outcome_against(found, axis, outcome, width), f"{outcome} against {axis}, means with 95 % intervals."

    Drawn(draw)
    cells = [[row.value, row.line, f"{row.estimate:.5g}", f"{row.low:.5g} to {row.high:.5g}", row.n] for row in found.itertuples()]
    html(table([axis, "line", "mean", "95 % interval", "seeds"], cells))


def _tried(rows: pd.DataFrame, axis: str, outcome: str, line: str) -> pd.DataFrame | str:
    """The intervals, or why there are none."""
    if not axis:
        return "This study varies nothing but the seed, so there is no axis to draw against."
    try:
        return intervals(rows, axis, outcome, line)
    except AdlabmError as error:
        return str(error)
