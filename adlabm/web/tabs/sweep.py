"""A sweep: an outcome of a study against an axis, with intervals, from runs on this machine or from the tables of a finished study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import solara
from matplotlib.figure import Figure

from adlabm.errors import AdlabmError
from adlabm.registry import PACKAGE
from adlabm.reports import summaries
from adlabm.reports.outcomes import intervals, measured, outcome_against, study_runs, varied
from adlabm.sweep.folder import MARK
from adlabm.sweep.store import read_json
from adlabm.web.widgets import Drawn, html, table

NONE, RUNS = "nothing", "runs on this machine"
MOST_LINES = 6


@dataclass(frozen=True)
class Source:
    """What can be drawn of a study.

    Attributes:
        where: the words that say what is shown.
        counted: what an interval is over.
        axes: name -> its values; `held`: whether those not drawn are held at one value each, or averaged over.
        find: (axis, outcome, line or "", axes held) -> `line`, `value`, `estimate`, `low`, `high`, `n`.
    """

    title: str
    question: str
    where: str
    counted: str
    axes: dict[str, list[object]]
    held: bool
    outcomes: list[str]
    find: Callable[[str, str, str, dict[str, object]], pd.DataFrame]


def sources() -> dict[str, dict[str, Path]]:
    """What results folders hold, by study and kind: runs, then tables; those of the working folder and those of a checkout."""
    found: dict[str, dict[str, Path]] = {}
    for place in (PACKAGE.parent / "results", Path("results")):
        for folder in sorted(each for each in place.glob("*") if each.is_dir()):
            kinds = found.setdefault(folder.name, {})
            for each in (folder, folder / "raw"):
                if (each / MARK).is_file():
                    kinds[RUNS] = each
            kinds |= {f"table {name}": file for name, file in summaries.tables(folder).items()}
    return {name: kinds for name, kinds in sorted(found.items()) if kinds}


def opened(study: str, path: Path) -> Source:
    """The runs in a folder, or a table."""
    if path.is_dir():
        rows, about = study_runs(path), read_json(path / MARK)
        axes = {name: sorted(rows[name].unique()) for name in varied(rows)}
        where = f"{len(rows):,} runs in {path.name}, averaged over what is not drawn"
        return Source(
            str(about["title"]), str(about["question"]), where, "seeds", axes, False, measured(rows),
            lambda axis, outcome, line, _: intervals(rows, axis, outcome, line),
        )  # fmt: skip
    names, long = summaries.summary(path)
    axes = {name: list(dict.fromkeys(long[name])) for name in names}
    return Source(
        *summaries.told(study), f"the study's finished table {path.name}", "populations", axes, True, list(dict.fromkeys(long["outcome"])),
        lambda axis, outcome, line, held: summaries.among(long, axis, outcome, line, held),
    )  # fmt: skip


@solara.component
def Sweep() -> None:
    """The fourth tab. Folders are chosen from a list; the page takes no path from a visitor."""
    found = solara.use_memo(sources, [])
    study, choose = solara.use_state(next(iter(found), ""))
    kind, show = solara.use_state("")
    with solara.Div(classes=["adl-card"]):
        if not found:
            html("<p>There are no results yet. Run a study first: <code>adlabm sweep own-leverage --out results/own-leverage</code></p>")
            return
        kinds = found[study]
        shown = kind if kind in kinds else next(iter(kinds))
        with solara.Div(classes=["adl-row"]):
            solara.Select("Results folder", values=list(found), value=study, on_value=choose)
            solara.Select("Shown", values=list(kinds), value=shown, on_value=show)
        Outcome(study, kinds[shown]).key(f"{study} {shown}")


@solara.component
def Outcome(study: str, path: Path) -> None:
    """The choice of axes and outcome, and the figure."""
    source = solara.use_memo(lambda: _tried(lambda: opened(study, path)), [])
    first = [] if isinstance(source, str) else list(source.axes)
    axis, set_axis = solara.use_state(first[-1] if first else "")
    outcome, set_outcome = solara.use_state("" if isinstance(source, str) else source.outcomes[0])
    by, set_by = solara.use_state("")
    nothing: dict[str, object] = {}
    held, hold = solara.use_state(nothing)
    if isinstance(source, str):
        _wrong(source)
        return
    html(f"<h3>{escape(source.title)}</h3><p>{escape(source.question)}</p>")
    if not axis:
        _wrong("This study varies nothing but the seed, so there is no axis to draw against.")
        return
    others = [name for name in source.axes if name != axis]
    few = [name for name in others if source.held and len(source.axes[name]) <= MOST_LINES]
    line = by if by in (NONE, *others) else next(iter(few), NONE)
    rest = {name: held.get(name, source.axes[name][0]) for name in others if source.held and name != line}

    def hold_at(name: str) -> Callable[[object], None]:
        return lambda value: hold({**held, name: value})

    with solara.Div(classes=["adl-row"]):
        solara.Select("Along", values=list(source.axes), value=axis, on_value=set_axis)
        solara.Select("Outcome", values=source.outcomes, value=outcome, on_value=set_outcome)
        if others:
            solara.Select("A line for each", values=[NONE, *others], value=line, on_value=set_by)
        for name, value in rest.items():
            solara.Select(f"At {name}", values=source.axes[name], value=value, on_value=hold_at(name))
    found = _tried(lambda: source.find(axis, outcome, "" if line == NONE else line, rest))
    if isinstance(found, str):
        _wrong(found)
        return

    def draw(width: float) -> tuple[Figure, str]:
        return outcome_against(found, axis, outcome, width, source.counted), f"{outcome} against {axis}, means with 95 % intervals."

    Drawn(draw)
    html(f'<p class="adl-soft">Shown: {escape(source.where)}.</p>')
    cells = [[row.value, row.line, f"{row.estimate:.5g}", f"{row.low:.5g} to {row.high:.5g}", row.n] for row in found.itertuples()]
    html(table([axis, "" if line == NONE else line, "mean", "95 % interval", source.counted], cells))


def _tried(make: Callable[[], Any]) -> Any:
    """What was asked for, or why it cannot be had."""
    try:
        return make()
    except AdlabmError as error:
        return str(error)


def _wrong(text: str) -> None:
    solara.Div(classes=["adl-wrong"], children=[text])
