"""The market of a day: the book seen from the mark, a course that reproduces the day, and what ADL cost with feedback."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.data.book_depth import read_book_depth
from adlabm.data.klines import read_klines
from adlabm.replay._book import seen_from
from adlabm.replay._course import gross_depth, net_depth
from adlabm.replay._feedback import WITHOUT, terms, waves
from adlabm.replay._market_tables import sign
from adlabm.replay._study import Plan, counterfactuals, study
from adlabm.replay._target import HOURS, read_target, window
from adlabm.replay._world import Case, follow, solve, unmoved
from tests.replay.days import START_MS, path, write_depth, write_klines

CASE = Case("binance", 0.02, "crowd", 0.2, 0.0, 0)


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A day with a measured book of constant depth."""
    folder = tmp_path_factory.mktemp("day")
    closes = path()
    klines = write_klines(folder / "XYZUSDT-5m-2025-03-01.csv", closes)
    times = START_MS + np.arange(0, 72 * 5 * 60_000, 60_000)
    price = np.interp(times, START_MS + (np.arange(72) + 1) * 300_000, closes)
    return read_target([klines], write_depth(folder / "depth.csv", times, price), HOURS)


@pytest.fixture(scope="module")
def solved(target):
    return solve(target, CASE)


@given(net=st.floats(1e-4, 10), eaten=st.floats(0, 5), phi=st.floats(0.3, 1))
def test_the_gross_depth_is_the_one_that_leaves_the_net(net, eaten, phi):
    gross = gross_depth(net, eaten, phi)
    assert net_depth(gross, eaten, phi) == pytest.approx(net, rel=1e-6)
    assert gross >= net * (1 - 1e-9)


@pytest.mark.parametrize("stuck", [None, 52_500.0])
def test_a_bid_that_stays_does_not_move_the_depth(tmp_path, stuck):
    """The same true book, with and without a bid that moves the file's middle by up to 5 %."""
    times = START_MS + np.arange(200) * 30_000
    price = np.linspace(50_000.0, 49_500.0, 200)
    book = read_book_depth(write_depth(tmp_path / "d.csv", times, price, depth=800.0, stuck=stuck))
    net = seen_from(book, price)
    assert net.stuck == (200 if stuck else 0)
    assert net.read.all()
    assert net.sides == pytest.approx(np.full((200, 2), 804.0), rel=0.01)
    if stuck:
        assert book.d1_ask.min() > 1.5 * 800.0  # taken as written, asks look deeper than they are


def test_where_no_bid_level_lies_below_the_mark_the_asks_stand(tmp_path):
    times, price = START_MS + np.arange(50) * 30_000, np.full(50, 50_000.0)
    price[25:] = 46_000.0
    net = seen_from(read_book_depth(write_depth(tmp_path / "d.csv", times, price, stuck=52_000.0)), price)
    assert net.read[:25].all()
    assert not net.read[25:, 0].any()
    assert (net.sides[25:, 0] == net.sides[25:, 1]).all()


def test_the_window_holds_the_deepest_fall():
    grid = np.full((100, 4), 100.0)
    grid[70:] = 90.0
    grid[70, 2] = 80.0
    begin, count = window(grid, 30)
    assert (begin, count) == (50, 30)
    assert window(grid[:20], 30) == (0, 20)


def test_the_mark_follows_the_day(target, solved):
    """What is steered comes out: the mark misses by less than forced orders may move it in a tick, by a few basis points in the mean."""
    _, run = solved
    off = np.abs(np.log(run.mark / target.mark))
    assert off.max() < 0.001 * target.tick_s
    assert off.mean() < 5e-4
    assert run.forced > 0.05  # and not because nothing happened


def test_the_depth_follows_the_day(target, solved):
    """What is left of the gross depth after each tick's sales is the measured depth, up to what the tick itself eats."""
    course, run = solved
    measured = run.tables.series["depth_bid"].to_numpy()
    full = measured[0] / course.gross[0, 0]
    assert measured == pytest.approx(course.gross[:, 0] * full, rel=1e-9)
    assert (course.gross[:, 0] >= target.net[:, 0] * (1 - 1e-9)).all()
    assert course.gross[:, 0].max() > 1.02 * target.net[:, 0].max()  # something was eaten


def test_the_solved_course_gives_the_same_run(solved):
    course, run = solved
    again = follow(course, CASE, ())
    assert again.tables.summary["digest"] == run.tables.summary["digest"]


def test_every_split_follows_the_day_with_another_shock(target):
    shocks = {}
    for permanent in (0.0, 0.5):
        course, run = solve(target, Case("binance", 0.02, "crowd", permanent, 0.0, 0))
        assert np.abs(np.log(run.mark / target.mark)).mean() < 1e-3
        shocks[permanent] = course.level
    assert np.abs(shocks[0.0] / shocks[0.5] - 1).max() > 0.005


