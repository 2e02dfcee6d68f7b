"""A count: a promise, and numbered cases that can break it. Case n is the same case on every machine."""

from __future__ import annotations

import itertools
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

COUNTS = tuple(sorted(path.stem for path in Path(__file__).with_name("counts").glob("[a-z]*.py")))


class Case(NamedTuple):
    """What one case came to: how much it counts for, what went wrong (empty: nothing), and what was met on the way."""

    number: int = 1
    failure: str = ""
    facts: Mapping[str, int] = {}


@dataclass(frozen=True)
class Count:
    """A promise and its cases.

    Attributes:
        unit: what is counted.
        scope: what is compared with what, and what is not.
        floor, target: how many there should be for a first release, and in the end; 0 where all of them are few.
        case: case number -> Case; an exception is a failure too.
        cases: how many there are (None: endless).
        share: part of the budget, relative to the others.
        fresh: whether `make soak` draws cases from it.
        tests: folders below `tests/` that decide its cases, beside the package and the count's own file.
        tell: one more sentence, from the facts of all cases.
    """

    unit: str
    scope: str
    floor: int
    target: int
    case: Callable[[int], Case]
    cases: int | None = None
    share: float = 1.0
    fresh: bool = False
    tests: tuple[str, ...] = ()
    tell: Callable[[Counter[str]], str] = field(default=lambda facts: "")


@dataclass
class Tally:
    """What the cases of a count came to."""

    number: int = 0
    cases: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    facts: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        """Both, one after the other."""
        return Tally(
            self.number + other.number,
            self.cases + other.cases,
            self.seconds + other.seconds,
            self.failures + other.failures,
            self.facts + other.facts,
        )


def promise(name: str) -> str:
    """The sentence at the head of a count's file."""
    return (import_module(f"evidence.counts.{name}").__doc__ or "").strip().splitlines()[0]


def count(name: str) -> Count:
    """The count in a file of `counts`."""
    found = import_module(f"evidence.counts.{name}").COUNT
    assert isinstance(found, Count)
    return found


def try_case(name: str, number: int) -> Case:
    """One case; whatever it raises is its failure, with the command that repeats it."""
    try:
        case = count(name).case(number)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        sentence = f"{type(error).__name__}: {error} ({place.filename}:{place.lineno})".replace("\n", " ")
        case = Case(0, sentence[:600])
    return case._replace(failure=f"{case.failure} [python -m evidence {name} --first {number} --cases 1]") if case.failure else case


def run(name: str, numbers: Iterator[int], seconds: float) -> Tally:
    """Cases one after the other until they, or the seconds, run out."""
    tally, started = Tally(), time.monotonic()
    for number in numbers:
        case = try_case(name, number)
        tally.cases += 1
        tally.number += case.number
        tally.facts.update(case.facts)
        if case.failure:
            tally.failures.append(case.failure)
        if time.monotonic() - started > seconds:
            break
    tally.seconds = time.monotonic() - started
    return tally


def numbers_of(name: str, first: int = 0, cases: int | None = None) -> Iterator[int]:
    """The numbers of a count's cases, from `first` on, at most so many."""
    last = count(name).cases
    return iter(itertools.islice(range(first, last) if last is not None else itertools.count(first), cases))
