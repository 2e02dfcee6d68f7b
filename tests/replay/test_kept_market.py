"""The kept results of the market of 10 October: their numbers follow from one another, and the first case comes out again."""

import json

import numpy as np
import pandas as pd
import pytest

from adlabm.data.where import locate_in
from adlabm.replay._study import emergent, misfit
from adlabm.replay._target import HOURS, read_target
from adlabm.replay._world import Case, solve
from adlabm.replay.market import DEPTH, KLINES
from adlabm.sweep.store import file_hash, read_table
from tests.replay.conftest import ROOT

RESULTS = ROOT / "results" / "replay-market"


def kept(name):
    return read_table(RESULTS / f"{name}.parquet").to_pandas()


@pytest.mark.parametrize("name", ["market", "funds"])
def test_what_is_kept_is_what_was_written(name):
    folder = ROOT / "results" / f"replay-{name}"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {each.name for each in folder.iterdir()} == {*manifest["files"], "manifest.json"}
    for file, row in manifest["files"].items():
        assert file_hash(folder / file) == row["sha256"]
    assert all(limit in (folder / "README.md").read_text() for limit in manifest["limits"])


def test_the_terms_of_every_case_add_up():
    rows = kept("policies")
    for world in ("held", "sold"):
        whole = rows["transfer"] + rows["drift"] + rows[f"feedback_{world}"]
        np.testing.assert_allclose(rows[f"overshoot_{world}"], whole, atol=1e-12)
    none = rows[rows["policy"].str.startswith("none")]
    assert (none[["adl", "needed", "drift", "overshoot_held", "overshoot_sold"]] == 0).all(axis=None)


def test_medians_and_ranges_follow_from_the_cases():
    fits, rows = kept("fits"), kept("predictions")
    row = rows[rows["quantity"] == "ADL, of open interest"].iloc[0]
    own = fits[(fits["venue"] == row["venue"]) & (fits["fund"] == row["fund"]) & (fits["crowd"] == row["crowd"])]["adl"]
    assert (row["predicted"], row["lowest"], row["highest"]) == (own.median(), own.min(), own.max())
    assert row["overlaps"] == (own.min() <= 0.152 <= own.max())
    cells, medians = kept("policies"), kept("by_policy")
    last = medians.iloc[-1]
    mine = cells[(cells["venue"] == last["venue"]) & (cells["policy"] == last["policy"])]
    assert last["overshoot_held"] == pytest.approx(100 * mine["overshoot_held"].median(), abs=5e-4)


def test_every_split_follows_the_day():
    fits = kept("fits")
    assert fits["misfit_rms_bp"].max() < 20
    assert fits.groupby("permanent")["shock_fall"].median().nunique() == fits["permanent"].nunique()


def test_the_first_case_comes_out_again(data):
    target = read_target([locate_in(each, data) for each in KLINES], locate_in(DEPTH, data), HOURS)
    row = kept("fits").iloc[0]
    case = Case(row["venue"], row["fund"], row["crowd"], row["permanent"], row["makers"], int(row["population"]))
    course, run = solve(target, case)
    found = pd.Series({**misfit(target, course, run), **emergent(target, run)})
    pd.testing.assert_series_equal(found, row[found.index].astype(float), check_names=False, rtol=1e-9)
