"""A panel holds what the ledger says of every trader at every tick."""

import numpy as np
import pytest

import adlabm as ad
from adlabm.kernels import columns as col
from adlabm.ledger.valuation import account_equity, owner_sums


@pytest.fixture(scope="module")
def crash():
    """`crash` with its panel, and beside it what the slow valuation says of every tick, by identity."""
    panel, seen = ad.Panel(), []
    order = np.random.default_rng(3).permutation(1000)
    model = ad.AdlModel(ad.Scenario.load("crash", sets=["ticks=60"]), rng=2, datacollector=panel, row_order=order)
    while model.running:
        state = model.state
        sorted_rows = col.SPECIAL + np.argsort(state.owners[col.O_IDENTITY, col.SPECIAL :])
        seen.append(owner_sums(state, account_equity(state))[sorted_rows] / 1e6)
        model.step()
    return panel, np.array(seen), model


def test_equity_is_that_of_the_ledger(crash):
    panel, seen, _ = crash
    assert np.allclose(panel["equity"][:-1], seen, rtol=1e-6, atol=1e-3)
    assert np.abs(seen[0] - seen[-1]).max() > 100.0


def test_the_last_row_is_that_of_the_traders_table(crash):
    panel, _, model = crash
    table = model.traders_frame().set_index("identity").loc[panel.traders]
    assert np.allclose(panel["equity"][-1], table["equity_end"].astype(float), rtol=1e-6, atol=1e-3)


def test_notional_and_profit_are_those_of_the_positions(crash):
    panel, _, model = crash
    state = model.state
    value = state.positions[col.P_LOTS] * (state.contracts[col.C_MARK] * state.contracts[col.C_UNIT])[state.bands[col.B_CONTRACT]]
    owed = state.positions[col.P_LOTS] * (state.contracts[col.C_FUNDING][state.bands[col.B_CONTRACT]] - state.positions[col.P_INDEX])
    owner = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT]]
    for name, amounts in (("notional", np.abs(value)), ("profit", value - state.positions[col.P_ENTRY] - owed)):
        sums = np.zeros(state.owners.shape[1], np.int64)
        np.add.at(sums, owner, amounts)
        rows = col.SPECIAL + np.argsort(state.owners[col.O_IDENTITY, col.SPECIAL :])
        assert np.allclose(panel[name][-1], sums[rows] / 1e6, rtol=1e-6, atol=1e-2)
        assert np.count_nonzero(sums) > 100


def test_the_frame_is_balanced_and_costs_four_bytes_a_value(crash):
    panel, seen, _ = crash
    frame = panel.frame()
    assert list(frame.columns) == ["tick", "trader", "equity", "notional", "profit"]
    assert len(frame) == 61 * 1000
    assert frame["tick"].iloc[-1] == 60
    assert panel["equity"].itemsize == 4
    assert frame.query("tick == 7")["equity"].to_numpy() == pytest.approx(seen[7], rel=1e-6, abs=1e-3)
