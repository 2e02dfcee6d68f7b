"""Impact of voluntary flow: the square-root law, its decay, who leaves something behind, and asymmetric sides."""

import math

import numpy as np
import pytest

from adlabm.errors import BadInput
from adlabm.kernels import columns as col
from adlabm.kernels.market import advance_price, trade_price
from adlabm.kernels.metaorder import fade, press, press_price, room_by_choice
from adlabm.kernels.state import pack
from adlabm.model import AdlModel
from adlabm.scenario import Scenario

PRICE, DAY, S_DAY = 100_000, 1.28 * 10_000, 0.5 / math.sqrt(365.0)
ONE = {"count": 1, "equity": 1e9, "pace_s": 1e9, "leverage": {"rule": "fixed", "leverage": 1.0}, "signal": {"rule": "side"}}


def market(ticks=50, groups=(), **depth):
    """Open interest of 10,000 lots at a price of 100,000 ticks, whose index stands still."""
    tables = {
        "ticks": ticks,
        "contracts": [{"name": "A", "tick": "1", "lot": "1", "price": PRICE}],
        "index": {"process": "scripted", "knots": [[0, 1.0], [60 * ticks, 1.0]]},
        "depth": {"withdrawal": 0.0, "metaorder": 1.0, **depth},
        "fees": {"taker": 0.0},
        "traders": [{"name": "long", "long_share": 1.0, **ONE}, {"name": "short", "long_share": 0.0, **ONE}, *groups],
    }
    return AdlModel(Scenario.from_dict(tables), rng=0)


def law(lots, y=1.0):
    """The square-root law, linear below a thousandth of the day's lots."""
    q = abs(lots) / DAY
    return math.copysign(y * S_DAY * q / math.sqrt(q + 0.001), lots)


def shift(model):
    return trade_price(pack(model.state), 0) / PRICE - 1.0


@pytest.mark.parametrize("y", [0.5, 1.0])
@pytest.mark.parametrize("lots", [10, 100, 1000, -1000])
def test_impact_is_y_times_the_days_volatility_times_the_root_of_the_share_of_the_days_volume(y, lots):
    model = market(metaorder=y)
    s, expected = pack(model.state), law(lots, y)
    steps = (np.arange(10_000) + 0.5) / 10_000
    assert press_price(s, 0, lots) == pytest.approx(PRICE * (1 + np.mean([law(lots * each, y) for each in steps])), abs=0.51)
    assert room_by_choice(s, 0, lots, abs(expected) * (1 + 1e-9)) == abs(lots)
    press(s, 0, lots, lots)
    assert shift(model) == pytest.approx(expected, rel=1e-9)
    assert model.state.reals[col.F_GONE, 0] == pytest.approx(2 / 3 * expected, rel=1e-9), "two thirds move the index"


@pytest.mark.parametrize("seconds", [10.0, 60.0, 600.0, 3600.0, 14_400.0])
def test_what_does_not_last_fades_as_one_over_the_root_of_time(seconds):
    model = market()
    s = pack(model.state)
    press(s, 0, 500, 500)
    before, gone = shift(model), model.state.reals[col.F_GONE, 0]
    for _ in range(10):
        fade(s, 0, seconds / 10)
    assert (shift(model) - gone) / (before - gone) == pytest.approx(1 / math.sqrt(1 + seconds / 60.0), rel=0.08)
    assert model.state.reals[col.F_GONE, 0] == gone


def test_the_law_is_a_root_above_a_thousandth_of_a_days_lots_and_a_line_below():
    assert math.log(law(4000) / law(1000)) / math.log(4) == pytest.approx(0.5, abs=0.01)
    assert math.log(law(1.0) / law(0.25)) / math.log(4) == pytest.approx(1.0, abs=0.03)
    assert law(4000) == pytest.approx(S_DAY * math.sqrt(4000 / DAY), rel=0.01)


def test_a_sliced_metaorder_moves_the_price_by_the_root_of_its_time():
    """Slices at a steady rate under a propagator of exponent 1/2."""
    found = []
    for slices in (16, 64):
        model = market(lasting=0.0)
        s = pack(model.state)
        for _ in range(slices):
            press(s, 0, 5, 5)
            fade(s, 0, 60.0)
        found.append(shift(model))
    ideal = [sum(1 / math.sqrt(1 + k) for k in range(1, slices + 1)) for slices in (16, 64)]
    assert found == pytest.approx([law(5) * each for each in ideal], rel=0.03)
    assert math.log(found[1] / found[0]) / math.log(4) == pytest.approx(0.5, abs=0.12)


