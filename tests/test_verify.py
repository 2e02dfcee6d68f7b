"""A clean folder passes, and every single tampering is found and named, also where the hashes were made to fit."""

from __future__ import annotations

import random
import shutil
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from adlabm.errors import BadInput
from adlabm.fold import NAMES
from adlabm.kernels import columns as col
from adlabm.sweep.store import file_hash, micro, money, read_json, read_table, to_json, write_table
from adlabm.verify import diff, verify
from tests.reports.fake_run import fake_run

TICKS = 120


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "clean"
    fake_run(out, traders=60, ticks=TICKS)
    return out


@pytest.fixture
def run(clean, tmp_path):
    return Path(shutil.copytree(clean, tmp_path / "run"))


def seal(run: Path, name: str, table: pa.Table) -> None:
    """Writes a changed table and makes the manifest agree with it, as a careful forger would."""
    (run / f"{name}.parquet").unlink()
    content = write_table(run / f"{name}.parquet", table)
    manifest = read_json(run / "manifest.json")
    manifest["tables"][name] = content
    reseal_files(run, manifest)


def reseal_files(run: Path, manifest: dict) -> None:
    for file in manifest["files"]:
        manifest["files"][file] = {"bytes": (run / file).stat().st_size, "sha256": file_hash(run / file)}
    (run / "manifest.json").write_text(to_json(manifest))


def change(run: Path, name: str, column: str, row: int, by: int) -> pa.Table:
    table = read_table(run / f"{name}.parquet")
    at = table.column_names.index(column)
    if pa.types.is_decimal(table[column].type):
        values = micro(table[column])
        values[row] += by
        new = money(np.array(values))
    else:
        values = table[column].to_pylist()
        values[row] += by
        new = pa.array(values, table[column].type)
    table = table.set_column(at, column, new)
    seal(run, name, table)
    return table


def rows_with(run: Path, name: str, column: str, value: object) -> list[int]:
    return [k for k, v in enumerate(read_table(run / f"{name}.parquet")[column].to_pylist()) if v == value]


def told(run: Path, *words: str) -> None:
    report = verify(run)
    bad = [line for line in report.lines if line.startswith("WRONG: ")]
    assert not report.ok
    assert any(all(word in line for word in words) for line in bad), report.lines


def test_every_kind_of_posting_has_a_name():
    """As many as the engine writes; the fold knows them without it."""
    kinds = [col.BY_CHOICE, col.FORCED, col.TAKEN_OVER, col.DELEVERAGED, col.FEE, col.FUNDED, col.GAINED, col.DRAWN]
    kinds += [col.WRITTEN_OFF, col.DEPOSITED, col.WITHDRAWN, col.MOVED, col.UNWOUND, col.INDEXED, col.DEBITED]
    assert list(NAMES) == kinds


def test_clean_folder_passes(clean):
    report = verify(clean)
    assert report.ok, report.lines
    assert len(report.lines) == 5
    assert f"recomputed at {TICKS} of {TICKS} ticks" in report.lines[-1]


def test_long_runs_are_checked_at_the_chained_ticks_and_those_asked_for(clean, monkeypatch):
    monkeypatch.setattr("adlabm.verify._CELLS_AT_MOST", 0)
    assert f"recomputed at 2 of {TICKS} ticks" in verify(clean).lines[-1]
    assert f"recomputed at 4 of {TICKS} ticks" in verify(clean, ticks=[3, 77, 99]).lines[-1]
    with pytest.raises(BadInput, match="There is no ledger hash of tick 120 in"):
        verify(clean, ticks=[TICKS])


def test_uses_no_engine():
    import subprocess
    import sys

    code = "import sys, adlabm.verify; print([m for m in sys.modules if m.startswith('adlabm.') or m in ('mesa', 'numba')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == str(
        ["adlabm.errors", "adlabm.fold", "adlabm.sweep", "adlabm.sweep.content", "adlabm.sweep.store", "adlabm.verify"]
    )


