"""Traders as users meet them: twins, traders in plain Python, notices, Mesa's agents and data collector."""

import math

import mesa
import numpy as np
import pytest

import adlabm as ad
from adlabm.kernels import columns as col

CROWD = {
    "equity": {"law": "lognormal", "mu": 8.0, "sigma": 1.0},
    "mode": "isolated",
    "pace_s": 600.0,
    "signal": {"rule": "side"},
    "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 3.0, "high": 20.0}},
}


def market(groups, **changes):
    """A small market on a falling path."""
    return ad.Scenario.from_dict(
        {
            "ticks": 40,
            "contracts": [{"name": "BTC", "tick": "0.1", "lot": "0.001", "price": 1000}],
            "index": {"process": "scripted", "knots": [[0, 1.0], [600, 1.0], [1200, 0.88], [2400, 0.95]]},
            "fund": {"share": 0.001},
            "traders": groups,
            **changes,
        }
    )


def owners(model, name):
    """Owner rows of a group, in the order of their noise."""
    group = [g.name for g in model.config.traders].index(name)
    rows = np.flatnonzero(model.state.owners[col.O_GROUP] == group)
    return rows[np.argsort(model.state.owners[col.O_NOISE, rows])]


def test_twins_share_traits_and_outcomes_outside_partial_fills():
    calm = {"process": "scripted", "knots": [[0, 1.0], [1200, 0.97], [2400, 1.02]]}
    noisy = CROWD | {"signal": {"rule": "noise"}}
    groups = [{"name": "one", "count": 30, **noisy}, {"name": "two", "count": 30, "twin_of": "one", **noisy}]
    model = ad.AdlModel(market(groups, index=calm, price={"formation": "external"}), rng=3).run()
    first, second = owners(model, "one"), owners(model, "two")
    o = model.state.owners
    for column in (col.O_SIDE, col.O_START, col.O_NOISE, col.O_LIQUIDATIONS, col.O_FEES, col.O_LIQUIDATED):
        assert (o[column, first] == o[column, second]).all()
    assert (o[col.O_IDENTITY, first] < o[col.O_IDENTITY, second]).any()
    assert (o[col.O_IDENTITY, first] > o[col.O_IDENTITY, second]).any()
    assert o[col.O_FEES, first].sum() > 0


def test_a_group_more_changes_nobody_elses_draws():
    groups = [{"name": "one", "count": 30, **CROWD}, {"name": "two", "count": 20, **CROWD}]
    alone = ad.AdlModel(market(groups[:1], price={"formation": "external"}), rng=3).run()
    beside = ad.AdlModel(market(groups, price={"formation": "external"}), rng=3)
    a, b = owners(alone, "one"), owners(beside, "one")
    for column in (col.O_SIDE, col.O_START, col.O_NOISE):
        assert (alone.state.owners[column, a] == beside.state.owners[column, b]).all()
    assert (alone.state.traits[:, a] == beside.state.traits[: len(alone.state.traits), b]).all()


class Contrarian(ad.Trader):
    """Buys what has fallen below 950."""

    def decide(self, contract):
        return 1.0 if self.model.mark() < 950 else math.nan


def test_a_trader_in_plain_python_decides_and_the_rest_stays():
    groups = [{"name": "crowd", "count": 40, **CROWD}, {"name": "mine", "count": 2, "opening": 0.0, **CROWD, "pace_s": 60.0}]
    model = ad.AdlModel(market(groups), rng=1, traders={"mine": Contrarian}).run()
    mine = [model.trader_at(int(row)) for row in owners(model, "mine")]
    assert all(isinstance(agent, Contrarian) for agent in mine)
    assert all(agent.position.get("BTC", 0.0) >= 0 for agent in mine)
    assert sum(agent._owner(col.O_FEES) for agent in mine) > 0, "they have traded"


def test_every_deleveraged_trader_is_told():
    model = ad.AdlModel(market([{"name": "crowd", "count": 80, **CROWD}]), rng=2).run()
    events = model.events_frame()
    rows = events[events.kind == "notice"]
    assert len(rows) == model.summary()["adl_events"] > 0
    for identity, told in rows.groupby("trader"):
        notices = model.trader(int(identity)).notices
        assert [n.quantity for n in notices] == pytest.approx(told.quantity.to_list())
        assert [n.price for n in notices] == pytest.approx(told.price.to_list())
        assert [(n.rank, n.lights) for n in notices] == list(zip(told["rank"], told.lights, strict=True))
        assert [n.paid for n in notices] == pytest.approx([float(amount) for amount in told.amount])


def test_mesa_sees_agents_and_collects_every_tick():
    def collector():
        return mesa.DataCollector(
            {"mark": lambda m: m.mark(), "fund": lambda m: m.exchange.fund_equity}, {"equity": lambda a: getattr(a, "equity", None)}
        )

    scenario = market([{"name": "crowd", "count": 20, **CROWD}])
    run = ad.AdlModel(scenario, rng=1, datacollector=collector()).run()
    step = ad.AdlModel(scenario, rng=1, datacollector=collector())
    while step.running and step.tick < scenario.ticks:
        step.step()
    assert len(list(run.agents)) == 21
    assert isinstance(run, mesa.Model)
    frames = [model.datacollector.get_model_vars_dataframe() for model in (run, step)]
    assert len(frames[0]) == scenario.ticks + 1
    assert frames[0].equals(frames[1])
    assert run.summary()["digest"] == step.summary()["digest"]


def test_large_populations_make_agents_on_demand():
    crowd = {"name": "crowd", "count": 20_001, **CROWD, "opening": 0.0}
    model = ad.AdlModel(market([crowd], ticks=2), rng=1)
    assert len(list(model.agents)) == 1
    assert model.trader(5).identity == 5
    assert len(list(model.agents)) == 2
