"""A small change anywhere in the package is noticed by the tests."""

from __future__ import annotations

from evidence.count import Count
from evidence.counts import mutants
from evidence.mutation import PACKAGE, ROOT, Battery, Field

LEFT_OUT = ("web/", "cli.py", mutants.LEFT_OUT)
"""The page and the command line are tried by a browser and by child processes, whose lines nobody sees; and how code is compiled."""
APART = ("web", "docs", "evidence", "broken", "test_wheel.py", "test_lock.py")
"""Tests of the page, of texts, of other tests, and of what is installed."""


def files() -> tuple[str, ...]:
    """Their names below the package."""
    found = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
    return tuple(file for file in found if not file.startswith(LEFT_OUT))


def others() -> tuple[str, ...]:
    """Files of tests that `mutants` does not run, but those apart."""
    words = mutants.UNCOMPILED.words
    run = tuple(word for word in words if not word.startswith("--"))
    too_long = {word.removeprefix("--ignore=") for word in words if word.startswith("--ignore=")}
    found = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py"))
    found = [file for file in found if file.split("/")[1] not in APART]
    return tuple(file for file in found if file in too_long or not file.startswith(run))


COMPILED = Battery(others(), compiled=True)
FIELD = Field("package", files(), (mutants.UNCOMPILED, COMPILED))
COUNT = Count(
    unit="mutants killed",
    scope="As `mutants`, in all rooms but the page and the command line. Those tests that reach the line run: first uncompiled the "
    "ones that try what moves money, then compiled most of the others. Failures are survivors that have no explanation.",
    floor=70,
    target=700,
    case=FIELD.case,
    cases=1 + len(FIELD.plan()),
    share=4,
    tests=("",),
    tell=FIELD.tell,
)
