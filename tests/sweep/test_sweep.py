"""A sweep ends with the same table however often it was killed, refused a write, cut into shards or given a bad file."""

import builtins
import errno
import json
import os
import random
import resource
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from adlabm.errors import BadInput
from adlabm.sweep import run
from adlabm.sweep.folder import Folder
from adlabm.sweep.plan import Plan
from adlabm.sweep.run import run_study
from adlabm.sweep.statistics import half_width
from adlabm.sweep.store import content_hash
from tests.sweep.studies import number, pretend, study, without_market


@pytest.fixture(autouse=True)
def _no_market(monkeypatch):
    without_market(monkeypatch)


def go(each, out=None, threads=1, **options):
    with ThreadPoolExecutor(threads) as pool:
        return run_study(each, executor=pool, jobs=threads, out=out, **options)


def hash_of(out: Path, each) -> str:
    plan = Plan(each)
    return content_hash(Folder(out, plan).read(range(plan.parts)))


@pytest.fixture
def whole(tmp_path) -> str:
    """The content hash of the uninterrupted sweep."""
    go(study(), tmp_path / "whole")
    return hash_of(tmp_path / "whole", study())


def test_one_row_per_run(tmp_path):
    found = go(study(), tmp_path / "x", threads=2)
    rows = found.rows
    assert rows["run"].tolist() == list(range(30))
    assert found.failed == 4
    assert found.errors == ["4 runs failed: It failed."]
    good = rows[rows["error"].isna()]
    assert good["haircut"].tolist() == [number(run, "haircut") for run in good["run"]]
    assert rows.loc[rows["error"].notna(), "haircut"].isna().all()
    pd.testing.assert_frame_equal(go(study()).rows, rows)


def kill(out: Path, rng: random.Random, kills: int) -> None:
    """SIGKILL at random moments of a sweep, until so many hit; one that was done before begins again."""
    while kills:
        child = os.fork()
        if child == 0:
            try:
                go(study(), out, resume=True)
            finally:
                os._exit(0)
        time.sleep(rng.random() * 0.06)
        os.kill(child, signal.SIGKILL)
        kills -= os.WIFSIGNALED(os.waitpid(child, 0)[1])
        if len(list(out.glob("parts/*.parquet"))) == 8:
            for part in (out / "parts").iterdir():
                part.unlink()


def test_a_killed_runner_loses_doubles_and_changes_nothing(tmp_path, whole):
    out = tmp_path / "killed"
    kill(out, random.Random(7), 25)
    go(study(), out, resume=True)
    assert hash_of(out, study()) == whole
    assert sorted(os.listdir(out / "parts")) == [f"{part:06d}.parquet" for part in range(8)]


class Failing:
    """Lets file operations below a folder pass until the N-th, which fails; counts them. A write that fails has written half (a disk that
    ran full)."""

    def __init__(self, monkeypatch, folder: Path, nth: int, code: int) -> None:
        self.calls, self.nth, self.code, self.folder = 0, nth, code, str(folder)
        for owner, name in ((os, "fsync"), (os, "replace"), (os, "rename"), (os, "mkdir")):
            monkeypatch.setattr(owner, name, self._wrap(getattr(owner, name), name))
        real = self._wrap(builtins.open, "open")
        monkeypatch.setattr(builtins, "open", lambda file, *args, **kwargs: self._watched(file, real(file, *args, **kwargs)))

    def _count(self, *where) -> None:
        self.calls += 1
        if self.calls == self.nth:
            self.fail(*where)

    def _wrap(self, real, name):
        def call(first, *args, **kwargs):
            if name == "fsync" or str(first).startswith(self.folder):
                self._count(*(() if name == "fsync" else (str(first),)))
            return real(first, *args, **kwargs)

        return call

    def fail(self, *where) -> None:
        raise OSError(self.code, os.strerror(self.code), *where)

    def _watched(self, name, file):
        return _Watched(file, self._count) if str(name).startswith(self.folder) and file.writable() else file


