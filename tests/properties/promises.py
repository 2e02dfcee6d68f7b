"""What must hold in every market, recomputed from outside the kernels: at the end of every tick, and over the whole run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np

from adlabm.kernels import columns as col
from adlabm.ledger.valuation import account_equity
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.properties.replay import Replay, events_of, marks_met

SPECIAL_ACCOUNTS = col.SPECIAL * col.ACCOUNTS_PER_OWNER
FUND_ACCOUNT, RING_ACCOUNT = (owner * col.ACCOUNTS_PER_OWNER for owner in (col.FUND, col.RING))
DELEVERAGING = {col.DELEVERAGED, col.DEBITED}


def play(tables: dict[str, Any], seed: int = 0) -> AdlModel:
    """The market, run tick by tick with all checks, inside and outside."""
    model = AdlModel(Scenario.from_dict(tables), rng=seed, check=True)
    while model.running:
        model.step()
        for promise in AT_TICKS:
            promise(model)
    for promise in OVER_RUNS:
        promise(model)
    return model


def lots_sum_to_zero(model: AdlModel) -> None:
    p = model.state.positions
    assert not np.bincount(model.state.bands[col.B_CONTRACT], weights=p[col.P_LOTS]).any()


def nobody_is_below_zero(model: AdlModel) -> None:
    """Outside liquidation; maker and ring-fenced account may be."""
    a = model.state.accounts
    normal = (a[col.A_STATUS] == col.NORMAL) & (a[col.A_IDENTITY] >= SPECIAL_ACCOUNTS)
    assert (account_equity(model.state)[normal] >= 0).all()


def nobody_sleeps_below_maintenance(model: AdlModel) -> None:
    """Who traded in a tick's last round may stand below maintenance, but awake: a mark outside its bands brings it to the next."""
    state, tiers = model.state, model.config.tiers
    p, mark = state.positions, state.contracts[col.C_MARK][state.bands[col.B_CONTRACT]]
    value = np.abs(p[col.P_LOTS] * mark * state.contracts[col.C_UNIT][state.bands[col.B_CONTRACT]])
    need: Counter[int] = Counter()
    for account, notional in zip(p[col.P_ACCOUNT].tolist(), value.tolist(), strict=True):
        need[account] += max(notional * Fraction(repr(t.mmr)) - Fraction(repr(t.amount)) * 10**6 for t in tiers)
    awake = set(p[col.P_ACCOUNT, (mark <= state.bands[col.B_LOW]) | (mark >= state.bands[col.B_HIGH])].tolist())
    normal = (state.accounts[col.A_STATUS] == col.NORMAL) & (state.accounts[col.A_IDENTITY] >= SPECIAL_ACCOUNTS)
    equity = account_equity(state).tolist()
    for account in np.flatnonzero(normal).tolist():
        assert equity[account] >= need[account] or account in awake


def nobody_sleeps_past_a_stop(model: AdlModel) -> None:
    """Stop: price return <= -share x (1 / leverage - first maintenance rate); who stands beyond it is awake."""
    state, p, first = model.state, model.state.positions, model.config.tiers[0].mmr
    for j in np.flatnonzero(p[col.P_LOTS]).tolist():
        account = p[col.P_ACCOUNT, j]
        group = int(state.owners[col.O_GROUP, state.accounts[col.A_OWNER, account]])
        if group < 0 or model.config.traders[group].stop.rule != "fixed" or state.accounts[col.A_STATUS, account] != col.NORMAL:
            continue
        mark, lots = int(state.contracts[col.C_MARK, state.bands[col.B_CONTRACT, j]]), int(p[col.P_LOTS, j])
        change = lots * mark * int(state.contracts[col.C_UNIT, state.bands[col.B_CONTRACT, j]]) / int(p[col.P_ENTRY, j]) - 1
        distance = max(1e9 / max(int(p[col.P_LEVERAGE, j]), 1) - first, 0)
        beyond = change * np.sign(lots) <= -model.config.traders[group].stop.params["share"] * distance - 1e-9
        assert not beyond or mark <= state.bands[col.B_LOW, j] or mark >= state.bands[col.B_HIGH, j]


def adl_takes_what_is_asked_and_no_more(model: AdlModel) -> None:
    """What ADL closes for a bankrupt position and what passes to the fund, or aside, in its stead add up to the request."""
    asked, given = {}, defaultdict(int)
    for row in events_of(model):
        victim = row[col.E_OTHER] if row[col.E_KIND] == col.ADL else row[col.E_TRADER]
        request = (row[col.E_TICK], row[col.E_ROUND], victim, row[col.E_CONTRACT])
        if row[col.E_KIND] == col.ADL_TRIGGER:
            assert request not in asked
            asked[request] = row[col.E_LOTS]
        elif row[col.E_KIND] == col.ADL:
            given[request] -= row[col.E_LOTS]
        elif row[col.E_KIND] == col.TAKEOVER and request in asked:
            given[request] += row[col.E_LOTS]
    for request, lots in asked.items():
        if request[2] == col.FUND:
            assert given[request] * lots >= 0
            assert abs(given[request]) <= abs(lots)
        else:
            assert given[request] == lots