@pytest.mark.parametrize("column", ["d_balance", "d_lots", "d_entry", "d_lotsf", "tick", "code", "contract", "account", "price", "event"])
def test_one_journal_row(run, column):
    row = random.Random(column).choice(rows_with(run, "journal", "code", 4))
    by = {"event": -9, "tick": -40, "account": 128, "code": 96}.get(column, 1)
    change(run, "journal", column, row, -1 if column == "contract" and read_table(run / "journal.parquet")["contract"][row].as_py() else by)
    told(run, "hashes.parquet at tick" if column == "account" else "journal.parquet, tick")


@pytest.mark.parametrize("offset", [0, 1])
def test_every_row_of_an_event_has_its_tick(run, offset):
    row = rows_with(run, "journal", "code", 3)[0] + offset
    change(run, "journal", "tick", row, -1)
    told(run, "out of order")


@pytest.mark.parametrize("code", [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 14])
def test_one_amount_of_every_kind_of_posting(run, code):
    rows = rows_with(run, "journal", "code", code)
    change(run, "journal", "d_lotsf" if code == 14 else "d_balance", random.Random(code).choice(rows), 1)
    told(run, "hashes.parquet at tick")


@pytest.mark.parametrize("column", ["contract", "d_lots", "d_entry", "d_lotsf", "price"])
def test_a_posting_of_money_is_about_no_position(run, column):
    change(run, "journal", column, rows_with(run, "journal", "code", 5)[9], 1)
    told(run, "journal.parquet, tick", "the fee of account", "carries more than money")


def test_one_journal_row_gone(run):
    table = read_table(run / "journal.parquet")
    row = rows_with(run, "journal", "code", 7)[3]
    seal(run, "journal", pa.concat_tables([table.slice(0, row), table.slice(row + 1)]))
    told(run, "come from nowhere, conservation is broken")


def test_two_journal_rows_exchanged(run):
    table = read_table(run / "journal.parquet")
    order = np.arange(table.num_rows)
    order[[50, 900]] = order[[900, 50]]
    seal(run, "journal", table.take(order))
    told(run, "out of order")


def test_one_opening_balance(run):
    rows = rows_with(run, "opening", "contract", -1)
    change(run, "opening", "balance", rows[-5], 1)
    told(run, "net_deposits")
    told(run, "equity_end of trader")
    told(run, "hashes.parquet at tick 0, 1, 2 and")


def test_the_funds_opening_balance(run):
    change(run, "opening", "balance", 0, -1)
    told(run, "fund_start")


def test_one_lot(run):
    change(run, "opening", "lots", rows_with(run, "opening", "contract", 0)[4], 1)
    told(run, "opening: the lots of contract 0 sum to 1 instead of zero")


@pytest.mark.parametrize("tick", [0, 57, 99, TICKS - 1])
def test_one_hash(run, tick):
    table = read_table(run / "hashes.parquet")
    values = table["ledger"].to_numpy().copy()
    values[tick] ^= np.uint64(1 << 40)
    seal(run, "hashes", table.set_column(1, "ledger", pa.array(values)))
    told(run, f"hashes.parquet at tick {tick}")


def test_one_link_of_the_chain(run):
    table = read_table(run / "hashes.parquet")
    values = table["chain"].to_numpy().copy()
    values[101] += np.uint64(1)
    seal(run, "hashes", table.set_column(2, "chain", pa.array(values)))
    told(run, "the chain breaks at tick 101")


def test_the_chain_in_the_manifest(run):
    manifest = read_json(run / "manifest.json")
    manifest["chain"] = "0" * 16
    reseal_files(run, manifest)
    told(run, "manifest.json says 0000000000000000")


@pytest.mark.parametrize("key", ["equity_end", "fund_end", "fees", "rounding", "net_deposits", "fund_start", "uncovered_loss"])
def test_one_unit_in_the_identity(run, key):
    alter_summary(run, key, Decimal("0.000001"))
    told(run, "equity_end + fund_end + fees + rounding exceeds", "0.000001")


@pytest.mark.parametrize(
    "key", ["haircut", "adl_notional", "liquidated_notional", "adl_events", "adl_traders", "liquidations", "traders", "first_adl_tick"]
)
def test_one_unit_in_the_sums(run, key):
    alter_summary(run, key, 1)
    told(run, f"summary.json: {key} is")


def alter_summary(run: Path, key: str, by: Decimal | int) -> None:
    summary = read_json(run / "summary.json")
    summary[key] += by
    (run / "summary.json").write_text(to_json(summary))
    reseal_files(run, read_json(run / "manifest.json"))


