"""Who withdraws first while losses are open is decided by identity, not by rows; a book that would fill the memory is refused."""

import numpy as np
import pytest

from adlabm.errors import Overflow
from adlabm.kernels.columns import SPECIAL
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
    limits = [(f"traders.{n}.limit", 0.0005) for n in range(len(Scenario.load("crash").traders))]
    scenario = Scenario.load("crash", sets=[("price.formation", "orderbook"), ("ticks", 45), *limits])
    model = AdlModel(scenario, rng=3, check=True).run()
    order = np.random.default_rng(3).permutation(model.state.owners.shape[1] - SPECIAL)
    assert AdlModel(scenario, rng=3, row_order=order).run().summary()["digest"] == model.summary()["digest"]


def test_an_order_book_that_would_fill_the_memory_is_refused():
    tables, _ = market(876)
    with pytest.raises(Overflow, match=r"Tick \d+ of an order book could take [\d,]+ events, more than fit into memory; set a larger"):
        AdlModel(Scenario.from_dict(tables), rng=876, check=True).run()


def test_only_a_book_is_refused_for_its_size(monkeypatch):
    """Without a book the logs grow with those in liquidation, however many trade."""
    monkeypatch.setattr("adlabm.model.MOST_ROWS", 0)
    monkeypatch.setattr("adlabm.ledger.accounts.EVENTS", 64)  # so that they must
    assert AdlModel("crash", rng=1, check=True).run().summary()["liquidations"] > 0
