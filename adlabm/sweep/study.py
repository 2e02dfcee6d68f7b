"""A study: a scenario, what is varied, how often it is repeated and what is measured, as one TOML file."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from adlabm import registry
from adlabm.errors import BadInput, unknown
from adlabm.scenario import Scenario, read_scenario, unique
from adlabm.schema import Name, Number, Positive, Table, Text, explain, problem
from adlabm.settings import parse_set, read_toml, with_changes

MOST_RUNS = 10**7
STUDY_KEYS = ("scenario", "adoption")
"""Keys of axes and treatments that are the study's, not the scenario's."""
Count = Annotated[int, Field(strict=True, ge=1, le=10**6)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]


def _sets(sets: tuple[str, ...]) -> tuple[str, ...]:
    for each in sets:
        parse_set(each)
    return sets


def expanded(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names with every {a,b} written out, as a shell does.

    Example:
        >>> expanded(("metric:by-group.{probe,twin}.wealth",))
        ('metric:by-group.probe.wealth', 'metric:by-group.twin.wealth')
    """
    found: list[str] = []
    for name in names:
        pieces = [piece[1:-1].split(",") if piece.startswith("{") else [piece] for piece in re.split(r"(\{[^{}]*\})", name)]
        found += ["".join(each) for each in itertools.product(*pieces)]
    return tuple(found)


Sets = Annotated[Texts, AfterValidator(_sets)]
Names = Annotated[Texts, Field(min_length=1), AfterValidator(expanded)]


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

    @property
    def ends(self) -> tuple[float, float]:
        """Low and high of an axis that is ranged."""
        low, high = self.low, self.high
        assert low is not None
        assert high is not None
        return low, high


class Treatment(Table):
    """A named list of changes; the first of a study is what the others are compared with."""

    name: Name
    sets: Sets = ()


