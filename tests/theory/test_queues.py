"""T4, T13: what singles queues out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.adl.scores import SCORES
from tests.theory.economies import economies, every_policy, label, losses, rule, taken, theorem, winners

QUEUES = [rule("queue", score=score) for score in sorted(SCORES)]
QUEUES += [rule(key) for key in ("fifo", "lifo", "random", "dydx-offset", "greedy-risk")]


@theorem
@given(economy=economies(), share=st.floats(0, 1))
def test_the_top_winner_of_a_queue_by_profit(economy, share):
    """T4: if the loss is at most w_1, the top winner keeps B (1 - w_1 / U) more under pro rata than under the queue."""
    top = int(np.argmax(economy.w))
    B = share * economy.w[top]
    queue, pro_rata = (losses(policy, economy, B=B) for policy in (rule("queue", score="pnl"), "pnl-pro-rata"))
    gap = B * (1 - economy.w[top] / economy.U)
    assert queue[top] - pro_rata[top] == pytest.approx(gap, abs=economy.tolerance)


def test_the_top_winner_by_hand():
    w = np.array([8.0, 4.0, 0.5])
    survivors = [w[0] - taken(policy, 7.5, winners(w), unit="wealth")[0] for policy in (rule("pnl-pro-rata"), rule("queue", score="pnl"))]
    assert survivors == pytest.approx([3.2, 0.5])


@pytest.mark.parametrize("policy", QUEUES, ids=label)
@theorem
@given(economy=economies())
def test_an_extreme_point(policy, economy):
    """T13: at most one winner of a queue loses a part; all others lose everything or nothing."""
    x = losses(policy, economy)
    assert np.sum((x > 0) & (x < economy.w)) <= 1


@theorem
@given(economy=economies())
def test_the_queue_by_profit_touches_fewest(economy):
    """T13: no rule covers the loss from fewer winners."""
    slack = economy.tolerance
    fewest = int(np.sum(losses(rule("queue", score="pnl"), economy) > slack))
    for policy in every_policy():
        x = losses(policy, economy)
        if x.sum() >= economy.B - slack:
            assert np.sum(x > 0) >= fewest, label(policy)


def test_a_queue_jumps_at_a_tie():
    """T13: a cent more or less of profit moves the whole loss to somebody else."""
    ahead, behind = (taken(rule("queue", score="pnl"), 5, winners([10.0, 10 + cent]), unit="wealth") for cent in (-0.01, 0.01))
    assert ahead.tolist() == [5, 0]
    assert behind.tolist() == [0, 5]
    smooth = [taken(rule("pnl-pro-rata"), 5, winners([10.0, 10 + cent]), unit="wealth") for cent in (-0.01, 0.01)]
    assert smooth[0] == pytest.approx(smooth[1], abs=0.01)