def test_hedged_flow_leaves_nothing_behind():
    model = market()
    s = pack(model.state)
    press(s, 0, 300, 0)
    assert model.state.reals[col.F_GONE, 0] == 0.0
    assert shift(model) > 0
    press(s, 0, 0, 300)  # bought by somebody with a view, sold by an arbitrageur: the index moves, the contract does not
    assert model.state.reals[col.F_GONE, 0] == pytest.approx(2 / 3 * shift(model), rel=1e-9)


def test_a_deeper_side_moves_less_and_a_withdrawn_one_more():
    model = market(asks=4.0)
    full = model.state.reals
    assert full[col.F_FULL_ASK, 0] == 4 * full[col.F_FULL_BID, 0]
    s = pack(model.state)
    before = [press_price(s, 0, lots) - PRICE for lots in (400, -400)]
    full[col.F_DEPTH_BID, 0] /= 4
    after = [press_price(s, 0, lots) - PRICE for lots in (400, -400)]
    assert after[0] == before[0]
    assert after[1] < 1.9 * before[1] < 0, "a quarter of the depth: the law at four times the lots"
    assert law(-1600) / law(-400) == pytest.approx(shifted(model, -400), rel=1e-6)


def shifted(model, lots):
    """Impact of the lots over the law's."""
    before = shift(model)
    press(pack(model.state), 0, lots, lots)
    return (shift(model) - before) / law(lots)


def test_forced_flow_still_walks_the_book_whose_sides_may_differ():
    from adlabm.kernels.market import walk

    fell, rose = ([], [])
    for found, lots in ((fell, -100), (rose, 100)):
        model = market(asks=2.0, permanent=0.0)
        walk(pack(model.state), 0, lots)
        found.append(shift(model))
    assert fell[0] == pytest.approx(-0.01 * (100 / 250) ** (1 / 0.67), rel=1e-9)
    assert rose[0] == pytest.approx(0.01 * (100 / 500) ** (1 / 0.67), rel=1e-9)


def test_a_buyers_order_moves_trade_price_and_index_in_a_market():
    buyer = {"name": "buyer", "long_share": 1.0, **ONE, "equity": 1e7, "opening": 0.0, "pace_s": 60.0}
    model = market(ticks=10, groups=[buyer], lasting=0.5).run()
    impact = law(100)
    series = model.tables().series.to_pandas()
    bought = int(np.flatnonzero(series["trade"].to_numpy(float) != PRICE)[0])
    assert float(series["trade"][bought]) == pytest.approx(PRICE * (1 + impact), rel=1e-4)
    assert float(series["index"][len(series) - 1]) == pytest.approx(PRICE * (1 + impact / 2), rel=1e-4)


@pytest.mark.parametrize(("key", "value"), [("metaorder", -1.0), ("lasting", 1.5), ("asks", 0.0)])
def test_bad_input(key, value):
    with pytest.raises(BadInput, match=f"depth.{key}"):
        market(**{key: value})


@pytest.mark.parametrize(("quoted", "lots"), [("contracts", 1.0), ("value", 2.0)])
def test_depth_keeps_its_contracts_or_its_value(quoted, lots):
    """At half the price a book by value holds twice the lots, and twice the flow moves the price as far."""
    model = market(ticks=2, quoted=quoted, share=0.3)
    before = model.state.reals.copy()
    advance_price(pack(model.state), 0, PRICE / 2.0, 1000.0)
    for side in (col.F_DEPTH_BID, col.F_DEPTH_ASK):
        assert model.state.reals[side, 0] == pytest.approx(lots * before[side, 0])
    press(pack(model.state), 0, round(-1000 * lots), 0)
    assert trade_price(pack(model.state), 0) / (PRICE / 2.0) - 1.0 == pytest.approx(law(-1000))


def test_calm_keeps_its_depth_by_value():
    model = AdlModel("calm", rng=3)
    value = model.state.reals[col.F_FULL_BID] * model.state.contracts[col.C_INDEX]
    for _ in range(3):
        model.step()
    now = model.state.reals[col.F_BASE] * (1.0 + model.state.reals[col.F_GONE])
    assert model.state.reals[col.F_DEPTH_BID] * now == pytest.approx(value, rel=1e-3)
