"""SIGKILL of runner, worker and Dask worker at random moments: the table is that of the uninterrupted sweep.

`ADLABM_KILLS=55 python -m pytest tests/sweep/test_kills.py -m slow` kills 220 processes (55 in each case); a few by default.
"""

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from adlabm.sweep import engines, run
from adlabm.sweep.folder import Folder
from adlabm.sweep.plan import Plan
from adlabm.sweep.store import content_hash
from tests.sweep.studies import pretend, study, without_market

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("ADLABM_KILLS", "3"))
EACH = study(replications=10, part=3)
CLEAN = multiprocessing.get_context("forkserver")
CLEAN.set_forkserver_preload([__name__])
IN_A_LIFE = engines.MOST_DEATHS - 1  # workers that may be killed before a part that was never to blame counts as deadly


def slowly(text: str, part: int):
    """A part that leaves time to be killed in."""
    time.sleep(0.02)
    return pretend(text, part)


def descendants(process: int) -> list[int]:
    """All processes below this one."""
    children = Path(f"/proc/{process}/task/{process}/children")
    try:
        found = [int(child) for child in children.read_text().split()]
    except OSError:
        return []
    return found + [below for child in found for below in descendants(child)]


def worker_of(process: int, rng: random.Random) -> int | None:
    """One of the processes that work for this one; not those that multiprocessing keeps for itself."""
    found = [each for each in descendants(process) if b"tracker" not in command(each)]
    return rng.choice(found) if found else None


def command(process: int) -> bytes:
    """The command line, nothing of a process that is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def runner(out: Path, engine: str, jobs: int) -> None:
    """A sweep that pretends, resumed if there is something of it."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    pretending(pytest.MonkeyPatch())
    run.run_study(EACH, engine=engine, jobs=jobs, out=out, resume=True)


def start(out: Path, engine: str, jobs: int) -> multiprocessing.process.BaseProcess:
    """A runner in a process of its own, forked from one that knows no Dask: of that, threads are missing after a fork."""
    process = CLEAN.Process(target=runner, args=(out, engine, jobs))
    process.start()
    return process


def pretending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweeps pretend, and local workers are forked, which takes no time."""
    without_market(monkeypatch)
    monkeypatch.setattr(run, "work", slowly)
    forked = SimpleNamespace(get_context=lambda _: multiprocessing.get_context("fork"), parent_process=multiprocessing.parent_process)
    monkeypatch.setattr(engines, "multiprocessing", forked)


def life(out: Path, engine: str, jobs: int, kills: int, rng: random.Random) -> tuple[int, set[int]]:
    """One folder, from empty to done, with so many kills on the way: how many hit, and every process that was seen."""
    hits, left, runner, seen = 0, IN_A_LIFE, start(out, engine, jobs), set[int]()
    while True:
        deadline = time.monotonic() + rng.random() * (0.25 if engine == "local" else 3.0)
        while time.monotonic() < deadline or hits == kills:
            if not runner.is_alive():
                return hits, seen
            seen.update(descendants(runner.pid))
            time.sleep(0.01)
        worker = worker_of(runner.pid, rng) if left and rng.random() < 0.5 else None
        try:
            os.kill(worker or runner.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        hits += 1
        if worker:
            left -= 1
        else:
            runner.join()
            runner, left = start(out, engine, jobs), IN_A_LIFE


@pytest.fixture(params=["local", "dask"])
def engine(request):
    """Either engine, where it is installed."""
    if request.param == "dask":
        pytest.importorskip("distributed")
    return request.param


@pytest.fixture
def whole(tmp_path, monkeypatch) -> str:
    """The content hash of the uninterrupted sweep."""
    pretending(monkeypatch)
    run.run_study(EACH, jobs=1, out=tmp_path / "whole")
    return content_of(tmp_path / "whole")


def content_of(out: Path) -> str:
    """The content hash of all rows, after a look whether just the parts of the plan are there."""
    plan = Plan(EACH)
    assert sorted(each.name for each in (out / "parts").iterdir()) == [f"{part:06d}.parquet" for part in range(plan.parts)]
    return content_hash(Folder(out, plan).read(range(plan.parts)))


@pytest.mark.parametrize("jobs", [1, 2])
def test_two_runners_in_one_folder(tmp_path, whole, engine, jobs):
    runners = [start(tmp_path / "both", engine, jobs) for _ in range(2)]
    for each in runners:
        each.join()
    assert [each.exitcode for each in runners] == [0, 0]
    assert content_of(tmp_path / "both") == whole


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_row_is_lost_doubled_or_different(tmp_path, whole, engine, jobs):
    rng, total, seen = random.Random(f"{engine} {jobs}"), 0, set[int]()
    for story in range(99 * KILLS):
        if total >= KILLS:
            break
        out = tmp_path / str(story)
        hits, processes = life(out, engine, jobs, min(7, KILLS - total), rng)
        total, seen = total + hits, seen | processes
        assert content_of(out) == whole
    assert total >= KILLS
    deadline = time.monotonic() + 30
    while any(b"python" in command(each) for each in seen):  # whoever worked for a runner that was killed leaves too
        assert time.monotonic() < deadline
        time.sleep(0.1)
