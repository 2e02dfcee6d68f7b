"""Depth parameters found again in books that were made with them, and files that are refused."""

import math
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from adlabm.calibrate.depth import calibrate_depth
from adlabm.cli import app, main
from adlabm.errors import BadInput

REAL = Path(os.environ.get("ADLABM_DATA", "")) / "oct10" / "BTCUSDT-bookDepth-2025-10-10.csv"
START = datetime(2025, 1, 1, tzinfo=UTC)


def book(path, n=2880, phi=0.7, d1=1000.0, eta=1.0, half_life_s=120.0, noise=0.02, skip=(), frozen=(), seed=1):
    """A file of n snapshots: volatility changes every three hours, depth answers to it and refills around its level."""
    rng = np.random.default_rng(seed)
    sigma = np.repeat(0.5 * np.exp(rng.normal(0, 0.8, n // 360 + 1)), 360)[:n]
    mid = 1e5 * np.exp(np.cumsum(rng.normal(size=n) * sigma * math.sqrt(30 / (365 * 86_400))))
    rho, around = 0.5 ** (30 / half_life_s), np.zeros(n)
    for i in range(1, n):
        around[i] = rho * around[i - 1] + rng.normal(0, 0.15)
    level = d1 * (0.5 / sigma) ** eta * np.exp(around)
    rows = ["timestamp,percentage,depth,notional"]
    for i in range(n):
        if i in skip:
            continue
        at = (START + timedelta(seconds=30 * i)).strftime("%Y-%m-%d %H:%M:%S")
        for x in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5):
            depth = level[i] * abs(x) ** phi * math.exp(rng.normal(0, noise))
            price = mid[i] * (1 + x / 250)
            if x == -1 and i in frozen:
                depth, price = 9999.0, 1e5
            rows.append(f"{at},{x},{depth:.3f},{depth * price:.4f}")
    path.write_text("\n".join(rows))
    return path


@pytest.mark.parametrize(("phi", "eta", "half_life_s"), [(0.7, 1.0, 120.0), (0.5, 0.0, 300.0)])
def test_what_a_book_was_made_with_is_found(tmp_path, phi, eta, half_life_s):
    found = calibrate_depth(book(tmp_path / "b.csv", phi=phi, eta=eta, half_life_s=half_life_s)).estimates
    truth = {"phi": phi, "withdrawal": eta, "half_life_s": half_life_s}
    slack = {"phi": 0.002, "withdrawal": 0.15, "half_life_s": 0.35 * half_life_s}  # of the blocks' 95 %, and the hour's trend
    for each in found:
        assert each.low <= each.value <= each.high or each.name == "half_life_s"
        if each.name in truth:
            assert each.low - slack[each.name] <= truth[each.name] <= each.high + slack[each.name], each


def test_frozen_levels_change_nothing(tmp_path):
    plain = calibrate_depth(book(tmp_path / "b.csv", n=1440))
    frozen = calibrate_depth(book(tmp_path / "c.csv", n=1440, frozen=range(700, 1440)))
    ask, bid = ({e.name: e for e in found.estimates if e.side == side} for found, side in ((frozen, "ask"), (frozen, "bid")))
    before = {e.name: e for e in plain.estimates if e.side == "bid"}
    assert ask["phi"].rows == 1440
    assert bid["phi"].rows == 700
    assert bid["phi"].value == pytest.approx(before["phi"].value, abs=0.01)
    with pytest.raises(BadInput, match=r"c.csv: the bid side has 200 snapshots with three fresh levels; at least 240"):
        calibrate_depth(book(tmp_path / "c.csv", n=1440, frozen=range(200, 1440)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n": 100}, "b.csv has 100 snapshots; at least 241 are needed"),
        ({"n": 1000, "skip": range(500, 520)}, "b.csv has a gap of 630 s after snapshot 500; at most 10 usual steps of 30 s are allowed"),
    ],
)
def test_files_that_are_refused(tmp_path, given, said):
    with pytest.raises(BadInput, match=said):
        calibrate_depth(book(tmp_path / "b.csv", **given))


def test_a_pause_of_ten_steps_is_none_too_long(tmp_path):
    assert calibrate_depth(book(tmp_path / "b.csv", n=600, skip=range(300, 309))).estimates


@pytest.mark.skipif(not REAL.is_file(), reason="needs the order book of ADLABM_DATA (adlabm data where)")
def test_the_real_book_of_10_october():
    found = {(each.name, each.side): each for each in calibrate_depth(REAL).estimates}
    assert found["phi", "ask"].low < 0.65 < found["phi", "ask"].high  # 0.68 of the medians before 15:00 (README of the data)
    assert found["phi", "bid"].value == pytest.approx(math.log(1200 / 306) / math.log(5), abs=0.06)
    assert found["D1", "ask"].value == pytest.approx(241e6 / 121_000, rel=0.1)
    assert found["D1", "bid"].value == pytest.approx(306e6 / 121_000, rel=0.2)


def test_the_command_refuses_gaps_and_short_files_in_one_sentence(tmp_path, capsys, monkeypatch):
    for given, said in (({"n": 100}, "at least 241 are needed"), ({"n": 1000, "skip": range(500, 520)}, "has a gap of 630 s")):
        monkeypatch.setattr(sys, "argv", ["adlabm", "calibrate", "depth", str(book(tmp_path / "b.csv", **given))])
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        assert (stop.value.code, printed.out, len(printed.err.strip().splitlines())) == (2, "", 1)
        assert said in printed.err


def test_the_command(tmp_path):
    result = CliRunner().invoke(app, ["calibrate", "depth", str(book(tmp_path / "b.csv", n=700))])
    assert result.exit_code == 0, result.output
    assert "| phi | bid |" in result.output
    assert "order book depth, 7000 rows" in result.output
