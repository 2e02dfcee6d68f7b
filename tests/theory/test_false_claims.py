"""X1 to X9: published claims that do not hold, each with the table that shows it (X10: tests/metrics/test_published.py)."""

import numpy as np
import pytest

from adlabm.adl.allocate import allocate
from adlabm.metrics.concentration import gini
from adlabm.metrics.moral_hazard import moral_hazard
from adlabm.metrics.top_survivor import top_survivor


def claims(*w, **columns):
    """Winners with endowments w and plenty of equity."""
    return {"id": list(range(1, len(w) + 1)), "pnl": list(w), "equity": [99.0] * len(w), **columns}


def largest_survivor(policy, amount, table, **params):
    return max(np.array(table["pnl"]) - allocate(policy, amount, table, unit="wealth", **params))


def test_the_queue_does_not_minimise_the_largest_survivor():
    """X1: w = (10, 9), B = 5."""
    table = claims(10.0, 9.0)
    assert largest_survivor("queue", 5, table, score="pnl") == 9
    assert largest_survivor("pnl-pro-rata", 5, table) == pytest.approx(7.37, abs=0.005)
    assert largest_survivor("levelling", 5, table) == pytest.approx(7)


def test_rap_does_not_minimise_the_next_deficit():
    """X2: with w = (1, 1) and risk densities (2, 1) it removes 1.5 of risk for 0.9, the greedy order 1.8."""
    density = np.array([2.0, 1.0])
    table = {"id": [1, 2], "pnl": [1.0, 1.0], "equity": [1.0, 1.0], "quantity": [2.0, 1.0], "mark_price": [1.0, 1.0]}
    assert density @ allocate("rap", 0.9, table, power=0) == pytest.approx(1.5)
    assert density @ allocate("greedy-risk", 0.9, table) == pytest.approx(1.8)


def test_one_projection_from_zero_concentrates():
    """X3: the rule meant to spread the loss takes in proportion to the square of the endowment."""
    w = np.array([8.0, 4.0, 0.5])
    table = claims(*w)
    x = allocate("vector-mirror-descent", 5, table)
    assert x == pytest.approx(5 * w**2 / np.sum(w**2))
    assert gini(x) > gini(allocate("pnl-pro-rata", 5, table))


def test_pro_rata_does_not_minimise_the_unweighted_sum():
    """X4: w = (10, 1), B = 5.5: haircuts (0.5, 0.5) have a larger sum of squares than (0.55, 0)."""
    table = claims(10.0, 1.0)
    even = allocate("pnl-pro-rata", 5.5, table) / table["pnl"]
    other = allocate("queue", 5.5, table, score="pnl", unit="wealth") / table["pnl"]
    assert np.sum(even**2) == pytest.approx(0.5)
    assert np.sum(other**2) == pytest.approx(0.3025)


def test_the_printed_leverage_rule_does_not_add_up():
    """X5: min(w, B l w / sum(l w)) loses what the caps cut off; water-filling finds it."""
    w, leverage, amount = np.array([1.0, 10.0]), np.array([10.0, 1.0]), 6.0
    printed = np.minimum(w, amount * leverage * w / np.sum(leverage * w))
    assert printed.sum() == 4
    equity = 99.0
    table = claims(*w, quantity=list(leverage * equity), mark_price=[1.0, 1.0])
    assert allocate("rap", amount, table, power=0) == pytest.approx([1, 5])


def test_pro_rata_of_profit_is_not_neutral_to_accounts():
    """X7: +10 and -4 in one account pay 1.5 of 4, in two accounts 2; closing and opening again pays nothing."""
    merged, parted, reopened = claims(10.0, 6.0), claims(10.0, 10.0), claims(10.0, 0.0)
    assert allocate("pnl-pro-rata", 4, merged)[1] == 1.5
    assert moral_hazard("pnl-pro-rata", 4, merged, parted, mine=[2]) == 0.5
    assert moral_hazard("pnl-pro-rata", 4, merged, reopened, mine=[2]) == -1.5
    gains = {"gain_since_default": [10.0, 6.0]}
    assert moral_hazard("vmgh", 4, {**merged, **gains}, {**reopened, **gains}, mine=[2]) == 0


def test_largest_remainders_are_not_neutral():
    """X8: with one contract more to close, the smallest gives one less."""
    table = {"id": [1, 2, 3], "quantity": [6, 6, 2]}
    assert allocate("contract-pro-rata", 11, table)[2] < allocate("contract-pro-rata", 10, table)[2]


@pytest.mark.parametrize("theta", [0.25, 0.5, 1.0])
def test_the_ptsr_gap_depends_on_what_one_divides_by(theta):
    """X9: the gap of pro rata over the queue is 1 - w_1 / U of what was taken, but theta (1 - w_1 / U) of the deficit."""
    table, taken = claims(8.0, 4.0, 0.5), 7.5
    deficit, claim = taken / theta, 1 - 8 / 12.5
    tops = [
        8 - allocate(key, taken, table, unit="wealth", **params)[0] for key, params in (("pnl-pro-rata", {}), ("queue", {"score": "pnl"}))
    ]
    ratios = [top_survivor([top], deficit, deficit, taken)["ptsr_taken"] for top in tops]
    assert ratios[0] - ratios[1] == pytest.approx(claim)
    assert (tops[0] - tops[1]) / deficit == pytest.approx(theta * claim)
