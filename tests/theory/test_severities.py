"""T16, T17, T21, X6: how much, round after round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.metrics.regret import regret, static_regret
from adlabm.registry import find
from adlabm.severity.base import Round
from tests.theory.economies import rule, taken, theorem, winners

waves = st.lists(st.tuples(st.floats(1, 1e6), st.floats(0, 1)), min_size=1, max_size=40)


def shares(key, deficits, targets, **params):
    """The share of its deficit that a severity rule raises in each round."""
    severity = find("severities", key)(**params)
    return [severity.budget(Round(D, needed=D * best)) / D for D, best in zip(deficits, targets, strict=True)]


@theorem
@given(waves=waves, first=st.floats(0, 1))
def test_online_gradient_keeps_its_bound(waves, first):
    """T16: with the path length known, the regret against the moving target is at most sqrt((1 + 2 P) sum D^2)."""
    deficits, targets = (np.array(each) for each in zip(*waves, strict=True))
    bound = regret(targets, targets, deficits)["bound"]
    chosen = shares("online-gradient", deficits, targets, share=first, rate=bound / float(deficits @ deficits))
    row = regret(np.clip(chosen, 0, 1), targets, deficits)
    assert row["dynamic"] <= bound * (1 + 1e-9)
    assert row["static"] <= row["dynamic"]


def test_a_share_that_never_moves_breaks_the_bound():
    """The rate keeps it, not the size of the bound."""
    row = regret(shares("static", [1.0] * 100, [1.0] * 100, share=0.0), [1.0] * 100, [1.0] * 100)
    assert row["dynamic"] == 100 > row["bound"] == 10


@theorem
@given(rounds=st.integers(1, 30), size=st.floats(1.5, 1e6), weight=st.floats(0.1, 10))
def test_a_fixed_order_has_linear_regret(rounds, size, weight):
    """T17: winners (1, M), then (M, 1), a loss of 1, charged weight x largest haircut: always taxing account 1 first costs
    (T / 2) weight (1 - 1 / M) more than taxing the richer one.
    """
    costs = {"fifo": [], "queue": []}
    for turn in range(2 * rounds):
        w = np.array([1.0, size] if turn % 2 == 0 else [size, 1.0])
        for policy in (rule("fifo"), rule("queue", score="pnl")):
            costs[policy.key].append(weight * max(taken(policy, 1.0, winners(w), unit="wealth") / w))
    assert sum(costs["fifo"]) - sum(costs["queue"]) == pytest.approx(rounds * weight * (1 - 1 / size), rel=1e-9)
    assert static_regret(costs["fifo"], np.array([costs["fifo"], costs["queue"]]).T) > 0


@theorem
@given(
    offers=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=12),
    patience=st.sampled_from([0.25, 0.5, 1.0]),
)
def test_a_backstop_that_need_not_wait_acts_at_once(offers, patience):
    """T21: acting at t is best iff theta_t - kappa_t >= patience^u (theta_(t+u) - kappa_(t+u)) for all u, by backward induction."""
    margin = [theta - kappa for theta, kappa in offers]
    value = margin[-1]
    for now in reversed(margin[:-1]):
        value = max(now, patience * value)
    no_wait = all(margin[0] >= patience**u * later for u, later in enumerate(margin))
    assert (value == margin[0]) == no_wait


@theorem
@given(waves=waves, share=st.floats(0, 1), factor=st.floats(0, 0.999))
def test_backoff_does_not_adapt(waves, share, factor):
    """X6: as printed, with a factor below 1, every round has the share of the first."""
    deficits, targets = zip(*waves, strict=True)
    assert shares("backoff", deficits, targets, share=share, factor=factor) == pytest.approx([share] * len(waves), abs=1e-12)


@theorem
@given(waves=waves, share=st.floats(0.01, 0.4))
def test_a_factor_above_one_does(waves, share):
    deficits, targets = zip(*waves, strict=True)
    raised = shares("backoff", deficits, targets, share=share, factor=2.0)
    assert raised[0] == pytest.approx(2 * share)
    assert np.all(np.diff(raised) >= -1e-12)
