"""The audit at the end of a tick, and the test after every event: each thing that must never be is seen when it is."""

import numpy as np
import pytest

from adlabm.errors import BrokenConservation, Overflow
from adlabm.kernels import columns as col
from adlabm.kernels.audit import audit, audit_exits
from adlabm.kernels.ledger import conserved, settle
from adlabm.kernels.margin import bankruptcy_price, equity_of, maintenance_besides, maintenance_of, position_maintenance
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.exchange.test_adl_in_the_market import SMALL

TARGETS = 1
"""The group of the crash that takes profits at a level."""


@pytest.fixture
def model():
    """A small market before its crash, whose every promise holds."""
    model = AdlModel(Scenario.load("crash", [*SMALL, ("ticks", 60)]), rng=1, check=True)
    for _ in range(20):
        model.step()
    assert audit(model.market) == 0
    return model


def rows(model, group=None):
    """Position rows of traders (of a group) that hold something, outside liquidation."""
    state = model.state
    account = state.positions[col.P_ACCOUNT]
    owner = state.accounts[col.A_OWNER, account]
    mine = (owner >= col.SPECIAL) & (state.positions[col.P_LOTS] != 0) & (state.accounts[col.A_STATUS, account] == col.NORMAL)
    return np.flatnonzero(mine if group is None else mine & (state.owners[col.O_GROUP, owner] == group)).tolist()


def pay(model, giver, amount, taker=col.MAKER):
    """Move money past the ledger; what all own together stays the same."""
    model.state.accounts[col.A_BALANCE, giver] -= amount
    model.state.accounts[col.A_BALANCE, taker] += amount


def test_money_from_nowhere(model):
    model.state.accounts[col.A_BALANCE, col.MAKER] += 1
    assert audit(model.market) == col.NOT_BALANCED
    with pytest.raises(BrokenConservation, match="the recount of the ledger differs"):
        model.step()


def test_a_long_without_a_short(model):
    j = rows(model)[0]
    model.state.positions[col.P_LOTS, j] += 1
    model.state.clock[col.K_LOTS_INDEX] += model.state.positions[col.P_INDEX, j]
    assert audit(model.market) == col.NOT_BALANCED


def test_a_trader_below_zero(model):
    account = model.state.positions[col.P_ACCOUNT, rows(model)[0]]
    pay(model, account, equity_of(model.market, account) + 1)
    assert audit(model.market) == col.BELOW_ZERO


def test_a_sleeper_below_maintenance(model):
    j = rows(model)[0]
    account = model.state.positions[col.P_ACCOUNT, j]
    pay(model, account, equity_of(model.market, account) - maintenance_of(model.market, account) + 1)
    assert audit(model.market) == col.SLEEPER_BELOW_MAINTENANCE
    model.state.bands[col.B_LOW, j] = col.NEVER  # awake: the next round looks at it
    assert audit(model.market) == 0


def test_a_sleeper_past_its_profit_level(model):
    state = model.state
    long = [j for j in rows(model, TARGETS) if state.positions[col.P_LOTS, j] > 0]
    entry = int(state.positions[col.P_ENTRY, long[0]])
    state.positions[col.P_ENTRY, long[0]] = entry // 2
    state.clock[col.K_ENTRY] += entry // 2 - entry
    assert audit(model.market) == col.SLEEPER_PAST_EXIT


@pytest.mark.parametrize("edge", [col.B_LOW, col.B_HIGH])
def test_who_is_on_the_edge_of_its_band_is_awake(model, edge):
    state = model.state
    j = next(j for j in rows(model, TARGETS) if state.positions[col.P_LOTS, j] > 0)
    state.positions[col.P_ENTRY, j] //= 2
    assert audit_exits(model.market) == col.SLEEPER_PAST_EXIT
    state.bands[edge, j] = state.contracts[col.C_MARK, state.bands[col.B_CONTRACT, j]]
    assert audit_exits(model.market) == 0


def test_an_event_that_makes_money(model):
    model.state.clock[col.K_FEES] += 1
    conserved(model.market)
    assert model.state.clock[col.K_ERROR] == col.NOT_CONSERVED
    with pytest.raises(BrokenConservation):
        model.step()


def test_a_funding_beyond_64_bits(model):
    j = rows(model)[0]
    model.state.contracts[col.C_FUNDING, model.state.bands[col.B_CONTRACT, j]] += 2**61
    settle(model.market, j)
    with pytest.raises(Overflow, match="outgrew 64-bit money"):
        model.step()


def test_a_position_without_maintenance_goes_bankrupt_at_the_last_tick(model):
    assert bankruptcy_price(model.market, rows(model)[0], 10**6, 0) == 1


@pytest.mark.parametrize("lots", [-1, 1, 2])
def test_the_smallest_position_has_its_maintenance_too(model, lots):
    state = model.state
    account = next(n for n in range(col.SPECIAL, state.accounts.shape[1]) if state.accounts[col.A_COUNT, n] == 2)
    first = int(state.accounts[col.A_FIRST, account])
    state.positions[col.P_LOTS, first + 1] = lots
    assert position_maintenance(model.market, first + 1) > 0
    assert maintenance_besides(model.market, account, first) == position_maintenance(model.market, first + 1)
