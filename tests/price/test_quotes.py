"""Makers in an order book: a bid and an ask each, skewed by what they hold; none in a storm; a run that its seed alone decides."""

import numpy as np
import pytest

from adlabm.kernels import columns as col
from adlabm.kernels import orderbook
from adlabm.model import AdlModel
from adlabm.scenario import Scenario

LIMIT, FULL = 0.001, 50_000 * 3.0 / 100_000 / 0.001


def scenario(ticks=60, pull=5.0, formation="orderbook"):
    crowd = {
        "name": "crowd",
        "count": 300,
        "equity": {"law": "loguniform", "low": 300.0, "high": 5000.0},
        "pace_s": 3600.0,
        "signal": {"rule": "noise"},
        "leverage": {"rule": "fixed", "leverage": 3.0},
    }
    makers = {
        "name": "makers",
        "count": 5,
        "equity": 50_000.0,
        "opening": 0.0,
        "pace_s": 60.0,
        "limit": LIMIT,
        "slice": 0.2,
        "signal": {"rule": "maker", "pull": pull},
        "leverage": {"rule": "target", "leverage": 3.0},
    }
    return Scenario.from_dict(
        {
            "ticks": ticks,
            "tick_s": 60.0,
            "contracts": [{"name": "BTC", "tick": "0.1", "lot": "0.001", "price": 100_000}],
            "index": {"process": "gbm", "sigma": 0.6},
            "depth": {"share": 2.0},
            "price": {"formation": formation, **({"order": 0.02} if formation == "orderbook" else {})},
            "traders": [crowd, makers],
        }
    )


def held_and_quoted(model):
    """Lots of every maker, and its resting (bid, ask) as (price, lots), None where it has none."""
    state, found = model.state, []
    owners = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT]]
    for j in np.flatnonzero(state.owners[col.O_GROUP, owners] == 1).tolist():
        book, sides = state.books[0], []
        for number in state.resting[:, j].tolist():
            row = orderbook.find(book, number)
            order = orderbook.order_at(book, row)
            sides.append((int(book[order + orderbook.U_PRICE]), int(book[order + orderbook.U_LOTS])) if row >= 0 else None)
        found.append((int(state.positions[col.P_LOTS, j]), *sides))
    return found


@pytest.fixture(scope="module")
def met():
    """What the makers hold and quote at the end of every tick of a quiet market."""
    model, found = AdlModel(scenario(240), rng=1, check=True), []
    while model.running:
        model.step()
        found += held_and_quoted(model)
    return found


def test_makers_quote_both_sides_and_trade(met):
    assert np.mean([bid is not None and ask is not None for _, bid, ask in met]) > 0.5
    assert len({held for held, _, _ in met}) > 20


def test_a_bid_and_an_ask_are_twice_the_limit_apart(met):
    """The market price moves on, their distance stays; a quote that had to go behind the other side's best lies further."""
    apart = [ask[0] / bid[0] - 1 for _, bid, ask in met if bid and ask]
    assert min(apart) >= 2 * LIMIT - 2e-6
    assert np.median(apart) == pytest.approx(2 * LIMIT, rel=0.01)


def test_inventory_skews_the_sizes(met):
    """Who has sold a fifth of the whole offers less than it bids for; who has bought as much bids for less."""
    short = [(bid or (0, 0))[1] - (ask or (0, 0))[1] for held, bid, ask in met if held < -0.06 * FULL and (bid or ask)]
    long = [(bid or (0, 0))[1] - (ask or (0, 0))[1] for held, bid, ask in met if held > 0.06 * FULL and (bid or ask)]
    assert len(short) > 20
    assert np.mean(short) > 0
    assert not long or np.mean(long) < 0


def test_nobody_quotes_in_a_storm():
    """With `pull` 0 every move is one."""
    model = AdlModel(scenario(pull=0.0), rng=1).run()
    assert held_and_quoted(model) == [(0, None, None)] * 5


def test_without_a_book_a_maker_trades_at_the_market():
    model = AdlModel(scenario(240, formation="depth"), rng=1, check=True).run()
    rows = np.flatnonzero(model.state.owners[col.O_GROUP, model.state.accounts[col.A_OWNER, model.state.positions[col.P_ACCOUNT]]] == 1)
    assert model.state.positions[col.P_LOTS, rows].any()


def test_rows_and_a_pause_change_nothing():
    digest = AdlModel(scenario(), rng=1).run().summary()["digest"]
    order = np.random.default_rng(0).permutation(305)
    assert AdlModel(scenario(), rng=1, row_order=order).run().summary()["digest"] == digest
    model = AdlModel(scenario(), rng=1)
    for _ in range(30):
        model.step()
    assert AdlModel.restore(model.checkpoint()).run().summary()["digest"] == digest
