"""Run a scenario from Python in one call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.sweep.store import RunTables, prepare_out, write_run


@dataclass(frozen=True)
class RunResult:
    """A finished run: its tables, summary, notes in plain words, and the folder it was written to."""

    tables: RunTables
    summary: dict[str, Any]
    notes: list[str]
    out: Path | None


def run(
    scenario: Scenario | str | Path,
    *,
    seed: int = 0,
    sets: Iterable[str | tuple[str, Any]] = (),
    out: Path | str | None = None,
    check: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> RunResult:
    """Simulate a scenario.

    Args:
        scenario: name, path of a TOML file, or a `Scenario`.
        seed: same scenario, same seed, same events.
        sets: changes such as "fund.share=0.05".
        out: folder for the files (refused when it holds something else); None writes nothing.
        check: test every promise at every event and keep a journal.
        progress: called with (ticks done, ticks in all).
    """
    if not isinstance(scenario, Scenario):
        scenario = Scenario.load(scenario, sets=sets)
    folder = prepare_out(out) if out is not None else None
    started, wall, cpu = datetime.now(UTC), time.perf_counter(), time.process_time()
    model = AdlModel(scenario, rng=seed, check=check).run(progress)
    tables = model.tables()
    tables.manifest.update(
        wall_s=round(time.perf_counter() - wall, 3),
        cpu_s=round(time.process_time() - cpu, 3),
        started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    if folder is not None:
        write_run(folder, tables)
    return RunResult(tables, tables.summary, list(tables.manifest["notes"]), folder)
