"""The plan of a study: every run fixed before the first starts, by the study alone."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any

import pyarrow as pa
from scipy.stats import qmc

from adlabm.errors import AdlabmError, BadInput
from adlabm.settings import parse_set
from adlabm.streams import STREAMS_VERSION
from adlabm.sweep.sensitivity import DESIGNS, sampled
from adlabm.sweep.study import MOST_RUNS, Axis, Study, Treatment


@dataclass(frozen=True)
class Run:
    """One run: its number in the plan, where it stands in the design, its seed, and its changes of the scenario."""

    number: int
    replication: int
    seed: int
    future: int
    treatment: str
    values: tuple[Any, ...]
    sets: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Plan:
    """All runs of a study, replication by replication; within one, treatment by treatment at every point.

    Runs are cut into parts of `study.part` runs, one file each. Nothing here depends on processes, shards or time.
    """

    study: Study

    @cached_property
    def cells(self) -> list[tuple[tuple[Any, ...], Treatment]]:
        """Points of the design x treatments; in a star, the treatments at its first point alone."""
        found, all_treatments = points(self.study), self.study.treatments
        if self.study.design == "star":
            return [*((point, all_treatments[0]) for point in found), *((found[0], treatment) for treatment in all_treatments[1:])]
        return [(point, treatment) for point in found for treatment in all_treatments]

    @cached_property
    def _changes(self) -> dict[str, tuple[tuple[str, Any], ...]]:
        """What every treatment changes: read once, not for every run."""
        return {each.name: tuple(map(parse_set, each.sets)) for each in self.study.treatments}

    def __len__(self) -> int:
        return len(self.cells) * self.study.replications

    def run(self, number: int) -> Run:
        """The run with this number."""
        replication, cell = divmod(number, len(self.cells))
        values, treatment = self.cells[cell]
        sets = (*zip((each.key for each in self.study.axes), values, strict=True), *self._changes[treatment.name])
        future, population = divmod(replication, self.study.populations or self.study.replications)
        return Run(number, replication, self.study.seed + population, future, treatment.name, values, sets)

    @property
    def parts(self) -> int:
        """Number of parts."""
        return -(-len(self) // self.study.part)

    def numbers(self, part: int) -> range:
        """The runs of a part."""
        return range(part * self.study.part, min((part + 1) * self.study.part, len(self)))

    def stages(self) -> Iterator[int]:
        """The numbers of runs after which to look whether it is enough; the last is all of them."""
        every = self.study.stop.every if self.study.stop else self.study.replications
        for replications in range(every, self.study.replications, every):
            yield replications * len(self.cells)
        yield len(self)

    @cached_property
    def key(self) -> str:
        """Hash of all that decides the results: study, resolved scenario, version of the program and of its random streams."""
        settings = {
            "study": self.study.model_dump(mode="json", exclude={"scenario"}),
            "scenario": self.study.market().resolved(),
            "adlabm": version("adlabm"),
            "streams": STREAMS_VERSION,
        }
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns of a row: run, replication, seed, treatment, a column per axis and per outcome, error."""
        axes = [pa.field(axis.key, _kind(axis)) for axis in self.study.axes]
        outcomes = [pa.field(name, pa.float64()) for name in self.study.outcomes]
        head = [pa.field(name, pa.int64()) for name in ("run", "replication", "seed")]
        return pa.schema([*head, pa.field("treatment", pa.string()), *axes, *outcomes, pa.field("error", pa.string())])

    def table(self, found: list[tuple[int, dict[str, float | None], str | None]]) -> pa.Table:
        """Rows of (run number, outcomes, error or None)."""
        rows = []
        for number, outcomes, error in found:
            run = self.run(number)
            axes = {axis.key: _cell(axis, value) for axis, value in zip(self.study.axes, run.values, strict=True)}
            head = {"run": number, "replication": run.replication, "seed": run.seed, "treatment": run.treatment}
            rows.append({**head, **axes, **outcomes, "error": error})
        return pa.Table.from_pylist(rows, self.schema)


def make_plan(study: Study) -> Plan:
    """The plan of a study, with every treatment and every value of an axis tried on the scenario."""
    plan = Plan(study)
    if len(plan) == 0:
        raise BadInput(f"The plan of {study.title!r} is empty; give replications of 1 or more.")
    if len(plan) > MOST_RUNS:
        raise BadInput(f"The plan of {study.title!r} has {len(plan)} runs, but must have at most {MOST_RUNS}; take fewer values or points.")
    study.market()
    for axis in study.axes:
        for value in axis.values or (axis.low, axis.high):
            _try(study, f"axis {axis.key!r}", ((axis.key, value),))
    for treatment in study.treatments:
        _try(study, f"treatment {treatment.name!r}", tuple(map(parse_set, treatment.sets)))
    return plan


def points(study: Study) -> list[tuple[Any, ...]]:
    """The points of the design, a value per axis: ranged axes by `design`, crossed with the values of the others."""
    ranged = [axis for axis in study.axes if axis.ranged]
    if study.design == "star":
        return _star(study)
    if study.design == "grid":
        spaced = [[_between(axis, step / max(study.points - 1, 1)) for step in range(study.points)] for axis in ranged]
        sampled_points = list(itertools.product(*spaced))
    elif ranged:
        if study.design in DESIGNS:
            unit = sampled(study.design, len(ranged), study.points, study.seed).tolist()
        else:
            sampler = (qmc.LatinHypercube if study.design == "lhs" else qmc.Sobol)(len(ranged), rng=study.seed)
            unit = sampler.random(study.points).tolist()
        sampled_points = [tuple(_between(axis, u) for axis, u in zip(ranged, row, strict=True)) for row in unit]
    else:
        sampled_points = [()]
    listed = itertools.product(*(axis.values for axis in study.axes if not axis.ranged))
    found = []
    for sample, others in itertools.product(sampled_points, listed):
        from_sample, from_list = iter(sample), iter(others)
        found.append(tuple(next(from_sample) if axis.ranged else next(from_list) for axis in study.axes))
    return found


def _star(study: Study) -> list[tuple[Any, ...]]:
    """The first value of every axis, then every other value of one axis at a time."""
    spaced = [each.values or [_between(each, step / max(study.points - 1, 1)) for step in range(study.points)] for each in study.axes]
    first = tuple(values[0] for values in spaced)
    return [first, *((*first[:n], value, *first[n + 1 :]) for n, values in enumerate(spaced) for value in values[1:])]


def _between(axis: Axis, share: float) -> float:
    low, high = axis.ends
    return low + share * (high - low)


def _try(study: Study, what: str, sets: tuple[tuple[str, Any], ...]) -> None:
    try:
        study.market(sets)
    except AdlabmError as error:
        raise BadInput(f"Study {study.title!r}, {what}: {error}") from error


def _kind(axis: Axis) -> pa.DataType:
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in axis.values)
    return pa.float64() if numeric else pa.string()


def _cell(axis: Axis, value: Any) -> Any:
    return float(value) if _kind(axis) == pa.float64() else str(value)
