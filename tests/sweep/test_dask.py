"""Dask as an engine: the same results as here, workers that die, schedulers that are not there."""

import multiprocessing
import os
import random
import signal
import threading
import time

import pyarrow as pa
import pytest

from adlabm.errors import BadInput
from adlabm.sweep.engines import Workers
from adlabm.sweep.run import run_study
from tests.sweep.studies import study, without_market

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
KILLS = 3


def patient(part: int) -> pa.Table:
    time.sleep(0.05)
    return pa.table({"square": [part * part]})


def moody(part: int) -> pa.Table:
    """The odd parts are something else every time."""
    return pa.table({"one": [time.monotonic_ns() if part % 2 else part]})


def test_results_survive_workers_that_are_killed():
    """SIGKILL of random worker processes while 40 parts are under way: every part is there once, with its result."""
    from adlabm.sweep.cluster import dask

    rng, killed, done = random.Random(3), [], threading.Event()

    def kill() -> None:
        while not done.is_set() and len(killed) < KILLS:
            time.sleep(0.4 + rng.random())
            victims = [each.pid for each in multiprocessing.active_children()]
            if victims:
                killed.append(rng.choice(victims))
                os.kill(killed[-1], signal.SIGKILL)

    with Workers(dask(None, 2)) as workers:
        killer = threading.Thread(target=kill)
        killer.start()
        found = list(workers.compute(patient, range(40)))
        done.set()
        killer.join()
    assert len(killed) > 0
    assert sorted(part for part, _ in found) == list(range(40))
    assert all(result["square"].to_pylist() == [part * part] for part, result in found)


def test_a_part_that_dask_does_twice_must_have_the_same_content():
    """Workers tell the scheduler what they made, so that a difference is known although only one result arrives."""
    from adlabm.sweep.cluster import dask

    engine = dask(None, 1)
    with Workers(engine) as workers:
        for _ in range(2):
            assert len(dict(workers.compute(moody, range(6)))) == 6
        assert engine.differing() == [1, 3, 5]


def test_a_scheduler_that_is_not_there_leaves_nothing(tmp_path, monkeypatch):
    without_market(monkeypatch)
    with pytest.raises(BadInput, match=r"--cluster tcp://127\.0\.0\.1:1: no Dask scheduler answers"):
        run_study(study(), engine="dask", cluster="tcp://127.0.0.1:1", out=tmp_path / "x")
    assert not (tmp_path / "x").exists()
