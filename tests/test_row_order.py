"""Who withdraws first while losses are open is decided by identity, not by rows; a book that would fill the memory is refused."""

import numpy as np
import pytest

from adlabm.errors import Overflow
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from evidence.counts.markets import market, survives


@pytest.mark.parametrize("number", [1970, 2310, 2753])
def test_withdrawals_do_not_depend_on_the_order_of_rows(number):
    tables, faults = market(number)
    scenario = Scenario.from_dict(tables)
    assert scenario.adl.withdrawals != "free"
    assert "rows in another order" in faults
    model = AdlModel(scenario, rng=number, check=True).run()
    assert model.summary()["uncovered_loss"] > 0
    assert survives("rows in another order", model, number)


def test_resting_orders_do_not_depend_on_the_order_of_rows():
    """Who wakes cancels what it has in the book, and the places that this frees are drawn from by outsiders' cancellations."""
    crowd = {
        "name": "crowd",
        "count": 300,
        "equity": {"law": "loguniform", "low": 300.0, "high": 5000.0},
        "pace_s": 600.0,
        "limit": 0.001,
        "signal": {"rule": "noise"},
        "leverage": {"rule": "fixed", "leverage": 3.0},
    }
    market = {
        "ticks": 60,
        "contracts": [{"name": "BTC", "tick": "0.1", "lot": "0.001", "price": 100_000}],
        "index": {"process": "gbm", "sigma": 0.6},
        "depth": {"share": 2.0},
        "price": {"formation": "orderbook", "order": 0.02},
        "traders": [crowd],
    }
    scenario = Scenario.from_dict(market)
    model = AdlModel(scenario, rng=1, check=True).run()
    order = np.random.default_rng(1).permutation(crowd["count"])
    assert AdlModel(scenario, rng=1, row_order=order).run().summary()["digest"] == model.summary()["digest"]


def test_an_order_book_that_would_fill_the_memory_is_refused():
    tables, _ = market(876)
    with pytest.raises(Overflow, match=r"Tick \d+ of an order book could take [\d,]+ events, more than fit into memory; set a larger"):
        AdlModel(Scenario.from_dict(tables), rng=876, check=True).run()


def test_only_a_book_is_refused_for_its_size(monkeypatch):
    """Without a book the logs grow with those in liquidation, however many trade."""
    monkeypatch.setattr("adlabm.model.MOST_ROWS", 0)
    monkeypatch.setattr("adlabm.ledger.accounts.EVENTS", 64)  # so that they must
    assert AdlModel("crash", rng=1, check=True).run().summary()["liquidations"] > 0