class _Watched:
    """A file whose writes may fail in the middle."""

    def __init__(self, file, count) -> None:
        self.file, self.count = file, count

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, data):
        try:
            self.count()
        except OSError:
            self.file.write(data[: len(data) // 2])
            raise
        return self.file.write(data)


REFUSALS = [(code, threads) for code in (errno.ENOSPC, errno.EACCES, errno.EIO) for threads in (1, 2)]


@pytest.mark.parametrize(("code", "threads"), [REFUSALS[0], *(pytest.param(*each, marks=pytest.mark.slow) for each in REFUSALS[1:])])
def test_failure_at_every_file_operation(tmp_path, code, threads):
    """However early or late the disk refuses: one sentence, nothing half written, and resuming ends with the same table."""
    each, done = study(replications=1, part=3), False
    go(each, tmp_path / "whole")
    for nth in range(1, 199):
        out = tmp_path / f"at{nth}"
        with pytest.MonkeyPatch.context() as patch:
            counter = Failing(patch, out, nth, code)
            try:
                go(each, out, threads=threads)
                done = True
            except OSError as error:
                assert "Cannot write" in str(error) or error.filename
            except BadInput as error:
                assert "is damaged" in str(error)
        assert not list(out.rglob("*.partial"))
        go(each, out, resume=True)
        assert hash_of(out, each) == hash_of(tmp_path / "whole", each)
        if done:
            break
    assert counter.calls == nth - 1 > 30


@pytest.mark.parametrize("n", [2, 3, 8])
def test_shards_make_the_whole(tmp_path, whole, n):
    shares = [go(study(), tmp_path / "shards", shard=f"{k}/{n}").rows for k in range(1, n + 1)]
    assert sorted(run for share in shares for run in share["run"]) == list(range(30))
    assert hash_of(tmp_path / "shards", study()) == whole
    assert len(go(study(), tmp_path / "shards", resume=True).rows) == 30


def test_two_runners_in_one_folder(tmp_path, whole):
    children = []
    for _ in range(2):
        children.append(os.fork())
        if children[-1] == 0:
            try:
                go(study(), tmp_path / "both", resume=True)
            finally:
                os._exit(0)
    for child in children:
        os.waitpid(child, 0)
    assert hash_of(tmp_path / "both", study()) == whole


def test_bad_parts_are_put_aside_and_done_again(tmp_path, whole):
    out = tmp_path / "x"
    go(study(), out)
    parts = sorted((out / "parts").iterdir())
    flipped = bytearray(parts[1].read_bytes())
    flipped[len(flipped) // 3] ^= 4
    parts[1].write_bytes(flipped)
    parts[2].write_bytes(parts[2].read_bytes()[:-1])
    parts[4].write_bytes(parts[3].read_bytes())
    go(study(title="other"), tmp_path / "other")
    parts[5].write_bytes((tmp_path / "other" / "parts" / parts[5].name).read_bytes())
    found = go(study(), out, resume=True)
    assert [note.split(" was")[0] for note in found.notes] == ["Part 1", "Part 2", "Part 4", "Part 5"]
    assert hash_of(out, study()) == whole
    assert len(list((out / "parts").glob("*.bad"))) == 4
    assert go(study(), out, resume=True).notes == []


def test_only_what_is_missing_is_done(tmp_path):
    out, told = tmp_path / "x", []
    go(study(), out)
    (out / "parts" / "000003.parquet").unlink()
    stamps = {file: file.stat().st_mtime_ns for file in (out / "parts").iterdir()}
    go(study(), out, resume=True, progress=lambda done, total: told.append((done, total)))
    assert told == [(30, 30)]
    assert all(file.stat().st_mtime_ns == stamp for file, stamp in stamps.items())


def test_folders_that_are_not_ours(tmp_path):
    go(study(), tmp_path / "x")
    for each, sentence in ((study(), "add --resume"), (study(title="b"), "another study, 'toy'"), (study(seed=1), "other settings")):
        with pytest.raises(BadInput, match=sentence):
            go(each, tmp_path / "x")
    mark = tmp_path / "x" / "sweep.json"
    mark.write_text(json.dumps({**json.loads(mark.read_text()), "adlabm": "0.0.9", "plan": "0"}))
    with pytest.raises(BadInput, match=r"written by adlabm 0\.0\.9"):
        go(study(), tmp_path / "x", resume=True)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.txt").write_text("mine")
    for place in ("foreign", "foreign/thesis.txt"):
        with pytest.raises(BadInput, match="holds something else"):
            go(study(), tmp_path / place)
    assert os.listdir(tmp_path / "foreign") == ["thesis.txt"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"shard": "3/2"}, "must be k/n"),
        ({"shard": "half"}, "must be k/n"),
        ({"shard": "1/9"}, "only 8 parts"),
        ({"engine": "ray"}, "local, dask"),
        ({"jobs": 0}, "at least 1"),
        ({"cluster": "tcp://127.0.0.1:1"}, "add --engine dask"),
    ],
)
def test_options_that_cannot_be(options, sentence):
    with pytest.raises(BadInput, match=sentence):
        run_study(study(), **options)


