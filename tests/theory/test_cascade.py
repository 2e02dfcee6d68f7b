"""The two cascade oracles: published values, what defines them, and the engine in its mean-field configuration."""

import doctest
import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from adlabm.errors import BadInput
from adlabm.theory import cascade, cascade_fixed_point, cascade_fold, cascade_limited

PATH = Path(__file__).parents[2] / "experiments" / "cascade-theory" / "analyse.py"
PHI = 0.674
SHOCKS = (0.05, 0.08, 0.10, 0.13, 0.16)


def law(mu, sigma, n=20_000):
    """A log-normal law of leverage by notional, as equal quantiles."""
    return np.maximum(np.exp(mu + sigma * stats.norm.ppf((np.arange(n) + 0.5) / n)), 1.0)


HYPERLIQUID, CROWD = law(1.31, 0.62), law(1.55, 0.80)
PUBLISHED = {  # market models 6.1: depth, falls in % at the shocks, shares liquidated, upper bounds of the debt in % where given
    "hyperliquid": (HYPERLIQUID, 0.20, (5.0, 8.1, 10.3, 13.8, 17.7), (0.01, 0.04, 0.09, 0.17, 0.28), {0.05: 0.0, 0.10: 0.1}),
    "crowd": (CROWD, 0.10, (5.8, 14.7, 23.3, 30.8, 36.4), (0.08, 0.36, 0.57, 0.70, 0.76), {0.08: 1.7, 0.10: 5.5}),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_fixed_points(name):
    leverage, depth, falls, liquidated, debts = PUBLISHED[name]
    found = {shock: cascade_fixed_point(shock, depth, leverage, phi=PHI) for shock in SHOCKS}
    assert [round(100 * each.fall, 1) for each in found.values()] == list(falls)
    assert [round(each.liquidated, 2) for each in found.values()] == list(liquidated)
    assert {shock: round(100 * found[shock].bad_debt, 1) for shock in debts} == debts


@pytest.mark.parametrize(("step", "fall", "residual"), [(0.008, 30.8, 0.0), (0.004, 30.8, 0.0), (0.0325, 16.5, 17.9)])
def test_the_step_manufactures_what_is_left(step, fall, residual):
    found = cascade_limited(0.13, 0.10, CROWD, phi=PHI, step=step)  # measurement 1
    assert 100 * found.fall == pytest.approx(fall, abs=0.051)
    assert 100 * found.residual == pytest.approx(residual, abs=0.051)


markets = st.tuples(st.floats(0.0, 0.3), st.floats(0.02, 1.0), st.lists(st.floats(1.0, 60.0), min_size=1, max_size=40), st.floats(0.3, 2.0))


@given(markets, st.sampled_from(("published", "engine")))
def test_it_is_the_smallest_fixed_point(market, convention):
    shock, depth, leverage, phi = market
    found = cascade_fixed_point(shock, depth, leverage, phi=phi, convention=convention)

    def image(fall):
        trigger = [(1 / each - 0.0125) / (1 - 0.0125 * (convention == "engine")) for each in leverage]
        sold = sum(each <= fall for each in trigger) / len(leverage)
        x = 0.01 * (sold / depth) ** (1 / phi)
        return min(1 - (1 - shock) * (1 - x) if convention == "engine" else shock + x, 1.0)

    assert image(found.fall) == pytest.approx(found.fall, abs=1e-9)
    for fall in np.linspace(0.0, found.fall - 1e-6, 50):
        assert fall <= 0 or image(fall) > fall
    limited = cascade_limited(shock, depth, leverage, phi=phi, convention=convention)
    assert limited.fall <= found.fall + 1e-9
    assert limited.liquidated <= found.liquidated + 1e-9
    assert 0 <= limited.residual <= limited.liquidated + 1e-12


@given(markets, st.floats(0.005, 0.05))
def test_limited_orders_by_a_plain_recount(market, step):
    shock, depth, leverage, phi = market
    found = cascade_limited(shock, depth, leverage, phi=phi, step=step)
    waiting, sold, left, each = sorted(leverage, reverse=True), 0.0, 0.0, 1 / len(leverage)
    steps = max(math.ceil(shock / step - 1e-9), 1)
    for now in (shock * (n + 1) / steps for n in range(steps)):
        while waiting and 1 / waiting[0] - 0.0125 <= now + 0.01 * (sold / depth) ** (1 / phi):
            limit = 1 / waiting.pop(0)
            most = depth * (max(limit - now, 0) / 0.01) ** phi  # sold in all when the price meets the limit
            quantity = min(each, max(most - sold, 0))
            sold, left = sold + quantity, left + each - quantity
    assert found.residual == pytest.approx(left, abs=1e-9)
    assert found.liquidated == pytest.approx(1 - len(waiting) * each, abs=1e-9)
    assert found.fall == pytest.approx(min(shock + 0.01 * (sold / depth) ** (1 / phi), 1.0), abs=1e-9)


def study():
    spec = importlib.util.spec_from_file_location("cascade_theory", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MARKETS = [  # depth, mu, sigma, shock: on both sides of the fold, which lies at a shock of 4.5 % for the crowd at a depth of 6 %
    (0.10, 1.55, 0.80, 0.08),
    (0.10, 1.55, 0.80, 0.13),
    (0.20, 1.31, 0.62, 0.16),
    (0.06, 1.55, 0.80, 0.040),
    (0.06, 1.55, 0.80, 0.055),
    (0.30, 2.50, 0.40, 0.05),
]


@pytest.mark.parametrize("unlimited", [False, True], ids=["limited", "unlimited"])
@pytest.mark.parametrize("ramp", [False, True], ids=["jump", "ramp"])
@pytest.mark.parametrize("market", MARKETS)
def test_the_engine_ends_where_theory_says(market, ramp, unlimited):
    depth, mu, sigma, shock = market
    found = study().engine(depth, mu, sigma, shock, ramp, unlimited, count=500)
    told = study().theory(depth, found["leverage"], shock, ramp, unlimited)
    runaway = ramp and told["fall"] > 0.3  # there the index moves on while the cascade runs
    assert found["fall"] == pytest.approx(told["fall"], abs=0.005 if runaway else 1e-5)
    assert found["residual"] == pytest.approx(told["residual"], abs=0.005 if runaway else 3e-5)


def test_a_population_of_a_law_ends_where_the_law_does():
    truth = cascade_fixed_point(0.08, 0.10, CROWD, phi=PHI, convention="engine").fall
    falls = [study().engine(0.10, 1.55, 0.80, 0.08, False, True, count=2000, seed=seed)["fall"] for seed in range(6)]
    assert abs(np.mean(falls) - truth) < 4 * max(np.std(falls, ddof=1) / math.sqrt(len(falls)), 0.001)


def test_the_engine_shows_the_fold():
    fold = cascade_fold(0.06, CROWD, phi=PHI, convention="engine")
    below, above = (study().engine(0.06, 1.55, 0.80, fold.shock + each, False, True)["fall"] for each in (-0.006, 0.006))
    assert below < fold.before + 0.01
    assert above > fold.after - 0.05
    assert fold.after - fold.before > 0.4
    assert cascade_fold(0.20, CROWD, phi=PHI) is None


def test_the_branching_ratio_is_what_a_small_shock_more_does():
    here, there = (cascade_fixed_point(s, 0.10, CROWD, phi=PHI) for s in (0.07, 0.0704))
    assert (there.fall - here.fall) / 0.0004 == pytest.approx(1 / (1 - here.branching), rel=0.05)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"shock": 1.0}, "shock is 1; allowed are falls"),
        ({"depth": 0.0}, "depth is 0, phi 0.67"),
        ({"leverage": [0.5]}, "leverage must be a list of numbers of at least 1"),
        ({"share": [1.0, 2.0]}, "and share as many"),
        ({"maintenance": 1.0}, "maintenance below 1"),
        ({"convention": "engin"}, "no convention 'engin' .did you mean 'engine'"),
    ],
)
@pytest.mark.parametrize("oracle", [cascade_fixed_point, cascade_limited])
def test_bad_input(oracle, given, said):
    with pytest.raises(BadInput, match=said):
        oracle(**{"shock": 0.1, "depth": 0.1, "leverage": [5.0]} | given)


def test_the_example_is_true():
    assert doctest.testmod(cascade) == (0, 2)
