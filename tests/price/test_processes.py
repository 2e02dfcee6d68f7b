"""What every index process promises, and the laws of the drawn ones."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.price.index.beta import Beta
from adlabm.price.index.gbm import Gbm
from adlabm.price.index.scripted import Scripted
from adlabm.price.process import YEAR_S
from adlabm.streams import RunKey, Stream, name_word, normals

TICKS = 60
KNOTS = ((0, 1.0), (600, 0.9), (600, 0.8), (1500, 1.1))


def place(**changed):
    return {"start_price": 100.0, "tick_s": 60.0, "ticks": TICKS, "key": RunKey.from_seed(7), "name": "BTC"} | changed


def gbm(**changed):
    return Gbm({"sigma": 0.8}, **place(**changed))


def scripted(**changed):
    return Scripted({"knots": KNOTS, "sigma": 0.5}, **place(**changed))


def beta(**changed):
    return Beta({"beta": 1.5, "sigma": 0.3}, **place(name="ETH", start_price=10.0, leader=scripted(), **changed))


def levels(process, first, count):
    leader = process.leader and process.leader.levels(first, count)
    return process.levels(first, count, leader)


@pytest.mark.parametrize("make", [gbm, scripted, beta])
@given(cuts=st.lists(st.integers(0, TICKS), max_size=6))
def test_any_chunking_gives_the_same_levels(make, cuts):
    edges = [0, *sorted(cuts), TICKS]
    whole, parts = make(), make()
    chunks = [levels(parts, first, last - first) for first, last in pairwise(edges)]
    assert (np.concatenate(chunks) == levels(whole, 0, TICKS)).all()


@pytest.mark.parametrize("make", [gbm, scripted, beta])
def test_shapes_seeds_and_order(make):
    process = make()
    out = levels(process, 0, 10)
    assert out.shape == (10, process.width)
    assert out.dtype == np.float64
    assert (out > 0).all()
    assert process.jumps(0, 10).dtype == np.bool_
    assert process.jumps(0, 10).shape == (10,)
    assert not (levels(make(key=RunKey.from_seed(8)), 0, 10) == out).all()
    history = process.history(5, 60.0)
    assert history.shape == (5,)
    assert (history == make().history(5, 60.0)).all()
    with pytest.raises(ValueError, match="expected 10, got 5"):
        process.levels(5, 1)


def test_gbm_is_its_formula():
    out = gbm().levels(0, 3)[:, 0]
    dt, level = 60 / YEAR_S, 100.0
    for tick in range(3):
        z = normals(RunKey.from_seed(7), Stream.INDEX, name_word("index:BTC"), [0], tick)[0]
        level *= math.exp(-0.32 * dt + 0.8 * math.sqrt(dt) * z)
        assert out[tick] == pytest.approx(level, rel=1e-14)


def test_gbm_has_its_volatility_and_mean():
    process = Gbm({"sigma": 0.5, "mu": 2.0}, **place(ticks=100_000, tick_s=3600.0))
    returns = np.diff(np.log(process.levels(0, 100_000)[:, 0]))
    assert returns.std() * math.sqrt(YEAR_S / 3600) == pytest.approx(0.5, rel=0.01)
    assert returns.mean() * YEAR_S / 3600 == pytest.approx(2.0 - 0.125, abs=4 * 0.5 / math.sqrt(100_000 * 3600 / YEAR_S))
    before = np.diff(np.log(process.history(100_000, 60.0)))
    assert before.std() * math.sqrt(YEAR_S / 60) == pytest.approx(0.5, rel=0.01)


def test_a_path_that_leaves_the_prices_is_an_error():
    with pytest.raises(BadInput, match="index of BTC leaves the range of prices at tick"):
        Gbm({"sigma": 0.0, "mu": -20.0}, **place(tick_s=YEAR_S * 10.0)).levels(0, 60)


def test_scripted_lines_and_jumps():
    process = Scripted({"knots": KNOTS}, **place())
    out = process.levels(0, TICKS)[:, 0]
    assert out[0] == pytest.approx(99.0)
    assert out[9] == 90.0  # the tick before the jump ends before it
    assert out[10] == pytest.approx(80 + 30 * 60 / 900)
    assert (out[24:] == 100 * 1.1).all()
    assert np.flatnonzero(process.jumps(0, TICKS)).tolist() == [10]
    assert np.flatnonzero(process.jumps(8, 5)).tolist() == [2]
    assert not process.jumps(11, 9).any()
    assert (process.history(5, 60.0) == 100).all()


def test_scripted_prices_and_a_jump_at_the_start():
    process = Scripted({"knots": ((0, 200.0), (0, 150.0), (120, 150.0)), "absolute": True}, **place())
    assert process.start_price == 200.0
    assert (process.levels(0, 5) == 150).all()
    assert process.jumps(0, 2).tolist() == [True, False]
    with_noise = scripted().levels(0, TICKS) / Scripted({"knots": KNOTS}, **place()).levels(0, TICKS)
    assert 0 < np.log(with_noise).std() < 0.01


@pytest.mark.parametrize(
    ("knots", "said"),
    [
        ((), "0 knots; at least two"),
        (((0, 1.0),), "1 knots; at least two"),
        (((5, 1.0), (9, 1.0)), "knots.0 stands at second 5; the first"),
        (((0, 1.0), (9, 0.0)), "knots.1 has the level 0.0; .*jumps to zero"),
        (((0, 1.0), (9, -1.0)), "knots.1 has the level -1"),
        (((0, 1.0), (9, math.nan)), "knots.1 has the level nan"),
        (((0, 1.0), (math.inf, 1.0)), "knots.1 stands at second inf"),
        (((0, 1.0), (9, 1.0), (8, 1.0)), "knots.2 stands at second 8, before"),
        (((0, 1.0), (9, 1.0), (9, 2.0), (9, 3.0)), "knots.3 is the third knot at second 9"),
        (((0, 1.0), 9), "knots.1 is 9; a knot must be two numbers"),
        (((0, 1.0), (9, "x")), "a knot must be two numbers"),
        (((0, 1.0), (9, 1.0, 2.0)), "a knot must be two numbers"),
    ],
)
def test_bad_knots(knots, said):
    with pytest.raises(BadInput, match=said):
        Scripted.validate({"knots": knots})


def test_beta_follows():
    leader = Scripted({"knots": KNOTS}, **place())
    process = Beta({"beta": 2.0, "sigma": 0.0}, **place(name="ETH", start_price=10.0, leader=leader))
    of_leader = leader.levels(0, TICKS)
    out = process.levels(0, TICKS, of_leader)
    assert out == pytest.approx(10 * (of_leader / 100) ** 2, rel=1e-13)
    assert (process.jumps(0, TICKS) == leader.jumps(0, TICKS)).all()
    assert process.history(3, 60.0) == pytest.approx(10.0)


def test_beta_transforms_every_way_point():
    leader = gbm()
    leader.width = 4
    ohlc = np.array([[100.0, 90.0, 110.0, 105.0], [105.0, 108.0, 95.0, 96.0]])
    still, noisy = (Beta({"beta": 1.0, "sigma": sigma}, **place(name="ETH", leader=leader)) for sigma in (0.0, 0.5))
    assert still.levels(0, 2, ohlc) == pytest.approx(ohlc)
    factor = noisy.levels(0, 2, ohlc) / ohlc
    assert np.diff(np.concatenate(([1.0], factor[0]))) == pytest.approx((factor[0, 3] - 1) / 4)  # a straight line inside the tick


def test_beta_needs_a_leader():
    with pytest.raises(BadInput, match="'beta' of ETH follows the first contract"):
        Beta({}, **place(name="ETH"))
