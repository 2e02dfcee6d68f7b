"""At whichever file operation the disk fails or the process dies, nothing half written stays and nothing is lost."""

from __future__ import annotations

import errno
import os
import tempfile
from functools import cache
from itertools import count, product
from pathlib import Path

import pytest

from adlabm.errors import BadInput
from adlabm.sweep.store import RunTables, read_run, write_run
from evidence.count import Case, Count
from tests.reports.fake_run import fake_run
from tests.sweep.studies import study, without_market
from tests.sweep.test_sweep import Failing, go, hash_of

DEATH = 0
KINDS = {"the disk is full": errno.ENOSPC, "no permission": errno.EACCES, "input or output error": errno.EIO, "the process dies": DEATH}
CASES = tuple(product(("store", "runner"), KINDS))
SMALL = study(replications=1, part=3)


class Dying(Failing):
    """The process ends at the N-th file operation, as if it were killed there."""

    def fail(self, *names: str) -> None:
        os._exit(9)


@cache
def tables() -> RunTables:
    """A small run."""
    return fake_run(traders=20, ticks=20)


def do(what: str, out: Path) -> str:
    """Write a run, or finish a sweep; the digest or hash of what then lies there."""
    if what == "store":
        return str(read_run(write_run(out, tables())).manifest["digest"])
    go(SMALL, out, resume=True)
    return hash_of(out, SMALL)


def disturbed(what: str, out: Path, nth: int, code: int) -> tuple[bool, str]:
    """The same with a fault at the N-th operation: whether it came to pass, and what was wrong with how it ended."""
    with pytest.MonkeyPatch.context() as patch:
        disk = (Failing if code else Dying)(patch, out.parent, nth, code)
        try:
            do(what, out)
        except (OSError, BadInput) as error:
            if not str(error) or "\n" in str(error):
                return True, f"no clear sentence: {error}"
        except Exception as error:
            return True, f"{type(error).__name__} instead of a sentence: {error}"
        return disk.calls >= nth, ""


def case(number: int) -> Case:
    """All operations, one after the other, until the work ends untouched."""
    what, kind = CASES[number]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        without_market(patch)
        expected = do(what, Path(folder) / "whole")
        for nth in count(1):
            out = Path(folder) / str(nth) / "out"
            out.parent.mkdir()
            if KINDS[kind] == DEATH:
                child = os.fork()
                if child == 0:
                    met, _ = disturbed(what, out, nth, DEATH)
                    os._exit(int(met))
                met, wrong = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9, ""
            else:
                met, wrong = disturbed(what, out, nth, KINDS[kind])
                wrong = wrong or ("a half-written file stays" if [*out.parent.rglob("*.partial*")] else "")
            if wrong or do(what, out) != expected:
                return Case(0, f"{what}, {kind} at operation {nth}: {wrong or 'the result is another one afterwards'}")
            if not met:
                return Case(nth - 1, facts={what: nth - 1})
    raise AssertionError


COUNT = Count(
    unit="fault points",
    scope="Every call of open, fsync, replace, rename and mkdir in writing a run (store) and in a sweep (runner), each with a full disk, "
    "a missing permission, an input or output error, and the death of the process there. Whatever comes, the next attempt ends "
    "with the same content; after an error nothing half written lies about.",
    floor=0,
    target=0,
    case=case,
    cases=len(CASES),
    share=1,
)