class Advice(Table):
    """What everyone is told: members of some `groups` who follow it have the changes `sets` of their group's table.

    The key `adoption` (an axis, or set by a treatment) is the share who follow, drawn anew in every run and the same for all groups.
    A change of such a group by name or number, from an axis or a treatment, is a change of all its members.
    """

    groups: Texts
    sets: Sets

    def changes(self, groups: list[dict[str, Any]], key: str) -> bool:
        """Whether a dotted key belongs to one of the groups that follow."""
        advised = {each for n, group in enumerate(groups) if group.get("name") in self.groups for each in (str(group["name"]), str(n))}
        above, _, below = key.partition(".")
        return above == "traders" and below.partition(".")[0] in advised

    def followed(self, groups: list[dict[str, Any]], adoption: float) -> Iterator[dict[str, Any]]:
        """The groups with those who do not follow, then the same groups with those who do, all with the noise of the whole."""
        for name in self.groups:
            if name not in [group.get("name") for group in groups]:
                raise unknown("group", name, [str(group.get("name")) for group in groups], "advice.groups")
        if not 0 <= adoption <= 1:
            raise BadInput(f"adoption is {adoption!r}, but must be from 0 to 1.")
        for group in groups:
            yield {**group, "members": [adoption, 1.0]} if group["name"] in self.groups else group
        for group in groups:
            if group["name"] in self.groups:
                follower = {**group, "name": f"{group['name']}-advised", "twin_of": group["name"], "members": [0.0, adoption]}
                yield with_changes(follower, map(parse_set, self.sets))


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
        traders: groups that join those of the scenario, such as probes; of their twins only what differs needs to be said.
        sets: changes of the scenario in all runs; `smoke`: further ones that make it a toy.
        advice: what a share `adoption` of everybody does otherwise.
        axes, treatments: besides keys of the scenario they may set `scenario` and `adoption`.
        design: every point with every treatment, with ranged axes at `points` evenly on a grid, by Latin hypercube or by Sobol sequence,
            or at the points from which `sensitivity` takes the indices of Saltelli or Morris (more than `points` of them);
            or a `star`: one axis at a time leaves its first value, then one treatment at a time the first.
        replications: repetitions of every cell; repetition r has the seed `seed` + r in all cells, so that they share their noise.
        populations: with P of them repetition r has the seed `seed` + r mod P, and from the opening on the noise of its own future,
            r div P; 0 gives every repetition its own population.
        outcomes: keys of the summary, or `metric:NAME.KEY` for a number that a metric of traders, events and series gives;
            {a,b} stands for either.
        part: runs per file of results.
    """

    title: Text
    question: Text
    scenario: Text
    traders: Annotated[tuple[dict[str, Any], ...], Field(strict=False)] = ()
    advice: Advice | None = None
    sets: Sets = ()
    smoke: Sets = ()
    axes: Annotated[tuple[Axis, ...], Field(strict=False)] = ()
    design: Literal["grid", "lhs", "sobol", "saltelli", "morris", "star"] = "grid"
    points: Count = 2
    treatments: Annotated[tuple[Treatment, ...], Field(strict=False, min_length=1)] = (Treatment(name="baseline"),)
    replications: Annotated[int, Field(strict=True, ge=0, le=10**6)] = 20
    populations: Annotated[int, Field(strict=True, ge=0, le=10**6)] = 0
    seed: Annotated[int, Field(strict=True, ge=0, le=2**62)] = 0
    outcomes: Names
    stop: Stop | None = None
    part: Count = 64

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        unique("treatments", [each.name for each in self.treatments])
        for name, words in (("axes", [each.key for each in self.axes]), ("outcomes", list(self.outcomes))):
            for index, word in enumerate(words):
                if word in words[:index]:
                    raise problem(f"is {word!r}, which is there already; leave one out", name, index)
        if self.design in ("sobol", "saltelli") and self.points & (self.points - 1):
            raise problem(f"is {self.points}, but must be a power of 2 for Sobol sequences", "points")
        for wanted in (self.stop.outcome, "adl_events") if self.stop else ():
            if wanted not in self.outcomes:
                raise problem(f"needs {wanted!r} among the outcomes; add it there", "stop")
        return self

    @classmethod
    def load(cls, name_or_path: str | Path, smoke: bool = False) -> Study:
        """A study by name (`adlabm list studies`) or by path; with `smoke` at toy size."""
        name = os.fspath(name_or_path)
        path = Path(name) if name.endswith(".toml") or os.sep in name else registry.find("studies", name)
        path = path / "study.toml" if os.path.isdir(path) else path
        data = read_toml(path, "study")
        if isinstance(base := data.pop("base", None), str):
            data = _upon(read_toml(path.parent / base, "base of the study"), data)
        if isinstance(data.get("scenario"), str) and os.path.isfile(beside := path.parent / data["scenario"]):
            data["scenario"] = str(beside.resolve())
        try:
            study = cls.model_validate(data)
        except ValidationError as error:
            raise explain(error, str(path)) from None
        return study.toy() if smoke else study

    def toy(self) -> Study:
        """The same study at toy size: the ends of every axis, the first and last treatment, one replication."""
        axes = tuple(each.model_copy(update={"values": (*each.values[:1], *each.values[1:][-1:])}) for each in self.axes)
        ends = (*self.treatments[:1], *self.treatments[1:][-1:])
        small = {"axes": axes, "treatments": ends, "points": 2, "replications": 1, "populations": 0, "stop": None}
        return self.model_copy(update={**small, "sets": (*self.sets, *self.smoke)})

    def market(self, changes: tuple[tuple[str, Any], ...] = ()) -> Scenario:
        """The scenario with the groups and changes of the study, then `changes`."""
        wanted = [*map(parse_set, self.sets), *changes]
        own: dict[str, Any] = {"scenario": self.scenario, "adoption": 0.0} | {key: value for key, value in wanted if key in STUDY_KEYS}
        overrides: dict[str, Any] = {}
        if self.traders or self.advice:
            path = Path(own["scenario"]) if own["scenario"].endswith(".toml") else registry.find("scenarios", own["scenario"])
            given = read_scenario(path, str(path)).get("traders", [])
            if not isinstance(given, list):
                raise BadInput(f"{path}: traders must be a list of tables, [[traders]].")
            followed = given
            if self.advice:
                shared = [each for each in wanted if self.advice.changes(given, each[0])]
                wanted = [each for each in wanted if each not in shared]
                followed = list(self.advice.followed(with_changes({"traders": given}, shared)["traders"], own["adoption"]))
            overrides["traders"] = [*followed[: len(given)], *self._probes(), *followed[len(given) :]]
        return Scenario.load(own["scenario"], [each for each in wanted if each[0] not in STUDY_KEYS], **overrides)

    def _probes(self) -> list[dict[str, Any]]:
        """The study's own groups; a twin among them has what its twin has wherever it says nothing else."""
        named = {each.get("name"): each for each in self.traders}
        return [{**named.get(each.get("twin_of"), {}), **each} for each in self.traders]


def _upon(base: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The tables of a study on those of its base: lists are joined, other keys replaced."""
    joined = {key: [*base[key], *value] for key, value in data.items() if isinstance(value, list) and isinstance(base.get(key), list)}
    return {**base, **data, **joined}
