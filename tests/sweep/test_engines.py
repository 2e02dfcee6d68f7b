"""A worker that dies takes nobody with it but the part that kills it."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from adlabm.errors import AdlabmError
from adlabm.sweep.engines import Workers, given, local


def square(part: int) -> int:
    return part * part


def deadly(always: tuple[int, ...], once: tuple[int, ...], folder: str, part: int) -> int:
    """Kills its process for the parts in `always`, and the first time for those in `once`."""
    mark = Path(folder) / str(part)
    if part in always or (part in once and not mark.exists()):
        mark.touch()
        os._exit(9)
    return part * part


def wrong(part: int) -> int:
    if part == 2:
        raise MemoryError("too much")
    return part


def results(engine, task, parts) -> dict:
    with Workers(engine) as workers:
        found = list(workers.compute(task, parts))
    assert sorted(part for part, _ in found) == sorted(parts)
    return dict(found)


@pytest.mark.parametrize("jobs", [1, 2])
def test_only_the_deadly_part_is_lost(tmp_path, jobs):
    found = results(local(jobs), partial(deadly, (3,), (5,), str(tmp_path)), range(9))
    assert isinstance(found.pop(3), AdlabmError)
    assert found == {part: part * part for part in range(9) if part != 3}


RUNNER = """
import multiprocessing, time
from adlabm.sweep.engines import Workers, local
from tests.sweep.test_engines import square

if __name__ == "__main__":
    with Workers(local(2)) as workers:
        assert dict(workers.compute(square, range(4))) == {0: 0, 1: 1, 2: 4, 3: 9}
        print(*(each.pid for each in multiprocessing.active_children()), flush=True)
        time.sleep(99)
"""


def lives(process: str) -> bool:
    """Whether a process is there and no zombie."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", process], capture_output=True, text=True).stdout
    return state.strip() not in ("", "Z")


def test_workers_end_with_their_runner(tmp_path):
    """SIGKILL of the runner: its workers notice and leave."""
    (tmp_path / "runner.py").write_text(RUNNER)
    command = [sys.executable, str(tmp_path / "runner.py")]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.getcwd()}, stdout=subprocess.PIPE, text=True) as runner:
        workers = runner.stdout.readline().split()
        assert len(workers) >= 1
        assert all(map(lives, workers))
        runner.kill()
    deadline = time.monotonic() + 20
    while any(map(lives, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_any_executor_will_do():
    with ThreadPoolExecutor(3) as pool:
        assert results(given(pool, 3), square, range(20)) == {part: part * part for part in range(20)}
        assert pool.submit(square, 2).result() == 4


def test_an_exception_is_the_result_of_its_part():
    with ThreadPoolExecutor(1) as pool:
        found = results(given(pool, 1), wrong, range(4))
    assert isinstance(found.pop(2), MemoryError)
    assert found == {0: 0, 1: 1, 3: 3}


def test_no_work_starts_nothing():
    with Workers(local(2)) as workers:
        assert list(workers.compute(square, [])) == []
        assert workers.executor is None
