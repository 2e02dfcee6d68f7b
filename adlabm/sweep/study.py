"""A study: a scenario, what is varied, how often it is repeated and what is measured, as one TOML file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from adlabm import registry
from adlabm.errors import BadInput
from adlabm.scenario import Scenario, read_scenario, unique
from adlabm.schema import Name, Number, Positive, Table, Text, explain, problem
from adlabm.settings import parse_set, read_toml

MOST_RUNS = 10**7
Count = Annotated[int, Field(strict=True, ge=1, le=10**6)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]


def _sets(sets: tuple[str, ...]) -> tuple[str, ...]:
    for each in sets:
        parse_set(each)
    return sets


Sets = Annotated[Texts, AfterValidator(_sets)]


class Axis(Table):
    """A key of the scenario that is varied: over listed `values`, or from `low` to `high` as the study's `design` has it."""

    key: Text
    values: Annotated[tuple[bool | int | float | str, ...], Field(strict=False)] = ()
    low: Number | None = None
    high: Number | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.values) == self.ranged:
            raise problem(f"{self.key!r} needs either values, or both low and high with low < high")
        if len(set(map(repr, self.values))) < len(self.values):
            raise problem("has a value twice", "values")
        return self

    @property
    def ranged(self) -> bool:
        """Whether the axis runs from low to high."""
        return self.low is not None and self.high is not None and self.low < self.high


class Treatment(Table):
    """A named list of changes; the first of a study is what the others are compared with."""

    name: Name
    sets: Sets = ()


class Stop(Table):
    """When to stop before all replications are done: looked at after `every` so many.

    In every cell the mean of `outcome` must be known to `half_width` (95 %) and at least `adl_runs` runs must have had an ADL.
    """

    outcome: Text
    half_width: Positive
    every: Count = 20
    adl_runs: Annotated[int, Field(strict=True, ge=0, le=10**6)] = 20


class Study(Table):
    """What a sweep runs.

    Attributes:
        scenario: name, or path of a TOML file (as seen from the study).
        traders: groups that join those of the scenario, such as probes and their twins.
        sets: changes of the scenario in all runs; `smoke`: further ones that make it a toy.
        design: where ranged axes take their `points`: evenly on a grid, by Latin hypercube or by Sobol sequence.
        replications: repetitions of every cell; repetition r has the seed `seed` + r in all cells, so that they share their noise.
        outcomes: keys of the summary, or `metric:NAME.KEY` for a number that a metric of traders, events and series gives.
        part: runs per file of results.
    """

    title: Text
    question: Text
    scenario: Text
    traders: Annotated[tuple[dict[str, Any], ...], Field(strict=False)] = ()
    sets: Sets = ()
    smoke: Sets = ()
    axes: Annotated[tuple[Axis, ...], Field(strict=False)] = ()
    design: Literal["grid", "lhs", "sobol"] = "grid"
    points: Count = 2
    treatments: Annotated[tuple[Treatment, ...], Field(strict=False, min_length=1)] = (Treatment(name="baseline"),)
    replications: Annotated[int, Field(strict=True, ge=0, le=10**6)] = 20
    seed: Annotated[int, Field(strict=True, ge=0, le=2**62)] = 0
    outcomes: Annotated[Texts, Field(min_length=1)]
    stop: Stop | None = None
    part: Count = 16

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        unique("treatments", [each.name for each in self.treatments])
        for name, words in (("axes", [each.key for each in self.axes]), ("outcomes", list(self.outcomes))):
            for index, word in enumerate(words):
                if word in words[:index]:
                    raise problem(f"is {word!r}, which is there already; leave one out", name, index)
        if self.design == "sobol" and self.points & (self.points - 1):
            raise problem(f"is {self.points}, but must be a power of 2 for a Sobol sequence", "points")
        for wanted in (self.stop.outcome, "adl_events") if self.stop else ():
            if wanted not in self.outcomes:
                raise problem(f"needs {wanted!r} among the outcomes; add it there", "stop")
        return self

    @classmethod
    def load(cls, name_or_path: str | Path, smoke: bool = False) -> Study:
        """A study by name (`adlabm list studies`) or by path; with `smoke` at toy size."""
        name = os.fspath(name_or_path)
        path = Path(name) if name.endswith(".toml") or os.sep in name else registry.find("studies", name)
        path = path / "study.toml" if path.is_dir() else path
        data = read_toml(path, "study")
        if isinstance(data.get("scenario"), str) and (beside := path.parent / data["scenario"]).is_file():
            data["scenario"] = str(beside.resolve())
        try:
            study = cls.model_validate(data)
        except ValidationError as error:
            raise explain(error, str(path)) from None
        return study.toy() if smoke else study

    def toy(self) -> Study:
        """The same study at toy size: the ends of every axis, one replication."""
        axes = tuple(each.model_copy(update={"values": (*each.values[:1], *each.values[1:][-1:])}) for each in self.axes)
        return self.model_copy(update={"axes": axes, "points": 2, "replications": 1, "sets": (*self.sets, *self.smoke), "stop": None})

    def market(self, changes: tuple[tuple[str, Any], ...] = ()) -> Scenario:
        """The scenario with the groups and changes of the study, then `changes`."""
        overrides: dict[str, Any] = {}
        if self.traders:
            path = Path(self.scenario) if self.scenario.endswith(".toml") else registry.find("scenarios", self.scenario)
            given = read_scenario(path, str(path)).get("traders", [])
            if not isinstance(given, list):
                raise BadInput(f"{path}: traders must be a list of tables, [[traders]].")
            overrides["traders"] = [*given, *self.traders]
        return Scenario.load(self.scenario, [*self.sets, *changes], **overrides)
