"""What a study's tables in `results/STUDY` say: outcomes with intervals, as its analysis wrote them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from adlabm.errors import BadInput
from adlabm.registry import EXPERIMENTS

LOW, HIGH = "low", "high"
_OUTCOME = ("measure", "outcome")
_COUNTS = ("populations", "runs")


def tables(folder: Path) -> dict[str, Path]:
    """The tables with intervals of a results folder, by name."""
    found = {file.stem: (file, list(pd.read_csv(file, nrows=0))) for file in sorted(folder.glob("*.csv"))}
    return {name: file for name, (file, head) in found.items() if LOW in head or _beside(head)}


def told(name: str) -> tuple[str, str]:
    """Title and question of a study, from its README; empty where there is none."""
    readme = EXPERIMENTS / name / "README.md"
    if not readme.is_file():
        return name, ""
    title, _, rest = readme.read_text(encoding="utf-8").partition("\n")
    question = next((line for line in rest.splitlines() if line.startswith("**Question.**")), "")
    return title.lstrip("# "), question.removeprefix("**Question.**").strip()


def summary(file: Path) -> tuple[list[str], pd.DataFrame]:
    """The columns that tell a table's rows apart, and its outcomes one below another.

    A table has its outcomes side by side (`adl`, `adl_low`, `adl_high`) or one below another (`measure`, ..., `effect`, `low`, `high`).

    Returns:
        Names of axes, those with one value left out; and a frame of the axes and `outcome`, `estimate`, `low`, `high`, `n` (populations).
    """
    rows = pd.read_csv(file)
    keys = _keys(rows, file)
    count = next((rows[name] for name in _COUNTS if name in rows), pd.Series(0, rows.index))
    if LOW in rows:
        estimate = rows.columns[rows.columns.get_loc(LOW) - 1]
        named = next((name for name in _OUTCOME if name in keys), None)
        head = rows[[key for key in keys if key != named]]
        long = head.assign(outcome=rows[named] if named else estimate, estimate=rows[estimate], low=rows[LOW], high=rows[HIGH], n=count)
    else:
        parts = [
            rows[keys].assign(outcome=name, estimate=rows[name], low=rows[f"{name}_{LOW}"], high=rows[f"{name}_{HIGH}"], n=count)
            for name in _beside(list(rows))
        ]
        long = pd.concat(parts, ignore_index=True)
    axes = [key for key in keys if key in long and long[key].nunique() > 1]
    return axes, long[long["estimate"].notna()]


def _beside(head: list[str]) -> list[str]:
    """The outcomes that have their interval beside them."""
    return [name for name in head if f"{name}_{LOW}" in head and f"{name}_{HIGH}" in head]


def _keys(rows: pd.DataFrame, file: Path) -> list[str]:
    """The fewest leading columns that tell all rows apart."""
    for count in range(1, rows.shape[1]):
        if not rows.duplicated(list(rows.columns[:count])).any():
            return list(rows.columns[:count])
    raise BadInput(f"{file.name} has rows that no column tells apart; write it again with the study's analyse.py.")


def among(long: pd.DataFrame, axis: str, outcome: str, by: str, fixed: dict[str, object]) -> pd.DataFrame:
    """One outcome along an axis, a line per value of `by` ("" for one line), all other axes held at `fixed`; columns as `intervals`."""
    chosen = long[long["outcome"] == outcome]
    for name, value in fixed.items():
        chosen = chosen[chosen[name] == value]
    line = chosen[by].astype(str) if by else ""
    return chosen.assign(line=line, value=chosen[axis])[["line", "value", "estimate", LOW, HIGH, "n"]]