def test_the_null_model_moves_nothing(target):
    run = unmoved(target, CASE)
    assert run.mark == pytest.approx(target.mark, abs=0.011)


def test_terms_add_up_and_are_those_of_the_events(solved):
    """Recomputed from the tables, fill by fill."""
    course, run = solved
    assert len(run.adl) > 0
    without = {name: follow(course, CASE, sets) for name, sets in WITHOUT.items()}
    found = terms(run, without)
    fills = run.tables.events.to_pandas().query("kind == 'adl'")
    last, interest = run.tables.series.to_pandas()["mark"].iloc[-1], float(run.tables.summary["oi_start"])
    haircut = sum(float(amount) for amount in fills["amount"])
    drift = sum(float(q) * (m - last) for q, m in zip(fills["quantity"], fills["mark"], strict=True))
    needed = sum(max(float(q) * (b - m), 0) for q, b, m in zip(fills["quantity"], fills["bankruptcy_price"], fills["mark"], strict=True))
    assert found["needed"] == pytest.approx(needed / interest)
    assert found["transfer"] + found["needed"] == pytest.approx(haircut / interest)
    assert found["drift"] == pytest.approx(drift / interest)
    for name, world in without.items():
        pnl = world.tables.traders.to_pandas().set_index("identity")["pnl"] - run.tables.traders.to_pandas().set_index("identity")["pnl"]
        cost = sum(float(pnl[who]) for who in set(fills["trader"]))
        assert found[f"overshoot_{name}"] == pytest.approx((cost - needed) / interest)
        assert found[f"overshoot_{name}"] == pytest.approx(found["transfer"] + found["drift"] + found[f"feedback_{name}"])


def test_worlds_without_adl_have_none(solved):
    course, _ = solved
    rows = pd.DataFrame(counterfactuals(course, CASE, ("queue",))).set_index("policy")
    assert (rows.loc[["none, held", "none, sold"], "adl"] == 0).all()
    assert (rows.loc[["none, held", "none, sold"], "uncovered"] == 0).all()
    assert rows.loc["queue", "adl"] > 0
    assert rows.loc["none, sold", "fall"] >= rows.loc["none, held", "fall"]


def test_waves_are_five_seconds_apart(solved):
    times = waves(solved[1])
    assert (times.diff().dropna() > 5000).all()
    assert times.iloc[0] == solved[1].adl["time"].min()


def test_studies_do_not_depend_on_what_else_is_in_them(target):
    small = Plan([("binance", 0.02, "crowd")], [(0.2, 0.0)], range(1), ("queue",))
    large = Plan([("binance", 0.02, "crowd")], [(0.5, 0.0), (0.2, 0.0)], range(1), ("queue", "lifo"))
    told = []
    alone = study(target, small, lambda done, total: told.append((done, total))).policies
    beside = study(target, large).policies.query("permanent == 0.2 and policy != 'lifo'").reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, beside)
    assert told == [(5, 5)]


@pytest.mark.parametrize(("values", "word"), [([1] * 9 + [-1], "+"), ([-1] * 9 + [1], "-"), ([1] * 8 + [-1] * 2, "?"), ([0] * 5, "0")])
def test_a_sign_is_called_where_it_holds(values, word):
    assert sign(pd.Series(values, dtype=float)) == word


def test_vault_venues_ask_no_wealth_space_policy(target):
    found = study(target, Plan([("hyperliquid", 0.001, "crowd")], [(0.2, 0.0)], range(1), ("queue", "pnl-pro-rata")))
    assert set(found.policies["policy"]) == {"none, held", "none, sold", "queue"}


def test_the_book_of_the_day_agrees_with_itself_from_the_mark(data):
    """10 October, 20:50 to 21:12: depth from the levels of 4 and 5 % is the same seen from the mark, and is not as written."""
    book = read_book_depth(data / "oct10" / "BTCUSDT-bookDepth-2025-10-10.csv")
    bars = read_klines(data / "oct10" / "BTCUSD_PERP-1m-2025-10-10.zip")
    mark = np.interp(book.times_ms, bars.open_time_ms + 60_000, bars.close)
    clock = book.times_ms / 60_000 % 1440
    rows = (clock >= 20 * 60 + 56) & (clock <= 21 * 60 + 12)
    middle = (121_364.0 + mark) / 2
    seen, written = [], []
    for level in (0, 1):  # -5 and -4 %
        x = np.maximum(100 * (1 - middle * (1 + book.levels[level] / 100) / mark), 1e-9)
        seen.append(((book.depth[:, level] - 17.65) / x**book.phi)[rows])
        written.append((book.depth[:, level] / abs(book.levels[level]) ** book.phi)[rows])
    assert np.median(np.abs(np.log(seen[0] / seen[1]))) < 0.15
    assert np.median(np.abs(np.log(written[0] / written[1]))) > 0.25
