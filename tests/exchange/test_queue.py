"""The queue as it stands: places, lights, who is not in it; and a venue whose market is elsewhere."""

import numpy as np
import pytest

from adlabm.exchange.candidates import IDENTITY, LOTS, PROFIT, ROW
from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.exchange.test_adl_in_the_market import SMALL

SETS = [*SMALL, ("ticks", 60)]


@pytest.fixture(scope="module")
def fallen():
    """The crash at the end of its fall."""
    model = AdlModel(Scenario.load("crash", SETS), rng=1, check=True)
    while model.tick < 36:
        model.step()
    return model


@pytest.mark.parametrize("side", [1, -1])
def test_it_ranks_one_side_and_changes_nothing(fallen, side):
    before = {name: table.copy() for name, table in fallen.state._asdict().items() if name != "addresses"}
    pool, lights, place = fallen.exchange.queue(0, side)
    assert all(np.array_equal(getattr(fallen.state, name), table) for name, table in before.items())
    assert len(pool)
    assert (np.sign(pool.seen[LOTS]) == side).all()
    assert sorted(place) == list(range(1, len(pool) + 1))
    scores = pool.scores(fallen.exchange.ranking)[np.argsort(place)]
    assert (np.diff(scores) <= 0).all()
    winners = pool.seen[PROFIT] > 0
    assert winners.any() == (side < 0)
    assert (lights[~winners] == 1).all()
    assert (np.diff(lights[winners][np.argsort(place[winners])]) <= 0).all()
    assert lights.max() == (5 if winners.any() else 1)


def test_exempt_traders_are_not_in_it():
    model = AdlModel(Scenario.load("crash", [*SETS, ("traders.5.exempt", True)]), rng=1, check=True)
    while model.tick < 36:
        model.step()
    pool, _, _ = model.exchange.queue(0, -1)
    groups = model.state.owners[col.O_GROUP, model.state.accounts[col.A_OWNER, model.state.positions[col.P_ACCOUNT, pool.seen[ROW]]]]
    held = model.state.owners[col.O_GROUP, model.state.accounts[col.A_OWNER, model.state.positions[col.P_ACCOUNT]]]
    assert len(pool)
    assert 5 not in groups
    assert ((held == 5) & (model.state.positions[col.P_LOTS] < 0)).any()
    assert len(set(pool.seen[IDENTITY].tolist())) == len(pool)


@pytest.mark.parametrize("fund", ["pay", "inventory"])
@pytest.mark.parametrize("liquidity", [0, 2])
def test_a_market_elsewhere_takes_forced_orders_at_the_mark(fund, liquidity):
    """With little of it, less is sold in the market, and more stands against the fund and ADL."""
    sets = [*SETS, ("price.formation", "external"), ("price.liquidity", liquidity), ("fund.rule", fund), ("fund.unwind_s", 600)]
    model = AdlModel(Scenario.load("crash", sets), rng=1, check=True).run()
    events = model.events_frame()
    fills = events[(events.kind == "liquidation") & (events.quantity.abs() > 0)]
    assert len(fills)
    assert (fills.price == fills.mark).all()
    if liquidity:
        free = AdlModel(Scenario.load("crash", [*sets, ("price.liquidity", 0)]), rng=1).run()
        assert model.summary()["liquidated_notional"] < free.summary()["liquidated_notional"]


def test_a_market_elsewhere_that_jumps_past_bankruptcy_takes_nothing():
    """Forced orders are limited at the bankruptcy price, and the mark is beyond it: all goes to the fund and to ADL."""
    jump = [("index.knots", [[0, 1.0], [1800, 1.0], [1800, 0.5], [9000, 0.5]]), ("price.formation", "external")]
    model = AdlModel(Scenario.load("crash", [*SETS, *jump, ("traders.0.leverage.leverage", 20.0)]), rng=1, check=True).run()
    events = model.events_frame()
    after = events[(events.tick == 30) & (events.contract == "BTCUSDT")]
    assert (after.kind == "takeover").any() or (after.kind == "adl").any()
    fills = after[(after.kind == "liquidation") & (after.quantity.abs() > 0)]
    assert (fills[fills.quantity < 0].price >= fills[fills.quantity < 0].bankruptcy_price).all()
    summary = model.summary()
    assert summary["adl_notional"] > summary["liquidated_notional"]


def test_a_ranking_of_all_candidates_at_once_can_be_the_venues():
    model = AdlModel(Scenario.load("crash", [*SETS, ("adl.score", "ethereal")]), rng=1, check=True).run()
    hits = model.events_frame().query("kind == 'adl'")
    assert len(hits) > 5
    assert (hits.groupby(["tick", "round", "counterparty", "contract"])["rank"].diff().dropna() > 0).all()
