"""The first thing to try: the crash of 10 October 2025 in miniature, told in plain words and on one page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from adlabm.reports.html import report
from adlabm.reports.tables import View
from adlabm.reports.words import text
from adlabm.sweep.store import prepare_out, read_run

SCENARIO, SEED, FOLDER = "oct10", 7, "adlabm-demo"


def demo(out: Path | str | None = None, progress: Callable[..., Any] | None = None) -> tuple[str, Path]:
    """Runs the miniature, writes its folder and report.

    Args:
        out: where to; by default `adlabm-demo` in the current folder.
        progress: told how far the run is, as in `adlabm.run`.

    Returns:
        What to print, and the path of the report.
    """
    from adlabm.api import run

    folder = prepare_out(out or FOLDER)
    result = run(SCENARIO, seed=SEED, out=folder, progress=progress)
    page = report(folder)
    view = View(read_run(folder))
    title = str(view.scenario.get("title", SCENARIO))
    parts = [f"{title}\n{'=' * len(title)}", text(view), *result.notes, f"The whole story with figures: {page}", _next(folder)]
    return "\n\n".join(parts), page


def _next(folder: Path) -> str:
    return "\n".join(
        [
            "Next:",
            f"  adlabm run {SCENARIO} --seed {SEED + 1} --out results/another        the same market, other luck",
            f"  adlabm run {SCENARIO} --seed {SEED} --set adl.policy=pnl-pro-rata    another way to choose who is deleveraged",
            f"  adlabm verify {folder}                              check every number of this run",
        ]
    )