@pytest.mark.parametrize("column", ["equity_end", "equity_start", "deposits", "fees", "haircut", "adl_notional"])
def test_one_unit_of_one_trader(run, column):
    change(run, "traders", column, 7, 1)
    told(run, "summary.json", "net_deposits" if column == "deposits" else column)


def test_money_moved_between_two_traders(run):
    change(run, "traders", "equity_end", 7, 1)
    table = change(run, "traders", "equity_end", 9, -1)
    told(run, f"traders.parquet: equity_end of trader {table['identity'][7].as_py()} is")


def test_every_flipped_bit_is_noticed(run):
    rng, noticed = random.Random(2), 0
    files = [f for f in sorted(run.iterdir()) if f.name != "manifest.json"]
    for _ in range(40):
        file = rng.choice(files)
        good = file.read_bytes()
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        file.write_bytes(bad)
        report = verify(run)
        noticed += not report.ok and any(file.name in line for line in report.lines)
        file.write_bytes(good)
    assert noticed == 40


def test_missing_and_foreign(run, tmp_path):
    (run / "events.parquet").unlink()
    told(run, "events.parquet is missing")
    (run / "summary.json").write_text("{")
    told(run, "summary.json is damaged")
    with pytest.raises(BadInput, match=r"There is no manifest.json"):
        verify(tmp_path)
    (run / "manifest.json").write_text("{}")
    with pytest.raises(BadInput, match="is not a run of adlabm"):
        verify(run)


def test_forged_table_without_seal(run):
    table = read_table(run / "traders.parquet")
    (run / "traders.parquet").unlink()
    write_table(run / "traders.parquet", table.slice(0, 50))
    told(run, "the content of traders.parquet is not what manifest.json says")


def test_without_journal(tmp_path):
    from dataclasses import replace

    from adlabm.sweep.store import write_run

    write_run(tmp_path / "run", replace(fake_run(traders=40, ticks=30), opening=None, journal=None, hashes=None))
    report = verify(tmp_path / "run")
    assert report.ok
    assert "there is no journal to fold" in report.lines[-1]


def test_equal_runs(clean, tmp_path):
    fake_run(tmp_path / "again", traders=60, ticks=TICKS)
    report = diff(clean, tmp_path / "again")
    assert report.ok
    assert report.lines[0].startswith("the runs are equal: 6 tables with the same content")


def test_equal_tables_with_another_digest(clean, run):
    """Or with none."""
    manifest = read_json(run / "manifest.json")
    for digest in ("0" * 64, None):
        manifest["digest"] = digest
        reseal_files(run, manifest)
        for pair in ((clean, run), (run, clean)):
            report = diff(*pair)
            assert not report.ok
            assert report.lines == ["the tables are equal, but the digests differ"]


def test_first_difference(clean, run):
    table = read_table(run / "series.parquet")
    values = table["premium"].to_numpy().copy()
    values[2 * 31 + 1] += 1e-9
    seal(run, "series", table.set_column(table.column_names.index("premium"), "premium", pa.array(values)))
    change(run, "journal", "d_balance", rows_with(run, "journal", "tick", 88)[0], 1)
    report = diff(clean, run)
    assert not report.ok
    assert report.lines == ["the runs part at tick 31 (series.parquet: premium)"]


def test_other_seed(clean, tmp_path):
    fake_run(tmp_path / "other", traders=60, ticks=TICKS, seed=8)
    report = diff(clean, tmp_path / "other")
    assert report.lines[0].startswith("the runs part at tick 0 (series.parquet: index, mark")
    assert "hashes.parquet: ledger" in report.lines[0]
    assert "seed: 7 and 8" in report.lines
    assert any(line.startswith("summary equity_end: ") for line in report.lines)


def test_settings_and_rows(clean, tmp_path):
    fake_run(tmp_path / "short", traders=60, ticks=TICKS - 20)
    report = diff(clean, tmp_path / "short")
    assert report.lines[0].startswith(f"the runs part at tick {TICKS - 20} (")
    assert "number of rows" in report.lines[0]
    assert f"setting ticks: {TICKS} and {TICKS - 20}" in report.lines
