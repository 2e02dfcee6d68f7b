"""Files survive kills, full disks and flipped bits, and foreign folders are left alone."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.sweep import store
from adlabm.sweep.store import content_hash, micro, money, prepare_out, quote, read_run, read_table, to_json, write_run, write_table
from tests.reports.fake_run import fake_run

INT64 = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def run():
    return fake_run(traders=60, ticks=80)


def small(rows: int = 400) -> pa.Table:
    rng = np.random.default_rng(3)
    return pa.table(
        {
            "tick": np.arange(rows),
            "price": rng.normal(size=rows),
            "kind": pa.array(rng.choice(["adl", "funding", "Übernahme"], rows), mask=rng.random(rows) < 0.2),
            "amount": money(rng.integers(-(10**15), 10**15, rows), rng.random(rows) < 0.1),
            "whale": rng.random(rows) < 0.5,
        }
    )


@given(st.lists(INT64, max_size=30))
def test_money_is_exact(values):
    column = money(np.array(values, dtype=np.int64))
    assert micro(column) == values
    assert column.to_pylist() == [Decimal(v).scaleb(-6) for v in values]
    assert [str(quote(v)) for v in values] == [format(Decimal(v) / 10**6, ".6f") for v in values]


def test_money_can_be_missing():
    assert micro(money(np.array([1, 2, 3]), np.array([False, True, False]))) == [1, None, 3]


@given(st.lists(st.one_of(st.none(), st.text(max_size=4)), max_size=20), st.integers(1, 5))
@settings(max_examples=50)
def test_content_hash_ignores_chunks_and_dictionaries(words, size):
    plain = pa.array(words, pa.string())
    whole = content_hash(pa.table({"a": plain}))
    parts = pa.chunked_array([plain[k : k + size] for k in range(0, len(words), size)], pa.string())
    assert content_hash(pa.table({"a": parts})) == whole == content_hash(pa.table({"a": plain.dictionary_encode()}))
    assert content_hash(pa.table({"a": pa.concat_arrays([pa.array(["x"], pa.string()), plain])}).slice(1)) == whole


def test_content_hash_sees_every_difference():
    table = small()
    versions = [
        table,
        table.rename_columns(["Tick", *table.column_names[1:]]),
        table.select(table.column_names[::-1]),
        table.slice(1),
        table.set_column(0, "tick", table["tick"].cast(pa.int32())),
        table.set_column(2, "kind", pa.array([v or "" for v in table["kind"].to_pylist()])),
        table.set_column(1, "price", pa.array(np.nextafter(table["price"].to_numpy(), 9))),
        table.set_column(2, "kind", pa.array(["ad", "ladl", *table["kind"].to_pylist()[2:]])),
        table.set_column(2, "kind", pa.array(["adl", "adl", *table["kind"].to_pylist()[2:]])),
    ]
    assert len({content_hash(v) for v in versions}) == len(versions)


def test_content_hash_is_pinned():
    table = pa.table(
        {"a": pa.array([1, None, 3]), "b": pa.array(["x", "", None]), "c": money(np.array([1, -1, 0])), "d": [True, False, None]}
    )
    assert content_hash(table) == "9f86c9bd3c1821d1105603d91f3c3f5d17f6905233c29f406615ee768d1e5d7f"


def test_content_hash_ignores_what_lies_under_a_missing_value():
    values = [pa.array(np.array([1, k]), mask=np.array([False, True])) for k in (5, 6)]
    assert content_hash(pa.table({"a": values[0]})) == content_hash(pa.table({"a": values[1]}))


def test_written_table_reads_back(tmp_path):
    table = small().replace_schema_metadata({"plan": "7"})
    assert write_table(tmp_path / "t.parquet", table) == content_hash(table)
    assert read_table(tmp_path / "t.parquet").equals(table, check_metadata=True)
    assert os.listdir(tmp_path) == ["t.parquet"]
    assert pq.read_table(tmp_path / "t.parquet").equals(table)


def test_columns_as_arrays(tmp_path):
    write_table(tmp_path / "t.parquet", {"a": np.arange(3), "b": np.ones(3)})
    assert read_table(tmp_path / "t.parquet").to_pydict() == {"a": [0, 1, 2], "b": [1.0, 1.0, 1.0]}


def test_flipped_bits_never_become_wrong_numbers(tmp_path):
    path, rng, table = tmp_path / "t.parquet", random.Random(11), small()
    write_table(path, table)
    good, wrong, messages = path.read_bytes(), 0, []
    for _ in range(200):
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        path.write_bytes(bad)
        try:
            wrong += content_hash(read_table(path)) != content_hash(table)
        except BadInput as error:
            messages.append(str(error))
    assert wrong == 0
    assert len(messages) > 150
    assert all(str(path) in message and "\n" not in message for message in messages)


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b[:-1], lambda b: b"PAR1" + b"\0" * 50])
def test_broken_file_is_one_sentence(tmp_path, damage):
    path = tmp_path / "t.parquet"
    write_table(path, small())
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BadInput, match=r"is damaged \(.*\); delete it and run again"):
        read_table(path)
    with pytest.raises(BadInput, match=r"There is no file"):
        read_table(tmp_path / "none.parquet")


WRITER = """
import sys, itertools, numpy as np
from adlabm.sweep.store import write_table
print("ready", flush=True)
for k in itertools.count():
    write_table(sys.argv[1], {"a": np.arange(300_000) * k, "k": np.full(300_000, k)})
