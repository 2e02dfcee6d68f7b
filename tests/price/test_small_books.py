"""Crashes in small, coarse order books: forced orders, the fund's sales and resting orders meet, and no promise breaks."""

from itertools import product

import numpy as np
import pytest

from adlabm.kernels import columns as col
from adlabm.kernels import orderbook
from adlabm.kernels.audit import audit
from adlabm.kernels.margin import refresh_bands
from adlabm.kernels.matching import begin_orders, clear_book, dump, place
from adlabm.kernels.seats import enter_order
from adlabm.model import AdlModel
from adlabm.scenario import Scenario

PATHS = {
    "falls": [[0, 1.0], [600, 1.0], [900, 0.7], [2400, 0.8]],
    "rises": [[0, 1.0], [600, 1.0], [900, 1.4], [2400, 1.2]],
}


def group(name, count, **tables):
    """Traders who decide every five minutes."""
    return {
        "name": name,
        "count": count,
        "equity": {"law": "loguniform", "low": 2000.0, "high": 20_000.0},
        "pace_s": 300.0,
        "signal": {"rule": "noise"},
        "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 2.0, "high": 20.0}},
        "reentry_s": 120.0,
        **tables,
    }


def scenario(path, anchor="index", fund="pay", **tables):
    """A hundred traders and a book of some dozen orders; those of `resting` let theirs rest, `patient` ones for an hour
    in which they may become more than they can bear, and `makers` quote."""
    resting = group("resting", 30, limit=0.01, long_share=0.5)
    patient = group("patient", 30, limit=0.03, pace_s=3600.0, leverage={"rule": "target", "leverage": 15.0})
    makers = group(
        "makers",
        5,
        equity=20_000.0,
        opening=0.0,
        pace_s=60.0,
        limit=0.004,
        signal={"rule": "maker", "pull": 5.0},
        leverage={"rule": "target", "leverage": 3.0},
    )
    return Scenario.from_dict(
        {
            "ticks": 40,
            "tick_s": 60.0,
            "round_s": 20.0,
            "contracts": [{"name": "BTC", "tick": "10", "lot": "0.01", "price": 10_000}],
            "index": {"process": "scripted", "sigma": 0.5, "knots": PATHS[path]},
            "depth": {"share": 0.1},
            "price": {"formation": "orderbook", "order": 0.2, "anchor": anchor, "window": 0.2},
            "fund": {"rule": fund, "share": 0.02, "unwind_s": 600.0, "takeover": 0.3},
            "fees": {"maker": 0.0002, "taker": 0.0005},
            "traders": [group("crowd", 70, long_share=0.7 if path == "falls" else 0.3), resting, patient, makers],
        }
        | tables
    )


@pytest.fixture(params=product(PATHS, ("index", "book"), ("pay", "inventory")), ids="-".join)
def crashed(request):
    return AdlModel(scenario(*request.param), rng=3, check=True).run()


def test_forced_orders_trade_no_worse_than_bankruptcy(crashed):
    events = crashed.events_frame()
    fills = events[(events.kind == "liquidation") & (events.quantity.abs() > 0)]
    assert len(fills) > 3
    sold = fills[fills.quantity < 0]
    bought = fills[fills.quantity > 0]
    assert (sold.price >= sold.bankruptcy_price).all()
    assert (bought.price <= bought.bankruptcy_price).all()


def test_the_book_is_never_crossed_and_its_orders_are_whole(crashed):
    book = crashed.state.books[0]
    bid, ask = (int(book[orderbook.H_BID]), int(book[orderbook.H_ASK]))
    assert bid == orderbook.NO_BID or ask == orderbook.NO_ASK or bid < ask
    first, count = (int(book[orderbook.H_ROWS]), int(book[orderbook.H_COUNT]))
    orders = [orderbook.order_at(book, row) for row in book[first : first + count]]
    assert min((int(book[order + orderbook.U_LOTS]) for order in orders), default=1) > 0


def test_who_rests_no_order_has_none_in_the_book(crashed):
    state = crashed.state
    owners = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT]]
    crowd = np.flatnonzero(state.owners[col.O_GROUP, owners] == 0)
    assert all(orderbook.find(state.books[0], number) < 0 for number in state.resting[:, crowd].ravel().tolist())


def test_the_ledger_balances_and_a_second_run_is_the_same(crashed):
    assert audit(crashed.market) == 0
    assert crashed.summary()["digest"] == AdlModel(crashed.config, rng=3).run().summary()["digest"]


def test_an_order_that_the_book_cannot_hold_does_not_rest():
    """At no price at all, or beyond the prices that the book keeps."""
    model = AdlModel(scenario("falls"), rng=3)
    book, j = model.state.books[0], col.SPECIAL
    top = int(book[orderbook.H_BASE] + book[orderbook.H_LEVELS])
    for sign, price, rests in ((1, 0, False), (-1, top, False), (-1, top - 1, True)):
        count = int(book[orderbook.H_COUNT])
        place(model.market, 0, j, sign, price, 5)
        assert (int(book[orderbook.H_COUNT]) > count) == rests
        assert (model.state.resting[:, j] > 0).any() == rests


def test_a_single_lot_walks_past_an_order_that_nobody_bears():
    """It met the best price and traded below: a share of that way stays, of one lot as of many."""
    model = AdlModel(scenario("falls"), rng=3)
    state, book = model.state, model.state.books[0]
    long = [j for j in range(col.SPECIAL, state.positions.shape[1]) if state.positions[col.P_LOTS, j] > 0]
    poor, seller = long[0], long[1]
    best = int(book[orderbook.H_BID]) + 1
    place(model.market, 0, poor, 1, best, 1)
    state.accounts[col.A_BALANCE, state.positions[col.P_ACCOUNT, poor]] -= 10**15
    state.accounts[col.A_BALANCE, col.MAKER] += 10**15
    begin_orders(model.market, 0, 60.0)
    gone = state.reals[col.F_GONE, 0]
    assert dump(model.market, seller, 0, -1, 1, 1, 1, col.FORCED) == 1
    walked = float(book[orderbook.H_LAST] - best)
    assert walked < 0
    assert state.reals[col.F_GONE, 0] == gone + state.reals[col.F_PERMANENT, 0] * (walked / state.reals[col.F_BASE, 0]) < gone


def test_who_finds_nothing_in_the_book_has_bands_all_the_same():
    """A buyer whose limit nobody meets: its order rests, and its bands are those of its account as it stands."""
    model = AdlModel(scenario("falls"), rng=3)
    state = model.state
    j = next(j for j in range(col.SPECIAL, state.positions.shape[1]) if state.positions[col.P_LOTS, j] > 0)
    account = int(state.positions[col.P_ACCOUNT, j])
    state.groups[col.G_LIMIT, state.owners[col.O_GROUP, state.accounts[col.A_OWNER, account]]] = col.NANO // 2
    refresh_bands(model.market, account)
    bands = state.bands[[col.B_LOW, col.B_HIGH], j].tolist()
    state.bands[[col.B_LOW, col.B_HIGH], j] = -col.NEVER, col.NEVER
    enter_order(model.market, 0, j, 1)
    clear_book(model.market, 1, 60.0)
    assert state.resting[0, j] > 0
    assert state.bands[[col.B_LOW, col.B_HIGH], j].tolist() == bands
