"""Positions as a market opens with them, and what traders own."""

import numpy as np
import pytest

from adlabm.kernels import columns as col
from adlabm.kernels.margin import entry_price, equity_of
from adlabm.kernels.withdrawals import claims
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.exchange.test_adl_in_the_market import SMALL


@pytest.fixture
def opened():
    return AdlModel(Scenario.load("crash", [*SMALL, ("index.process", "gbm"), ("index.sigma", 0.6)]), rng=1, check=True)


def held(model):
    """Position rows of traders that hold something."""
    state = model.state
    owner = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT]]
    return np.flatnonzero((owner >= col.SPECIAL) & (state.positions[col.P_LOTS] != 0)).tolist()


def test_positions_were_opened_before_the_market_at_what_it_cost_then(opened):
    """Who has held for long has another entry price; who opens now has that of now."""
    state, mark = opened.state, opened.state.contracts[col.C_MARK]
    times = state.positions[col.P_OPENED, held(opened)]
    assert (times <= 0).all()
    assert len(np.unique(times)) > 10
    entries = {j: entry_price(opened.market, j) / mark[state.bands[col.B_CONTRACT, j]] for j in held(opened)}
    assert all(entries[j] == 1.0 for j in held(opened) if state.positions[col.P_OPENED, j] == 0)
    assert sum(entry != 1.0 for entry in entries.values()) > len(entries) / 2
    assert (state.positions[col.P_ORIGINAL, held(opened)] == np.abs(state.positions[col.P_LOTS, held(opened)])).all()


@pytest.mark.parametrize("profits", [False, True])
def test_claims_are_what_each_trader_owns_to_the_unit(opened, profits):
    for _ in range(45):
        opened.step()
    state, owners = opened.state, opened.state.owners
    total = 0
    for owner in range(col.SPECIAL, owners.shape[1]):
        mine = np.flatnonzero(state.accounts[col.A_OWNER] == owner)
        worth = sum(equity_of(opened.market, account) for account in mine.tolist())
        total += max(worth - (int(owners[col.O_START, owner] + owners[col.O_DEPOSITS, owner]) if profits else 0), 0)
    assert claims(opened.market, profits) == total
