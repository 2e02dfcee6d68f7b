"""Severity rules against their formulas, computed again, and against what is published or claimed of them."""

from math import exp, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.registry import find
from adlabm.severity.base import Round

deficits = st.lists(st.floats(0, 1e6), min_size=1, max_size=30)


def budgets(key, rounds, **params):
    rule = find("severities", key)(**params)
    return [rule.budget(each) for each in rounds]


@given(deficits, st.floats(0, 1))
def test_static_leaves_the_rest_with_the_venue(sizes, share):
    """T2: the shortfall is (1 - theta) D."""
    raised = np.array(budgets("static", [Round(each) for each in sizes], share=share))
    assert np.array(sizes) - raised == pytest.approx((1 - share) * np.array(sizes), abs=1e-9)


@given(deficits, st.floats(0, 1e6))
def test_smart_is_the_smaller_of_two(sizes, available):
    assert budgets("smart", [Round(each, available) for each in sizes]) == [min(each, available) for each in sizes]


@given(deficits, st.floats(0, 1e6))
def test_threshold_pays_everything_late(sizes, least):
    raised = budgets("threshold", [Round(each) for each in sizes], least=least)
    waiting = sum(sizes) - sum(raised)
    assert -1e-6 <= waiting <= max(least, 1e-6)
    assert all(amount == 0 or amount >= least for amount in raised)


@given(deficits, st.floats(0, 1), st.floats(0, 0.999))
def test_backoff_as_printed_does_not_adapt(sizes, share, factor):
    """X6: with a factor below 1 it stays at its first share."""
    assert budgets("backoff", [Round(each) for each in sizes], share=share, factor=factor) == [share * each for each in sizes]


def test_backoff_stays_feasible():
    assert budgets("backoff", [Round(100, 30), Round(100), Round(0, 0), Round(100)], share=0.5, factor=3.0) == pytest.approx(
        [30, 90, 0, 100]
    )


@given(deficits, st.floats(0, 1))
def test_lagged_raises_what_was_missing_before(sizes, share):
    raised = budgets("lagged", [Round(each) for each in sizes], share=share)
    assert raised == [0.0] + [share * each for each in sizes[:-1]]


def test_mirror_descent_by_hand():
    """Two steps up, each divided by the root of its number; the round without deficit in between teaches nothing."""
    seen = budgets("mirror-descent", [Round(10), Round(0), Round(10), Round(10)], share=0.5, pull=0.2, reward=0.3, shortage=0.7)
    first = 0.5 * exp(0.2 * 1.0)
    assert seen == pytest.approx([5.0, 0.0, 10 * first, 10 * first * exp(0.2 / sqrt(2))])


@pytest.mark.parametrize(("reward", "excess"), [(0.1, 1.0), (0.5, 0.25), (0.0, 1.0)])
def test_mirror_descent_rests_where_its_loss_is_least(reward, excess):
    rule = find("severities", "mirror-descent")(reward=reward, excess=excess)
    for _ in range(4000):
        level = rule.budget(Round(1.0))
    losses = {
        theta: -reward * theta + max(0.0, 1 - theta) + excess * max(0.0, theta - 1) ** 2 for theta in np.linspace(0, 3, 3001).tolist()
    }
    assert level == pytest.approx(min(losses, key=losses.get), abs=0.01)
    assert level == pytest.approx(1 + reward / (2 * excess), abs=0.01)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(0, 1)), min_size=1, max_size=40), st.floats(0, 1))
def test_online_gradient_keeps_its_bound(waves, first):
    """T16: with the best rate the tracking regret is at most sqrt((1 + 2 P_T) sum(D^2))."""
    sizes, targets = (np.array(each) for each in zip(*waves, strict=True))
    moved = float(np.abs(np.diff(targets)).sum())
    bound = sqrt((1 + 2 * moved) * float((sizes**2).sum()))
    rate = sqrt((1 + 2 * moved) / float((sizes**2).sum()))
    seen = [Round(size, needed=target * size) for size, target in zip(sizes.tolist(), targets.tolist(), strict=True)]
    raised = budgets("online-gradient", seen, share=first, rate=rate)
    assert np.abs(raised - targets * sizes).sum() <= bound * (1 + 1e-9)


def test_online_gradient_has_the_published_rate():
    """2602.15182 on 16 waves: P_T 7.0595, root of the sum of squares 33,356,243, bound 129,699,802."""
    spread = sqrt(1 + 2 * 7.0595)
    assert spread * 33_356_243 == pytest.approx(129_699_802.43, rel=1e-5)
    assert find("severities", "online-gradient")().rate == pytest.approx(spread / 33_356_243, rel=1e-3)


@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(1, 1e3)), min_size=1, max_size=20), st.floats(1, 1e4))
def test_drift_plus_penalty_minimises_its_objective(waves, weight):
    rule, backlog = find("severities", "drift-plus-penalty")(weight=weight), 0.0
    for deficit, available in waves:
        raised = rule.budget(Round(deficit, available))
        grid = np.linspace(0, min(available, backlog + deficit), 401)
        assert weight * raised**2 / (2 * available) - backlog * raised <= np.min(weight * grid**2 / (2 * available) - backlog * grid) + 1e-6
        backlog = max(backlog + deficit - raised, 0.0)


def test_drift_plus_penalty_trades_cost_for_backlog():
    """A steady deficit of 10 out of 100: the backlog settles where raising 10 is right, at weight / 10."""
    for weight in (200.0, 400.0, 800.0):
        rule, backlog = find("severities", "drift-plus-penalty")(weight=weight), 0.0
        for _ in range(400):
            backlog += 10 - rule.budget(Round(10, 100))
        assert backlog == pytest.approx(weight / 10, rel=0.01)