"""


def test_kill_leaves_no_half_file(tmp_path):
    rng = random.Random(5)
    for attempt in range(6):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder / "t.parquet")], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(rng.uniform(0.005, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for name in os.listdir(folder):
            assert name == "t.parquet" or name.endswith(".partial")
        if (folder / "t.parquet").exists():
            table = read_table(folder / "t.parquet")
            k = table["k"][0].as_py()
            assert np.array_equal(table["a"].to_numpy(), np.arange(300_000) * k)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_full_disk_leaves_nothing(tmp_path, monkeypatch, call):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store.os, call, full)
    with pytest.raises(OSError, match=r"Cannot write .*: No space left on device. Nothing was left half written") as caught:
        write_table(tmp_path / "t.parquet", small())
    assert caught.value.errno == errno.ENOSPC
    assert os.listdir(tmp_path) == []


def test_failing_disk_is_noticed_before_the_file_gets_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "_parquet", lambda path: small(7))
    with pytest.raises(OSError, match=r"differs from what was written"):
        write_table(tmp_path / "t.parquet", small())
    assert os.listdir(tmp_path) == []


def test_run_folder_round_trip(tmp_path, run):
    out = write_run(tmp_path / "deep" / "out", run)
    back = read_run(out)
    assert (
        {n: content_hash(t) for n, t in back.tables().items()}
        == {n: content_hash(t) for n, t in run.tables().items()}
        == back.manifest["tables"]
    )
    assert back.summary["equity_end"] == run.summary["equity_end"]
    assert f'"equity_end": {run.summary["equity_end"]},' in (out / "summary.json").read_text()
    assert json.loads((out / "summary.json").read_text())["ticks"] == 80
    assert back.scenario["contracts"][1]["name"] == "ETH-PERP"
    assert os.listdir(tmp_path / "deep") == ["out"]


def test_a_previous_run_is_replaced_as_a_whole(tmp_path, run):
    out = write_run(tmp_path / "out", run)
    (out / "report.html").write_text("old")
    write_run(out, store.RunTables(run.traders, run.events, run.series, run.summary, run.scenario, run.manifest))
    assert sorted(os.listdir(out)) == sorted(
        ["traders.parquet", "events.parquet", "series.parquet", "summary.json", "scenario.toml", "manifest.json"]
    )
    assert os.listdir(tmp_path) == ["out"]


def test_other_peoples_folders_are_refused(tmp_path, run, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    assert prepare_out(out) == out
    (out / "thesis.docx").write_text("years of work")
    with pytest.raises(BadInput, match=r"holds 'thesis.docx', which adlabm did not write; give a folder"):
        write_run(out, run)
    (out / "thesis.docx").rename(out / "manifest.json")
    with pytest.raises(BadInput, match=r"no manifest.json of a run of adlabm"):
        write_run(out, run)
    with pytest.raises(BadInput, match=r"is a file; give a folder"):
        prepare_out(out / "manifest.json")
    monkeypatch.chdir(out)
    with pytest.raises(BadInput, match=r"name a folder inside it"):
        prepare_out(".")
    assert (out / "manifest.json").read_text() == "years of work"


def test_a_note_in_a_previous_run_is_kept(tmp_path, run):
    out = write_run(tmp_path / "out", run)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match=r"'notes.txt'"):
        write_run(out, run)


def test_failure_in_the_middle_keeps_the_previous_run(tmp_path, run, monkeypatch):
    out = write_run(tmp_path / "out", run)
    before = (out / "manifest.json").read_bytes()
    calls = iter(range(100))

    def rename(source, target, keep=os.rename):
        if next(calls) == 1:
            raise OSError(errno.EIO, "Input/output error")
        keep(source, target)

    monkeypatch.setattr(store.os, "rename", rename)
    with pytest.raises(OSError, match=r"Input/output error. Nothing was left half written"):
        write_run(out, run)
    assert (out / "manifest.json").read_bytes() == before
    assert os.listdir(tmp_path) == ["out"]


def test_what_a_killed_process_left_is_swept(tmp_path, run):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    stale = tmp_path / f".out.{store.socket.gethostname()}.{process.pid}.ab{store._ENDING}"
    living = tmp_path / f".out.{store.socket.gethostname()}.{os.getppid()}.ab{store._ENDING}"
    stale.mkdir()
    living.mkdir()
    write_run(tmp_path / "out", run)
    assert not stale.exists()
    assert living.exists()


def test_not_a_run(tmp_path):
    with pytest.raises(BadInput, match=r"There is no manifest.json in"):
        read_run(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(BadInput, match=r"is damaged"):
        read_run(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(BadInput, match=r"is not a run of adlabm"):
        read_run(tmp_path)


def test_json_keeps_every_digit():
    value = {"a": quote(2**62), "b": [np.int64(3), np.float64(0.1), None, "x"], "c": {}, "d": True}
    assert json.loads(to_json(value), parse_float=Decimal) == {
        "a": Decimal("4611686018427.387904"),
        "b": [3, Decimal("0.1"), None, "x"],
        "c": {},
        "d": True,
    }
    with pytest.raises(ValueError, match=r"not JSON compliant"):
        to_json(float("nan"))
