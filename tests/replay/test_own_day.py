"""A day of one's own: what is written, and one sentence for everything that is wrong with its files."""

import json

import numpy as np
import pytest

from adlabm.sweep.store import file_hash, read_table
from tests.replay.days import START_MS, path, write_depth, write_klines

BAR_MS = 300_000
BARS = 288


@pytest.fixture
def day(tmp_path):
    """Klines of a day with a fall at noon."""
    return write_klines(tmp_path / "XYZUSDT-5m-2025-03-01.csv", path(bars=BARS))


def refused(call, tmp_path, *arguments):
    """The message of a refusal that leaves nothing behind."""
    before = sorted(tmp_path.iterdir())
    code, out, err = call("replay", "market", "--out", tmp_path / "out", *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before
    return err


def test_without_a_depth_file_it_says_so(call, day, tmp_path):
    code, out, _ = call("replay", "market", "--klines", day, "--venue", "okx", "--smoke", "--out", tmp_path / "out")
    assert code == 0
    assert "No depth file was given: the modelled depth is used" in out
    assert "# The market of 1 March 2025, XYZUSDT" in out
    folder = tmp_path / "out"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert sorted(each.name for each in folder.iterdir()) == sorted([*manifest["files"], "manifest.json"])
    assert manifest["inputs"][0]["sha256"] == file_hash(day)
    fits = read_table(folder / "fits.parquet").to_pandas()
    assert fits["venue"].tolist() == ["okx"]
    assert fits["real_fall"][0] == pytest.approx(1 - 0.87 * 0.999, abs=2e-3)
    page = (folder / "report.html").read_text()
    assert "the modelled depth is used" in page
    assert page.count("data:image/png;base64,") == page.count("<img ") >= 1
    assert "Reported (grey)" not in page  # what is reported belongs to 10 October 2025


def test_missing_file(call, tmp_path, monkeypatch):
    monkeypatch.delenv("ADLABM_DATA", raising=False)
    err = refused(call, tmp_path, "--klines", "ABC-1m.zip")
    assert "'ABC-1m.zip' is not in" in err
    assert "data.binance.vision" in err
    assert "works without" in err
    err = refused(call, tmp_path, "--data", tmp_path)
    assert "BTCUSD_PERP-1m-2025-10-09.zip" in err
    assert "markPriceKlines" in err
    assert "--klines" in err


def test_truncated_zip(call, tmp_path, day):
    import zipfile

    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(day, "a.csv")
    whole.write_bytes(whole.read_bytes()[:-200])
    assert "whole.zip is not a whole zip file" in refused(call, tmp_path, "--klines", whole)


def test_renamed_columns(call, tmp_path, day):
    day.write_text(day.read_text().replace("open_time,open,high", "time,open,highest"))
    assert "column 'open_time' is missing" in refused(call, tmp_path, "--klines", day)


@pytest.mark.parametrize("shift", [-1, 0])
def test_overlapping_files(call, tmp_path, day, shift):
    again = write_klines(tmp_path / "next.csv", path(bars=BARS), start_ms=START_MS + (BARS - 1 + shift) * BAR_MS)
    assert "do not follow one another" in refused(call, tmp_path, "--klines", day, "--klines", again)


def test_files_of_two_contracts(call, tmp_path, day):
    other = write_klines(tmp_path / "next.csv", path(bars=BARS, price=3_000.0), start_ms=START_MS + BARS * BAR_MS)
    assert "different contracts" in refused(call, tmp_path, "--klines", day, "--klines", other)


def test_missing_minutes(call, tmp_path, monkeypatch):
    """A few are bridged and counted; many are refused. At toy size without a folder nothing is kept."""
    monkeypatch.chdir(tmp_path)
    few = write_klines(tmp_path / "few.csv", path(bars=BARS), skip={140, 150})
    code, out, _ = call("replay", "market", "--klines", few, "--venue", "binance", "--smoke")
    assert code == 0
    assert "2 bars are missing between the first and the last; straight lines bridge them." in out
    assert "Results:" not in out
    assert list(tmp_path.iterdir()) == [few]
    many = write_klines(tmp_path / "many.csv", path(bars=BARS), skip=set(range(120, 134)))
    assert "14 of the 48 bars around the fall are missing" in refused(call, tmp_path, "--klines", many)


def book(file, price, start_ms=START_MS, **options):
    times = start_ms + np.arange(0, BARS * BAR_MS, 60_000)
    return write_depth(file, times, np.full(len(times), price), **options)


def test_depth_of_another_day(call, tmp_path, day):
    depth = book(tmp_path / "depth.csv", 50_000.0, START_MS + BARS * BAR_MS)
    err = refused(call, tmp_path, "--klines", day, "--depth", depth)
    assert "depth.csv holds the book from 2025-03-02 00:00" in err
    assert "the modelled depth is used then" in err


def test_depth_of_another_contract(call, tmp_path, day):
    depth = book(tmp_path / "depth.csv", 3_000.0)
    assert "another contract" in refused(call, tmp_path, "--klines", day, "--depth", depth)


def test_depth_alone(call, tmp_path):
    assert "--depth is given without --klines" in refused(call, tmp_path, "--depth", tmp_path / "depth.csv")


def test_unknown_venue(call, tmp_path, day):
    assert "did you mean 'binance'" in refused(call, tmp_path, "--klines", day, "--venue", "binanc")


def test_options_of_another_replay(call, tmp_path):
    code, _, err = call("replay", "waves", "--venue", "okx", "--out", tmp_path / "out")
    assert code == 2
    assert err == "The replay waves knows no --venue; leave it out, or run: adlabm replay market.\n"
