"""T11, T15, T18, T20: more to be taken, taken in waves, taken in whole contracts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.adl.allocate import allocate
from adlabm.adl.candidates import Candidates
from tests.theory.economies import economies, label, losses, rule, taken, theorem, winners

MONOTONE = [rule(key) for key in ("pnl-pro-rata", "constrained-equal-losses", "levelling", "talmud", "rap", "minimax-leverage", "fifo")]
MONOTONE += [rule("queue", score=score) for score in ("pnl", "leverage", "generic")]
PATH_FREE = [rule(key) for key in ("pnl-pro-rata", "constrained-equal-losses", "levelling", "fifo", "lifo", "random")]
PATH_FREE += [rule("queue", score="size")]
lots = st.lists(st.one_of(st.integers(1, 9), st.integers(1, 10**6)), min_size=1, max_size=60)


def whole(sizes, amount, **params):
    """Lots closed of positions `sizes` by contract pro rata."""
    return allocate("contract-pro-rata", amount, {"id": np.arange(len(sizes)), "quantity": np.asarray(sizes, float)}, **params)


@pytest.mark.parametrize("policy", MONOTONE, ids=label)
@theorem
@given(economy=economies(), share=st.floats(0, 1))
def test_resource_monotone(policy, economy, share):
    """T11: who pays at a loss B pays no less at a larger one."""
    less, more = losses(policy, economy, B=share * economy.B), losses(policy, economy)
    assert np.all(less <= more + economy.tolerance)


@pytest.mark.parametrize("rounding", ["webster", "dhondt"])
@theorem
@given(sizes=lots, share=st.floats(0, 1))
def test_divisor_methods_are_house_monotone(rounding, sizes, share):
    """T11: one contract more for all takes none from anybody."""
    amount = int(share * (sum(sizes) - 1))
    assert np.all(whole(sizes, amount, rounding=rounding) <= whole(sizes, amount + 1, rounding=rounding))


def test_largest_remainders_are_not_house_monotone():
    """T11 fails for Hamilton: the published paradox."""
    assert whole([6, 6, 2], 10).tolist() == [4, 4, 2]
    assert whole([6, 6, 2], 11).tolist() == [5, 5, 1]
    for rounding in ("webster", "dhondt"):
        assert whole([6, 6, 2], 11, rounding=rounding)[2] >= whole([6, 6, 2], 10, rounding=rounding)[2]


@pytest.mark.parametrize("key", ["contract-pro-rata", "partial-tear-up"])
@theorem
@given(sizes=lots, share=st.floats(0, 1))
def test_hamilton_keeps_the_quota(key, sizes, share):
    """T15: nobody is more than a lot away from an exact share."""
    amount = int(share * sum(sizes))
    k = allocate(key, amount, {"id": np.arange(len(sizes)), "quantity": np.array(sizes, float)})
    assert np.all(np.abs(k - amount * np.array(sizes) / sum(sizes)) < 1)


def test_dhondt_leaves_the_quota():
    """T15 is Hamilton's alone: with 58 of 100 contracts the largest has a quota of 5.8 of 10 and loses 8."""
    sizes = [58, 7, 7, 7, 7, 7, 7]
    assert whole(sizes, 10, rounding="dhondt")[0] == 8
    assert whole(sizes, 10)[0] == 6


@pytest.mark.parametrize("policy", PATH_FREE, ids=label)
@theorem
@given(economy=economies(), share=st.floats(0, 1))
def test_path_independence(policy, economy, share):
    """T20: a loss in two waves falls on the same accounts as in one."""
    first = losses(policy, economy, B=share * economy.B)
    table = economy.table | {"pnl": economy.w - first}
    second = taken(policy, max(economy.B - first.sum(), 0.0), table, unit="wealth", cap=economy.w - first)
    assert first + second == pytest.approx(losses(policy, economy), rel=1e-9, abs=4 * economy.tolerance)


@theorem
@given(economy=economies(), share=st.floats(0, 1), part=st.floats(0, 1))
def test_minimax_leverage_is_path_independent(economy, share, part):
    """T20: closing Q1 and then Q2 contracts at unchanged marks is closing Q1 + Q2 (before rounding to lots)."""
    policy = rule("minimax-leverage")
    held = np.abs(economy.table["quantity"])
    amount = share * float(held.sum())

    def closed(quantity, contracts):
        table = Candidates.from_table(economy.table | {"quantity": -quantity}, policy.columns("contracts"))
        return policy.split(contracts, quantity, quantity, table, None) if contracts > 0 else quantity * 0

    first = closed(held, part * amount)
    assert first + closed(held - first, amount - first.sum()) == pytest.approx(closed(held, amount), rel=1e-9, abs=1e-9 * held.sum())


def test_talmud_depends_on_the_path():
    """T20 fails for Talmud, so it matters how a deficit is cut into waves."""
    w = np.array([10.0, 2.0])

    def lost(claims, amount):
        return rule("talmud").allocate(amount, Candidates.from_table(winners(claims), ("pnl", "equity")), unit="wealth")

    once = lost(w, 6.0)
    first = lost(w, 2.0)
    twice = first + lost(w - first, 4.0)
    assert once.tolist() == [5, 1]
    assert first.tolist() == [1, 1]
    assert twice.tolist() == [4.5, 1.5]
