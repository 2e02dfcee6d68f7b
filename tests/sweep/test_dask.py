"""Dask as an engine: the same results as here, workers that die, schedulers that are not there."""

import multiprocessing
import os
import random
import signal
import threading
import time

import pytest

from adlabm.errors import BadInput
from adlabm.sweep.engines import Workers

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
KILLS = 3


def patient(part: int) -> int:
    time.sleep(0.05)
    return part * part


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
    assert all(result == part * part for part, result in found)


def test_a_scheduler_that_is_not_there():
    from adlabm.sweep.cluster import dask

    with pytest.raises(BadInput, match=r"--cluster tcp://127\.0\.0\.1:1: no Dask scheduler answers"):
        dask("tcp://127.0.0.1:1", 1)
