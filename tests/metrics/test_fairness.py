"""Who bears it and how hard: the toy economy of three winners, bounds, invariances."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.metrics.fairness_regret import fairness_regret
from adlabm.metrics.haircut_fractions import haircut_fractions, haircut_summary
from adlabm.metrics.order_inversions import order_inversions
from adlabm.metrics.rank_stability import rank_stability
from adlabm.metrics.top_survivor import top_survivor
from adlabm.metrics.trilemma import load, trilemma

WINNERS = np.array([8.0, 4.0, 0.5])
PRO_RATA = np.array([4.8, 2.4, 0.3])
QUEUE = np.array([7.5, 0.0, 0.0])
LEVELLING = np.array([5.75, 1.75, 0.0])
quick = settings(max_examples=50)
economies = st.lists(st.tuples(st.floats(1e-3, 1e6), st.floats(0, 1)), min_size=1, max_size=20)


def test_haircuts():
    assert haircut_fractions(PRO_RATA, WINNERS) == pytest.approx([0.6] * 3)
    assert haircut_summary(PRO_RATA, WINNERS)["largest"] == pytest.approx(7.5 / 12.5)
    row = haircut_summary([0.5, -1.0, 0.0, 0.0], [0.5, 4.0, 8.0, 0.0])
    assert row == {"winners": 3, "touched": 1, "wiped": 1, "largest": 1.0, "mean": 0.25, "weighted_mean": -0.5 / 12.5}
    assert math.isnan(haircut_fractions([0.0], [0.0])[0])
    assert math.isnan(haircut_summary([], [])["largest"])


def test_top_survivors_of_the_toy_economy():
    """Published: 3.2 under pro rata, 0.5 for the same account under the queue, a gap of B (1 - w1 / U) = 2.7."""
    survivors = {"pro rata": WINNERS - PRO_RATA, "queue": WINNERS - QUEUE}
    assert survivors["pro rata"][0] - survivors["queue"][0] == pytest.approx(7.5 * (1 - 8 / 12.5)) == pytest.approx(2.7)
    row = top_survivor(survivors["pro rata"], deficit=15.0, worst=6.0, budget=7.5)
    assert row == pytest.approx({"ptsr_taken": 3.2 / 7.5, "ptsr_remaining": 3.2 / 7.5, "pmr_taken": 3.2 / 3, "pmr_remaining": 3.2 / 3})
    assert math.isnan(top_survivor(WINNERS, 7.5, 7.5, 7.5)["ptsr_remaining"])
    assert math.isnan(top_survivor(WINNERS, 0.0, 0.0, 0.0)["pmr_taken"])
    over = top_survivor([2.0], deficit=4.0, worst=4.0, budget=9.0)
    assert over["ptsr_taken"] == 0.5
    assert math.isnan(over["pmr_remaining"])


@quick
@given(economies, st.floats(0.01, 0.99), st.floats(0.01, 1))
def test_the_two_readings_differ_by_the_odds_of_severity(rows, theta, worst):
    left = [size for size, _ in rows]
    row = top_survivor(left, deficit=100.0, worst=100 * worst, budget=100 * theta)
    assert row["ptsr_remaining"] == pytest.approx(row["ptsr_taken"] * theta / (1 - theta))
    assert row["ptsr_taken"] == pytest.approx(row["pmr_taken"] * worst)


def test_order_inversions():
    assert order_inversions(WINNERS, PRO_RATA) == 0
    assert order_inversions(WINNERS, LEVELLING) == 0  # equal survivors are no inversion
    assert order_inversions(WINNERS, QUEUE) == 0.5
    assert order_inversions([1.0, 1.0], [0.5, 0.0]) != order_inversions([1.0, 2.0], [0.0, 1.5])
    assert math.isnan(order_inversions([1.0, 1.0], [0.5, 0.0]))


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_rounding_turns_no_order_around(size):
    for beyond, turned in ((1e-14, 0.0), (1e-9, 1.0)):
        assert order_inversions([size, 2 * size], [0.0, size * (1 + beyond)]) == turned


@quick
@given(economies, st.randoms(use_true_random=False))
def test_order_inversions_do_not_depend_on_the_order_of_rows(rows, chance):
    sizes, cuts = (np.array(column) for column in zip(*rows, strict=True))
    before = order_inversions(sizes, sizes * cuts)
    shuffled = list(range(len(rows)))
    chance.shuffle(shuffled)
    assert order_inversions(sizes[shuffled], (sizes * cuts)[shuffled]) == pytest.approx(before, nan_ok=True)
    same_share = order_inversions(sizes, 0.3 * sizes)
    assert same_share == 0 or math.isnan(same_share)


def test_rank_stability():
    assert rank_stability([[1, 2, 3, 4], [2, 4, 6, 9]]) == pytest.approx(1)
    assert rank_stability([[1, 2, 3, 4], [4, 3, 2, 1]]) == pytest.approx(-1)
    assert rank_stability([[1, 2, 2], [1, 2, 3]]) == pytest.approx(math.sqrt(3) / 2)  # ties share their ranks
    assert rank_stability([[1, 2, math.nan], [3, 4, 0], [4, 3, 1]]) == pytest.approx((1 + 0.5) / 2)
    assert math.isnan(rank_stability([[1, 1], [1, 2]]))
    assert math.isnan(rank_stability([[1, 2]]))
    with pytest.raises(BadInput, match="one row per round"):
        rank_stability([1, 2])


def test_fairness_regret_of_a_fairer_policy():
    """The published absolute value punishes what is fairer than the reference; the excess does not."""
    assert fairness_regret([0.1], [0.3], [10.0]) == pytest.approx({"absolute": 2.0, "excess": 0.0})
    assert fairness_regret([0.3], [0.1], [10.0]) == pytest.approx({"absolute": 2.0, "excess": 2.0})


def test_trilemma():
    assert trilemma(7.5, PRO_RATA, WINNERS) == pytest.approx({"solvency": 1, "fairness": 1, "revenue": 0.4})
    assert trilemma(7.5, QUEUE, WINNERS) == pytest.approx({"solvency": 1, "fairness": 1 / 3, "revenue": 0.4})
    assert trilemma(0.0, [0.0, 0.0], [1.0, 0.0]) == {"solvency": 1.0, "fairness": 1.0, "revenue": 1.0}
    assert math.isnan(trilemma(1.0, [], [])["revenue"])


@quick
@given(economies, st.floats(0.1, 10))
def test_the_triple_lies_between_zero_and_one(rows, missing):
    sizes, cuts = (np.array(column) for column in zip(*rows, strict=True))
    row = trilemma(missing, sizes * cuts, sizes)
    assert all(-1e-9 <= value <= 1 + 1e-9 for value in row.values())


@pytest.mark.parametrize("alpha", [1.5, 3.0])
def test_load_of_pareto_winners(alpha):
    """b = n^(1 / alpha), so the load grows as theta n^(1 - 1 / alpha)."""
    n = 10_000
    winners = [*(1 - np.arange(1, n) / n) ** (-1 / alpha), 1e9]
    assert load(0.2, winners) == pytest.approx(0.2 * n ** (1 - 1 / alpha))
    assert load(0.4, [*winners, 0.0]) == pytest.approx(2 * load(0.2, winners))
    assert math.isnan(load(0.5, []))


def test_bad_tables():
    with pytest.raises(BadInput, match="'endowments' is -1 in row 0"):
        haircut_fractions([0.0], [-1.0])
    with pytest.raises(BadInput, match="differ in length"):
        haircut_fractions([0.0], [1.0, 2.0])
    with pytest.raises(BadInput, match="'budget' is inf"):
        top_survivor([1.0], 1.0, 1.0, math.inf)
