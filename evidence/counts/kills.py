"""A sweep that is killed at any moment ends, when resumed, with the table it would have had."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path
from random import Random

import pytest

from evidence.count import Case, Count
from tests.sweep.studies import study, without_market
from tests.sweep.test_sweep import go, hash_of, kill

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
    expected = whole()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        without_market(patch)
        out = Path(folder) / "killed"
        kill(out, Random(number), KILLS)
        same = swept(out) == expected
        tidy = sorted(os.listdir(out / "parts")) == [f"{part:06d}.parquet" for part in range(8)]
    return Case(KILLS, "" if same and tidy else "rows were lost, doubled or changed" if not same else "something was left behind")


COUNT = Count(
    unit="kills",
    scope="SIGKILL of the process that runs, writes, syncs and renames, at random moments of a sweep of 30 runs in 8 parts (the market "
    "is pretended, so that most of the time goes into files). Rows lost, doubled or wrong would change the content hash of the "
    "table. Deaths of workers, under Dask too, are in `tests/sweep/test_kills.py`; loss of power was not tried.",
    floor=100,
    target=2000,
    case=case,
    share=3,
    fresh=True,
)
