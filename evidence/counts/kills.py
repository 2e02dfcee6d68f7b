"""A sweep that is killed at any moment ends, when resumed, with the table it would have had."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from functools import cache
from pathlib import Path
from random import Random

import pytest

from evidence.count import Case, Count
from tests.sweep.studies import study, without_market
from tests.sweep.test_sweep import go, hash_of

KILLS = 25


def swept(out: Path) -> str:
    """The content hash of a whole sweep in this folder, whatever lies there already."""
    with pytest.MonkeyPatch.context() as patch:
        without_market(patch)
        go(study(), out, resume=True)
        return hash_of(out, study())


@cache
def whole() -> str:
    """The hash of the uninterrupted sweep."""
    with tempfile.TemporaryDirectory() as folder:
        return swept(Path(folder) / "whole")


def case(number: int) -> Case:
    """SIGKILL at random moments, until the sweep was killed so often; then it is resumed."""
    r, expected = Random(number), whole()
    with tempfile.TemporaryDirectory() as folder:
        out, kills = Path(folder) / "killed", 0
        while kills < KILLS:
            child = os.fork()
            if child == 0:
                try:
                    swept(out)
                finally:
                    os._exit(0)
            time.sleep(r.random() * 0.06)
            os.kill(child, signal.SIGKILL)
            kills += os.WIFSIGNALED(os.waitpid(child, 0)[1])
            if (out / "parts").is_dir() and len(list((out / "parts").glob("*.parquet"))) == 8:
                for part in (out / "parts").iterdir():
                    part.unlink()  # it was done before the kill: begin again
        same = swept(out) == expected
        tidy = sorted(os.listdir(out / "parts")) == [f"{part:06d}.parquet" for part in range(8)]
    return Case(kills, "" if same and tidy else "rows were lost, doubled or changed" if not same else "something was left behind")


COUNT = Count(
    unit="kills",
    scope="SIGKILL of the process that runs, writes, syncs and renames, at random moments of a sweep of 30 runs in 8 parts (the market "
    "is pretended, so that most of the time goes into files). Rows lost, doubled or wrong would change the content hash of the "
    "table. Deaths of workers are in `tests/sweep/test_engines.py`; loss of power was not tried.",
    floor=100,
    target=2000,
    case=case,
    share=3,
    fresh=True,
)
