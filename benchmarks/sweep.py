"""`python -m benchmarks.sweep`: what a run of a sweep costs beside its market, with one local process and with one worker of Dask.

The plan is that of the study `feedback` (4 axes, 26 outcomes, parts of 64 runs); its markets are replaced by a worker that answers at
once. Parts are hashed, written, synced, read back and checked as always. Starting the workers is not counted.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from adlabm.sweep import run
from adlabm.sweep.engines import Workers
from adlabm.sweep.folder import Folder
from adlabm.sweep.plan import Plan
from adlabm.sweep.study import Study

REPLICATIONS = 10
CPU = "adl_events"
"""The outcome in which a worker tells the CPU seconds that it has used so far."""


def nothing(text: str, part: int) -> pa.Table:
    """In the place of `run.work`: rows as long as those of a market, made at once."""
    plan = run._plan(text)
    values: dict[str, float | None] = dict.fromkeys(plan.study.outcomes, 0.1)
    found = [(number, dict(values), None) for number in plan.numbers(part)]
    table = plan.table(found)
    at = table.schema.get_field_index(CPU)
    return table.set_column(at, table.schema.field(at), pa.array([time.process_time()] * len(found)))


def overhead(engine: str, folder: Path) -> dict[str, float]:
    """Milliseconds a run: wall, CPU of the runner, CPU of the worker; from the first part to the last."""
    plan = Plan(Study.load("feedback").model_copy(update={"replications": REPLICATIONS}))
    share, files, seen = list(range(plan.parts)), Folder(folder, plan), list[tuple[int, float, float]]()
    run.work = nothing
    with Workers(run._engine(1, engine, None, None)) as workers:
        files.claim(share, resume=False)
        rows = run._run(plan, files, share, workers, lambda done, _: seen.append((done, time.perf_counter(), time.process_time())))
    told = rows[CPU].to_pylist()
    (first, wall, cpu), (last, wall_end, cpu_end) = seen[0], seen[-1]
    runs = last - first
    return {"wall": 1e3 * (wall_end - wall) / runs, "runner": 1e3 * (cpu_end - cpu) / runs, "worker": 1e3 * (told[-1] - told[0]) / runs}


def main() -> None:
    """Print a line per engine."""
    for engine in ("local", "dask"):
        with TemporaryDirectory() as folder:
            found = overhead(engine, Path(folder) / "runs")
        print(f"{engine}: " + ", ".join(f"{name} {ms:.3f} ms a run" for name, ms in found.items()), flush=True)


if __name__ == "__main__":
    from benchmarks import sweep

    sweep.main()
