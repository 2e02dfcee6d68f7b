"""T1 to T3, T5, T14: what holds for every policy, whoever pays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.adl.candidates import Candidates
from adlabm.metrics.residual_shortfall import residual_shortfall
from tests.theory.economies import economies, every_policy, label, losses, rule, taken, theorem, winners

POLICIES = every_policy()
every = pytest.mark.parametrize("policy", POLICIES, ids=label)
cuts = st.lists(st.floats(0, 1), min_size=200, max_size=200)


def room(policy, table, cap=None):
    """The most that each winner may lose: min(cap, limit) of its endowment."""
    found = Candidates.from_table(table, policy.columns("wealth"))
    limit = policy.limits(found)
    whole = table["pnl"] if limit is None else limit * table["pnl"]
    return whole if cap is None else np.minimum(whole, cap)


@every
@theorem
@given(economy=economies(), seed=st.integers(0, 2**32 - 1), capped=st.booleans())
def test_budget_balance(policy, economy, seed, capped):
    """T1: sum x = min(B, sum beta w), 0 <= x <= beta w."""
    cap = economy.w * np.random.default_rng(seed).random(len(economy.w)) if capped else None
    most = room(policy, economy.table, cap)
    x = losses(policy, economy, cap=cap)
    assert np.all((x >= 0) & (x <= most * (1 + 1e-12)))
    assert x.sum() == pytest.approx(min(economy.B, most.sum()), abs=max(economy.tolerance, 1e-9 * economy.B))


@theorem
@given(economy=economies(), theta=st.floats(0, 1), spare=st.floats(0.1, 3))
def test_separation(economy, theta, spare):
    """T2: what stays uncovered depends on deficit, severity and capacity, not on the split."""
    deficit = spare * economy.U
    rest = {}
    for policy in POLICIES:
        if policy.limits(Candidates.from_table(economy.table, policy.columns("wealth"))) is None:
            covered = losses(policy, economy, B=theta * deficit).sum()
            rest[label(policy)] = residual_shortfall(deficit, covered)[0]
    assert len(rest) > 1
    expected = deficit - min(theta * deficit, economy.U)
    assert list(rest.values()) == pytest.approx([expected] * len(rest), abs=1e-8 * (deficit + economy.U))


@every
@theorem
@given(
    lots=st.lists(st.integers(1, 10**6), min_size=2, max_size=40),
    share=st.floats(0, 1),
    prices=st.tuples(*[st.integers(1, 10**6)] * 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_conservation(policy, lots, share, prices, seed):
    """T3: cash and profit of all accounts together stay the same to the unit, at whatever price winners are closed, at any later mark."""
    lots = np.array(lots)
    closed_at, mark, sold_at = prices
    entry = np.random.default_rng(seed).integers(1, 10**6, len(lots))
    lost = int(share * lots.sum())  # lots of the bankrupt long, who bought at `sold_at`
    table = Candidates.from_table(winners(lots.astype(float)), policy.columns("contracts"))
    given_up = policy.allocate_lots(lost, table, lots)
    covered = int(given_up.sum())

    def total(short, cash_short, long, cash_long):
        return int((cash_short + short * (entry - mark)).sum()) + cash_long + long * (mark - sold_at)

    before = total(lots, np.zeros_like(lots), lost, 0)
    after = total(lots - given_up, given_up * (entry - closed_at), lost - covered, covered * (closed_at - sold_at))
    assert after == before
    debits = policy.allocate_micro(lost, table, lots)
    assert int(debits.sum()) == min(lost, int(room_in_units(policy, table, lots).sum()))


def room_in_units(policy, table, lots):
    limit = policy.limits(table)
    return lots if limit is None else (limit * lots).astype(np.int64)


@every
@theorem
@given(economy=economies(), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_forced_concentration(policy, economy, seed, data):
    """T5: under any rule the k richest together lose at least what the caps of all others do not allow."""
    cap = economy.w * np.random.default_rng(seed).random(len(economy.w))
    x = losses(policy, economy, cap=cap)
    richest_first = np.argsort(-economy.w, kind="stable")
    k = data.draw(st.integers(0, len(cap)))
    assert x[richest_first[:k]].sum() >= x.sum() - cap[richest_first[k:]].sum() - economy.tolerance
    balanced = min(economy.B, room(policy, economy.table, cap).sum())
    assert x[richest_first[:k]].sum() >= balanced - cap[richest_first[k:]].sum() - 2 * economy.tolerance


@theorem
@given(lots=st.lists(st.integers(1, 10**9), min_size=1, max_size=100), share=st.floats(0, 1))
def test_the_shortest_prefix_overshoots_by_less_than_one_piece(lots, share):
    """T14: closing whole positions down the queue until the amount is covered takes too much by less than the largest position."""
    lots = np.array(lots)
    amount = max(int(share * lots.sum()), 1)
    x = taken(rule("queue", score="pnl"), amount, winners(lots.astype(float)) | {"quantity": -lots}, unit="contracts")
    assert 0 <= lots[x > 0].sum() - amount < lots.max()
