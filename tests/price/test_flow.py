"""Price formation by order book: the background flow keeps its laws, and the market its promises."""

import math

import numpy as np
import pytest

from adlabm.kernels import columns as col
from adlabm.kernels import orderbook as kernel
from adlabm.model import AdlModel
from adlabm.scenario import Scenario

PRICE, OI = 100_000, 10_000.0


def market(price, depth, ticks=50, seed=0, tick_s=60, **changes):
    """One long and one short that never trade again, at a price of 100,000 ticks; open interest 10,000 lots."""
    one = {"count": 1, "equity": 1e9, "pace_s": 1e9, "leverage": {"rule": "fixed", "leverage": 1.0}, "signal": {"rule": "side"}}
    tables = {
        "ticks": ticks,
        "tick_s": tick_s,
        "contracts": [{"name": "A", "tick": "1", "lot": "1", "price": PRICE}],
        "index": {"process": "gbm", "sigma": 1e-9},
        "price": {"formation": "orderbook", **price},
        "depth": {"withdrawal": 0.0, **depth},
        "traders": [{"name": "long", "long_share": 1.0, **one}, {"name": "short", "long_share": 0.0, **one}],
        **changes,
    }
    return AdlModel(Scenario.from_dict(tables), rng=seed)


def spread_of(model, ticks):
    """Mean spread over ticks, in ticks of price, after a warm-up of a fifth."""
    found = []
    for _ in range(ticks):
        model.step()
        b = model.state.books[0]
        found.append(int(b[kernel.H_ASK] - b[kernel.H_BID]))
    return float(np.mean(found[ticks // 5 :]))


def test_the_book_holds_the_depth_of_the_market_and_its_shape():
    """D(x) = D1 (x / 1 %)^phi on both sides, on average over time: what arrives is what is cancelled."""
    model = market({"turnover": 0.0, "order": 0.005}, {"phi": 0.67, "share": 0.025, "half_life_s": 30.0}, ticks=150)
    d1 = 0.025 * OI
    found = {x: [] for x in (0.003, 0.01, 0.05)}
    for _ in range(150):
        model.step()
        b = model.state.books[0]
        for x in found:
            found[x] += [kernel.sweep(b, side, 10**9, round(PRICE * (1 + side * x)))[0] / d1 for side in (1, -1)]
    for x, depths in found.items():
        assert np.mean(depths) == pytest.approx((x / 0.01) ** 0.67, rel=0.08)


@pytest.mark.parametrize(("turnover", "share"), [(4.0, 0.02), (16.0, 0.02), (16.0, 0.08)])
def test_the_spread_is_that_of_farmer_patelli_and_zovko(turnover, share):
    """Uniform arrivals, no anchor: spread = (mu / alpha) (0.28 + 1.86 epsilon^(3/4)), epsilon = delta sigma / mu (mu of one side)."""
    model = market(
        {"anchor": "book", "turnover": turnover, "order": 0.01, "window": 0.2}, {"phi": 1.0, "share": share}, ticks=1500, tick_s=10
    )
    theta, size = math.log(2.0) / 30.0, int(model.state.books[0, kernel.H_SIZE])
    mu, alpha = turnover * OI / 86_400 / 2, theta * share * OI / (0.01 * PRICE)
    expected = mu / alpha * (0.28 + 1.86 * (theta * size / mu) ** 0.75)
    assert spread_of(model, 1500) == pytest.approx(expected, rel=0.25)


def test_quotes_follow_the_index():
    """A book anchored at the index moves with it; the middle stays within a spread of it."""
    model = market({"turnover": 0.0}, {}, index={"process": "scripted", "knots": [[0, 1.0], [600, 0.8], [3000, 0.8]]}, ticks=20)
    for _ in range(20):
        model.step()
        c = model.state.contracts
        assert c[col.C_TRADE, 0] == pytest.approx(int(c[col.C_INDEX, 0]), rel=5e-4)


def test_limit_orders_of_traders_rest_and_are_filled_at_their_price():
    """Opening orders of a group with a limit rest behind the market; each fill is behind it."""
    flat = {"name": "buyers", "count": 20, "equity": 1e6, "pace_s": 100.0, "opening": 0.0, "limit": 0.001, "long_share": 1.0}
    flat |= {"signal": {"rule": "side"}, "leverage": {"rule": "fixed", "leverage": 2.0}}
    one = {"count": 1, "equity": 1e9, "pace_s": 1e9, "leverage": {"rule": "fixed", "leverage": 1.0}, "signal": {"rule": "side"}}
    pair = [{"name": "long", "long_share": 1.0, **one}, {"name": "short", "long_share": 0.0, **one}]
    model = market({"turnover": 20.0}, {}, ticks=40, traders=[flat, *pair])
    rested = 0
    while model.running:
        model.step()
        b = model.state.books[0]
        rows = b[b[kernel.H_ROWS] :][: b[kernel.H_COUNT]]
        rested = max(rested, sum(b[kernel.order_at(b, row) + kernel.U_OWNER] >= 0 for row in rows))
    p = model.state.positions
    entry = p[col.P_ENTRY] / np.maximum(p[col.P_LOTS], 1) / 1e6
    mine = (p[col.P_LOTS] > 0) & (np.arange(p.shape[1]) < 3 + 20) & (np.arange(p.shape[1]) >= 3)
    assert rested > 0
    assert mine.any()
    assert (entry[mine] < PRICE).all(), "who waits buys below the middle; market orders would pay the ask"
    assert (entry[mine] > 0.998 * PRICE).all()
    assert model.balance_report()["difference"] == 0


@pytest.mark.parametrize("anchor", ["index", "book"])
def test_a_crash_in_the_book_keeps_every_promise(anchor):
    scenario = Scenario.load("crash", sets=["price.formation=orderbook", f"price.anchor={anchor}", "ticks=45"])
    model = AdlModel(scenario, rng=3, check=True).run()
    summary = model.summary()
    assert summary["liquidations"] > 20
    assert model.balance_report()["difference"] == 0
    events = model.events_frame()
    forced = events[(events["kind"] == "liquidation") & events["quantity"].notna() & events["price"].notna()]
    worse = (forced["price"].astype(float) - forced["bankruptcy_price"].astype(float)) * np.sign(-forced["quantity"].astype(float))
    assert (worse >= 0).all(), "an immediate-or-cancel order never trades beyond the bankruptcy price"


def test_a_tick_too_fine_for_a_book_is_refused():
    from adlabm.errors import BadInput

    with pytest.raises(BadInput, match="price levels"):
        Scenario.load("crash", sets=["price.formation=orderbook", 'contracts.0.tick="0.001"', 'contracts.0.lot="0.001"'])


def busy(**options):
    """A market whose orders rest, trade and are liquidated in a book."""
    sets = ["price.formation=orderbook", "ticks=40", "traders.0.limit=0.0005", "traders.0.pace_s=600"]
    return AdlModel(Scenario.load("crash", sets=sets), rng=2, **options)


def test_results_in_a_book_depend_on_nobodys_row():
    plain, turned = busy(), busy(row_order=np.arange(1000)[::-1].copy())
    assert plain.run().summary()["digest"] == turned.run().summary()["digest"]


def test_a_book_is_taken_up_again_where_it_was_left():
    straight, stopped = busy(), busy()
    while stopped.tick < 33:
        stopped.step()
    again = AdlModel.restore(stopped.checkpoint())
    assert again.run().summary()["digest"] == straight.run().summary()["digest"]
