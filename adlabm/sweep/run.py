"""Run a study: parts that are missing go to the workers, what comes back is written, and the table is read from the files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa

from adlabm.checkpoint import turn
from adlabm.errors import AdlabmError, BadInput
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.sweep import engines
from adlabm.sweep.folder import Folder
from adlabm.sweep.outcomes import check_outcomes, outcomes
from adlabm.sweep.plan import Plan, make_plan
from adlabm.sweep.statistics import half_width
from adlabm.sweep.study import Study


@dataclass(frozen=True)
class Sweep:
    """A finished sweep: one row per run, sentences on what went wrong, and the folder."""

    rows: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    out: Path | None = None

    @property
    def failed(self) -> int:
        """Number of runs that failed; their rows say why."""
        return int(self.rows["error"].notna().sum())

    @property
    def errors(self) -> list[str]:
        """A sentence for every kind of failure, with the number of runs."""
        return [f"{count} runs failed: {error}" for error, count in self.rows["error"].value_counts(sort=False).items()]


@dataclass(frozen=True)
class Cost:
    """What a sweep will take, judged by its first run."""

    runs: int
    parts: int
    run_s: float

    def wall_s(self, jobs: int) -> float:
        """Seconds on so many workers."""
        return self.runs * self.run_s / jobs


def run_study(
    study: Study | str | Path,
    *,
    jobs: int = 2,
    engine: str = "local",
    cluster: str | None = None,
    executor: Executor | None = None,
    out: Path | str | None = None,
    resume: bool = False,
    shard: str = "1/1",
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Run what is missing of a study.

    Args:
        study: name, path of a study.toml, or a `Study`.
        jobs: number of worker processes.
        engine: "local", or "dask" (with the address of a `cluster`, else one on this machine).
        executor: any `concurrent.futures.Executor` with `jobs` workers, in place of an engine.
        out: folder of the results; None keeps nothing.
        resume: go on in a folder that has parts already.
        shard: "k/n", only the k-th of n shares of the parts; all shares in one folder make the whole.
        progress: called with (runs done, runs in all).
    """
    plan = make_plan(study if isinstance(study, Study) else Study.load(study))
    if engine not in ("local", "dask"):
        raise BadInput(f"--engine is {engine!r}, but must be one of: local, dask.")
    if cluster is not None and engine != "dask":
        raise BadInput(f"--cluster {cluster} is for the engine dask; add --engine dask, or leave --cluster out.")
    if jobs < 1:
        raise BadInput(f"--jobs is {jobs}, but must be at least 1.")
    share = _share(shard, plan)
    check_outcomes(AdlModel(_market(_text(plan.study), ()), rng=0), plan.study.outcomes)
    with TemporaryDirectory(prefix="adlabm-") if out is None else nullcontext(out) as place:
        folder = Folder(place, plan)
        with engines.Workers(_engine(jobs, engine, cluster, executor)) as workers:
            folder.claim(share, resume)
            rows = _run(plan, folder, share, workers, progress)
            folder.differs(workers.engine.differing())
        return Sweep(rows.to_pandas(), folder.notes, None if out is None else folder.path)


def cost(study: Study | str | Path, shard: str = "1/1") -> Cost:
    """Checks a study and measures its first run, the second time it is done: the first loads compiled code."""
    plan = make_plan(study if isinstance(study, Study) else Study.load(study))
    share = _share(shard, plan)
    market = _market(_text(plan.study), plan.run(0).sets)
    check_outcomes(AdlModel(market, rng=0), plan.study.outcomes)
    started = 0.0
    for _ in range(2):
        started = time.perf_counter()
        outcomes(AdlModel(market, rng=plan.study.seed).run().tables(), plan.study.outcomes)
    return Cost(sum(len(plan.numbers(part)) for part in share), len(share), time.perf_counter() - started)