def adl_takes_what_is_held_and_no_more(model: AdlModel) -> None:
    """A position is reduced at most to zero, against the opposite side; a debit is at most profit and equity.

    Under a score that ranks winners only, everybody hit has a profit.
    """
    replay, marks, losers = Replay(model), marks_met(model), model.exchange.losers
    rows = iter([row for row in events_of(model) if row[col.E_KIND] == col.ADL])
    for postings in replay.events():
        taken = [each for each in postings if each[col.J_CODE] in DELEVERAGING]
        if not taken or any(each[col.J_ACCOUNT] == RING_ACCOUNT for each in taken):
            continue
        event, (own, other) = next(rows), taken
        account, contract, met = own[col.J_ACCOUNT], event[col.E_CONTRACT], marks[own[col.J_TICK], own[col.J_ROUND]]
        assert account // col.ACCOUNTS_PER_OWNER == event[col.E_TRADER]
        profit = replay.profit(account, contract, met)
        if own[col.J_CODE] == col.DEBITED:
            assert 0 < -own[col.J_BALANCE] <= min(profit, replay.equity(account, met))
            continue
        held, bankrupt = replay.lots[account, contract], replay.lots[other[col.J_ACCOUNT], contract]
        assert held * bankrupt < 0
        assert own[col.J_LOTS] * held < 0
        assert own[col.J_LOTS] == event[col.E_LOTS] == -other[col.J_LOTS]
        assert abs(own[col.J_LOTS]) <= min(abs(held), abs(bankrupt))
        assert losers or profit > 0
        assert event[col.E_AMOUNT] == (met[contract] - own[col.J_PRICE]) * -own[col.J_LOTS] * replay.units[contract]
    assert next(rows, None) is None


def the_fund_goes_first(model: AdlModel) -> None:
    """Under the trigger `exhausted` nothing goes to ADL of which the fund's rule would have taken one lot more."""
    fund = model.config.fund
    if fund.trigger != "exhausted" or (fund.rule == "pay" and model.config.price.formation != "external"):
        return
    capacity, units, marks, held = Fraction(repr(fund.capacity)), Replay(model).units, marks_met(model), inventories(model)
    for number, row in enumerate(events_of(model)):
        if row[col.E_KIND] != col.ADL_TRIGGER or row[col.E_TRADER] == col.FUND:
            continue
        met, equity, lots = marks[row[col.E_TICK], row[col.E_ROUND]], row[col.E_AMOUNT], held[number]
        value = row[col.E_MARK] * units[row[col.E_CONTRACT]]
        gap = (row[col.E_PRICE] - row[col.E_MARK]) * units[row[col.E_CONTRACT]] * (1 if row[col.E_LOTS] < 0 else -1)
        if fund.rule == "pay":
            assert any(lots) or equity < gap
            continue
        carried = sum(abs(n) * met[contract] * units[contract] for contract, n in enumerate(lots))
        assert equity <= 0 or equity < gap or carried + value > capacity * equity - 2


def inventories(model: AdlModel) -> dict[int, list[int]]:
    """The fund's lots by contract at every request of the event log; takeovers move it within a round, sales and ADL between rounds."""
    replay, found, lots, at = Replay(model), {}, [], (-1, -1)
    rounds = chain(replay.events(), [[]])
    waiting = next(rounds)
    for number, row in enumerate(events_of(model)):
        if (row[col.E_TICK], row[col.E_ROUND]) > at:
            at = row[col.E_TICK], row[col.E_ROUND]
            while waiting and (waiting[0][col.J_TICK], waiting[0][col.J_ROUND]) < at:
                waiting = next(rounds)
            lots = [replay.lots[FUND_ACCOUNT, contract] for contract in range(len(replay.units))]
        if row[col.E_KIND] == col.TAKEOVER and row[col.E_OTHER] == col.FUND and model.config.fund.rule == "inventory":
            lots[row[col.E_CONTRACT]] -= row[col.E_LOTS]
        found[number] = list(lots)
    return found


def every_hit_is_told(model: AdlModel) -> None:
    """Each `adl` row is followed by its notice."""
    rows = events_of(model)
    for number, row in enumerate(rows):
        if row[col.E_KIND] == col.ADL:
            notice = rows[number + 1]
            same = [col.E_TICK, col.E_ROUND, col.E_TRADER, col.E_OTHER, col.E_CONTRACT, col.E_LOTS, col.E_PRICE, col.E_RANK, col.E_LIGHTS]
            assert notice[col.E_KIND] == col.NOTICE
            assert [notice[n] for n in same] == [row[n] for n in same]
            assert row[col.E_RANK] >= 1
            assert 1 <= row[col.E_LIGHTS] <= 5


def money_adds_up(model: AdlModel) -> None:
    """The ledger's identity, over all owners."""
    assert model.balance_report()["difference"] == 0


AT_TICKS: tuple[Callable[[AdlModel], None], ...] = (
    lots_sum_to_zero,
    nobody_is_below_zero,
    nobody_sleeps_below_maintenance,
    nobody_sleeps_past_a_stop,
)
OVER_RUNS: tuple[Callable[[AdlModel], None], ...] = (
    adl_takes_what_is_asked_and_no_more,
    adl_takes_what_is_held_and_no_more,
    the_fund_goes_first,
    every_hit_is_told,
    money_adds_up,
)
