"""Who is asked: positions one by one, or accounts with all that they hold; and a market that nothing has happened in."""

import pytest

import adlabm as ad

SETS = ("adl.policy=queue", "adl.score=pnl")


def digest(scenario, scope, *sets):
    return ad.run(scenario, seed=7, sets=[*SETS, *sets, f"adl.scope={scope}"]).summary["digest"]


def test_with_one_contract_an_account_is_its_position():
    assert digest("oct10", "account") == digest("oct10", "position")


def test_with_several_the_profit_of_the_others_counts():
    assert digest("crash", "account", "ticks=60") != digest("crash", "position", "ticks=60")


def test_before_the_first_tick_the_tables_are_empty_and_the_fund_is_full():
    model = ad.AdlModel("crash", rng=1)
    tables = model.tables()
    assert tables.series.num_rows == tables.events.num_rows == 0
    assert tables.summary["fund_start"] == tables.summary["fund_end"]
    assert model.exchange.fund_cash == model.exchange.fund_equity == pytest.approx(float(tables.summary["fund_start"]))
