"""A small change of the code around what moves money is noticed by the tests."""

from __future__ import annotations

from evidence.count import Count
from evidence.counts import mutants
from evidence.mutation import PACKAGE, Battery, Field

LEFT_OUT = ("web", "cli.py", *mutants.ROOMS)
"""The page and the command line are tried by a browser and by child processes, whose lines nobody sees."""
APART = ("tests/web", "tests/docs", "tests/evidence", "tests/broken", "tests/data", "tests/test_wheel.py", "tests/test_lock.py")
"""Tests of the page, of texts, and of other tests."""
COMPILED = Battery(
    ("tests", *(f"--ignore={word}" for word in (*APART, *(word for word in mutants.UNCOMPILED.words if not word.startswith("--"))))),
    compiled=True,
)


def files() -> tuple[str, ...]:
    """Their names below the package."""
    found = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    return tuple(path.as_posix() for path in found if path.parts[0] not in LEFT_OUT)


FIELD = Field("elsewhere", files(), (mutants.UNCOMPILED, COMPILED))
COUNT = Count(
    unit="mutants killed",
    scope="As `mutants`, in all other rooms but the page and the command line. Those tests that reach the line run: first uncompiled the "
    "ones that try what moves money, then compiled most of the others. Failures are survivors that have no explanation.",
    floor=70,
    target=700,
    case=FIELD.case,
    cases=1 + len(FIELD.plan()),
    share=4,
    tests=("",),
    tell=FIELD.tell,
)