def _run(plan: Plan, folder: Folder, share: list[int], workers: engines.Workers, progress: Callable[[int, int], None] | None) -> pa.Table:
    """Stage by stage: do the missing parts, read, and look whether it is enough."""
    text = _text(plan.study)
    missing = [part for part in share if not folder.has(part)]
    total = sum(len(plan.numbers(part)) for part in share)
    done = total - sum(len(plan.numbers(part)) for part in missing)
    for runs in plan.stages():
        due = [part for part in missing if part * plan.study.part < runs]
        missing = missing[len(due) :]
        for part, found in workers.compute(partial(work, text), due):
            if isinstance(found, Exception):
                folder.lost[part] = _lost(plan, part, found)
            else:
                folder.write(part, found)
            done += len(plan.numbers(part))
            if progress is not None:
                progress(done, total)
        if plan.study.stop is None:
            continue
        rows = folder.read(part for part in share if part * plan.study.part < runs).slice(0, runs)
        if runs == len(plan) or _enough(plan, rows):
            return rows
    return folder.read(share)


def work(study: str, part: int) -> pa.Table:
    """The rows of one part; a run that fails is a row with the sentence of its error."""
    plan = _plan(study)
    found: list[tuple[int, dict[str, float | None], str | None]] = []
    for number in plan.numbers(part):
        run = plan.run(number)
        try:
            model = AdlModel(_market(study, run.sets), rng=run.seed)
            model = (turn(model, run.future) if run.future else model).run()
            found.append((number, outcomes(model.tables(), plan.study.outcomes), None))
        except Exception as error:  # whatever a run dies of, the others go on
            found.append((number, {}, str(error) if isinstance(error, AdlabmError) else f"{type(error).__name__}: {error}"))
    return plan.table(found)


def _lost(plan: Plan, part: int, error: Exception) -> pa.Table:
    return plan.table([(number, {}, str(error) or type(error).__name__) for number in plan.numbers(part)])


def _enough(plan: Plan, rows: pa.Table) -> bool:
    """Whether every cell meets the stop rule; a run that failed tells nothing."""
    stop = plan.study.stop
    assert stop is not None
    frame = rows.to_pandas()
    cell = frame["run"] % len(plan.cells)
    widths = frame.groupby(cell)[stop.outcome].agg(lambda values: half_width(values.dropna()))
    return bool((widths <= stop.half_width).all() and ((frame["adl_events"] > 0).groupby(cell).sum() >= stop.adl_runs).all())


def _text(study: Study) -> str:
    return study.model_dump_json()


@lru_cache(maxsize=4)
def _plan(study: str) -> Plan:
    return Plan(Study.model_validate_json(study))


def _market(study: str, sets: tuple[tuple[str, Any], ...]) -> Scenario:
    return _read_market(study, json.dumps(sets))


@lru_cache(maxsize=256)
def _read_market(study: str, sets: str) -> Scenario:
    return _plan(study).study.market(tuple((key, value) for key, value in json.loads(sets)))


def _share(shard: str, plan: Plan) -> list[int]:
    """The parts of a shard."""
    k, slash, n = shard.partition("/")
    if not (slash and k.isdecimal() and n.isdecimal() and 1 <= int(k) <= int(n)):
        raise BadInput(f"--shard is {shard!r}, but must be k/n with 1 <= k <= n, such as 1/4.")
    if int(n) > 1 and plan.study.stop:
        raise BadInput(f"--shard {shard}: {plan.study.title!r} stops when it is sure enough, which no shard can know; leave --shard out.")
    if int(n) > plan.parts:
        raise BadInput(f"--shard {shard}: the plan has only {plan.parts} parts; take n of at most that, or a smaller `part` in the study.")
    return list(range(int(k) - 1, plan.parts, int(n)))


def _engine(jobs: int, engine: str, cluster: str | None, executor: Executor | None) -> engines.Engine:
    if executor is not None:
        return engines.given(executor, jobs)
    if engine == "dask":
        from adlabm.sweep.cluster import dask

        return dask(cluster, jobs)
    return engines.local(jobs)