def test_stops_when_sure_enough_wherever_it_runs(tmp_path):
    rule = {"outcome": "haircut", "half_width": 0.12, "every": 10, "adl_runs": 20}
    each = study(replications=200, stop=rule, part=30)
    rows = go(each, tmp_path / "x").rows
    looked = len(rows) // 6
    assert len(rows) % 60 == 0
    assert 20 < looked < 200

    def sure(table: pd.DataFrame) -> bool:
        good = [cell["haircut"].dropna() for _, cell in table.groupby(["fund.share", "treatment"])]
        return all(len(cell) >= 20 and half_width(cell) <= 0.12 for cell in good)

    assert sure(rows)
    assert not any(sure(rows[rows["replication"] < earlier]) for earlier in range(10, looked, 10))
    pd.testing.assert_frame_equal(go(each, threads=3).rows, rows)
    (tmp_path / "x" / "parts" / "000002.parquet").unlink()
    pd.testing.assert_frame_equal(go(each, tmp_path / "x", resume=True).rows, rows)
    with pytest.raises(BadInput, match="stops when it is sure enough"):
        go(each, shard="1/2")


def test_a_part_that_no_worker_survived_is_tried_again(tmp_path, whole, monkeypatch):
    """Its rows say why, but are not kept."""
    out, work = tmp_path / "x", run.work

    def dying(text, part):
        if part == 3:
            raise MemoryError("too much")
        return work(text, part)

    monkeypatch.setattr(run, "work", dying)
    found = go(study(), out)
    assert found.rows.loc[found.rows["error"] == "too much", "run"].tolist() == [12, 13, 14, 15]
    assert len(found.rows) == 30
    monkeypatch.setattr(run, "work", work)
    go(study(), out, resume=True)
    assert hash_of(out, study()) == whole


def test_a_part_done_twice_must_say_the_same(tmp_path, whole, monkeypatch):
    """Another runner has written it meanwhile: what is there stays; a difference is told."""
    out, plan = tmp_path / "x", Plan(study())
    go(study(), out)
    folder = Folder(out, plan)
    folder.write(3, pretend(study().model_dump_json(), 3))
    assert folder.notes == []
    other = plan.table([(number, {"haircut": -1.0}, None) for number in plan.numbers(3)])
    folder.write(3, other)
    assert [note[:46] for note in folder.notes] == ["Part 3 was done twice and the results differ: "]
    assert hash_of(out, study()) == whole


@pytest.mark.slow
def test_a_hundred_thousand_runs_stay_below_500_megabytes():
    go(study())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(go(study(replications=16_667, part=1000)).rows) == 100_002
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kilobytes
