"""Any policy, severity rule and scope as the venue's: the same promises of the market, and what each of them changes."""

import numpy as np
import pytest

from adlabm.adl.base import UNITS
from adlabm.exchange.candidates import EQUITY, IDENTITY, LOTS, PROFIT, WALLET, accounts_of, positions_of
from adlabm.kernels import columns as col
from adlabm.ledger.valuation import account_equity
from adlabm.model import AdlModel
from adlabm.registry import names
from adlabm.scenario import Scenario
from tests.properties.promises import OVER_RUNS
from tests.properties.replay import events_of

SMALL = [(f"traders.{number}.count", count) for number, count in enumerate((35, 12, 8, 8, 7, 20, 10))]
"""The crash with a tenth of its traders, a fifth of them in two contracts: 21 hits under the queue."""


def crash(ticks=150, **adl):
    sets = [*((f"adl.{name}", value) for name, value in adl.items()), *SMALL, ("ticks", ticks)]
    return AdlModel(Scenario.load("crash", sets), rng=1, check=True).run()


def hits(model):
    return [row for row in events_of(model) if row[col.E_KIND] == col.ADL]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("policy", names("policies"))
def test_any_policy_can_be_the_venues(policy, unit):
    model = crash(policy=policy, unit=unit)
    assert hits(model)
    for promise in OVER_RUNS:
        promise(model)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("severity", names("severities"))
def test_any_severity_rule_goes_with_a_policy(severity, unit):
    model = crash(policy="pnl-pro-rata", severity=severity, unit=unit)
    for promise in OVER_RUNS:
        promise(model)


@pytest.mark.parametrize("unit", UNITS)
def test_severity_decides_how_much(unit):
    """All of it is what there is without a rule; none leaves the traders alone; half of the first request is half of it."""
    full = crash(unit=unit)
    for other in ({"severity": "static", "share": 1.0}, {"severity": "smart"}, {"severity": "threshold", "least": 0.0}):
        assert crash(unit=unit, **other).summary()["adl_events"] == full.summary()["adl_events"]
    nothing = crash(unit=unit, severity="static", share=0.0)
    assert not hits(nothing)
    assert crash(unit=unit, severity="threshold", least=1e12).summary()["haircut"] == nothing.summary()["haircut"] == 0

    def first_haircut(model):
        rows = hits(model)
        request = [[row[name] for name in (col.E_TICK, col.E_ROUND, col.E_OTHER, col.E_CONTRACT)] for row in rows]
        return sum(row[col.E_AMOUNT] for row, each in zip(rows, request, strict=True) if each == request[0])

    half = crash(unit=unit, severity="static", share=0.5)
    assert first_haircut(half) == pytest.approx(first_haircut(full) / 2, rel=0.02)


@pytest.mark.parametrize("unit", UNITS)
def test_scopes(unit):
    """A trader holds one position in a contract: only the whole account is another candidate."""
    plain, contract, account = (
        crash(policy="pnl-pro-rata", unit=unit, scope=scope) for scope in ("position", "account-in-contract", "account")
    )
    assert hits(plain) == hits(contract)
    assert hits(plain) != hits(account)
    for promise in OVER_RUNS:
        if unit == "contracts" or promise.__name__ != "adl_takes_what_is_held_and_no_more":  # a debit is at most the account's profit there
            promise(account)


@pytest.mark.parametrize(("contract", "side"), [(0, 1), (0, -1), (1, 1), (1, -1)])
def test_accounts_are_the_sum_of_their_positions(contract, side):
    """Profit is equity without the balance, by the ledger's own valuation; the table says the same in other words."""
    model = crash(ticks=40)
    equity = dict(zip(model.state.accounts[col.A_IDENTITY].tolist(), account_equity(model.state).tolist(), strict=True))
    balance = dict(zip(model.state.accounts[col.A_IDENTITY].tolist(), model.state.accounts[col.A_BALANCE].tolist(), strict=True))
    everywhere = accounts_of(model, contract, side, True, everywhere=True)
    for identity, profit, worth, wallet in everywhere.seen[[IDENTITY, PROFIT, EQUITY, WALLET]].T.tolist():
        assert profit == equity[identity] - balance[identity]
        assert (worth, wallet) == (equity[identity], balance[identity])
    table = everywhere.table
    assert table.pnl == pytest.approx(everywhere.seen[PROFIT] / 1e6)
    here, alone = accounts_of(model, contract, side, True, everywhere=False), positions_of(model, contract, side, True)
    assert sorted(here.seen[IDENTITY].tolist()) == sorted(alone.seen[IDENTITY].tolist())
    assert len(here) < len(everywhere)
    lots = dict(zip(alone.seen[IDENTITY].tolist(), alone.seen[LOTS].tolist(), strict=True))
    assert all(lots[identity] == held for identity, held in here.seen[[IDENTITY, LOTS]].T.tolist())
    winners = accounts_of(model, contract, side, False, everywhere=True)
    assert np.all(winners.seen[PROFIT] > 0)


def test_an_account_in_one_contract_is_its_position():
    model = crash(ticks=40)
    whole, alone = accounts_of(model, 0, -1, True, everywhere=False), positions_of(model, 0, -1, True)
    at = {identity: row for row, identity in enumerate(alone.seen[IDENTITY].tolist())}
    pairs = [(row, at[identity]) for row, identity in enumerate(whole.seen[IDENTITY].tolist())]
    rows = [(row, other) for row, other in pairs if whole.seen[PROFIT, row] == alone.seen[PROFIT, other]]
    assert len(rows) > 10
    for name in ("quantity", "entry_price", "mark_price", "pnl", "gain_since_default"):
        ours, theirs = getattr(whole.table, name), getattr(alone.table, name)
        assert ours[[row for row, _ in rows]] == pytest.approx(theirs[[row for _, row in rows]], rel=1e-6)


def test_gains_since_the_mark_before():
    model = crash(ticks=40)
    pool, contracts = positions_of(model, 0, -1, True), model.state.contracts
    moved = (contracts[col.C_MARK, 0] - contracts[col.C_PREVIOUS, 0]) * contracts[col.C_UNIT, 0]
    assert moved != 0
    assert pool.moved.tolist() == (pool.seen[LOTS] * moved).tolist()
    assert pool.endowments("gain_since_default").tolist() == np.clip(pool.moved, 0, pool.seen[EQUITY]).tolist()
    assert pool.endowments("pnl").tolist() == np.clip(pool.seen[PROFIT], 0, pool.seen[EQUITY]).tolist()
