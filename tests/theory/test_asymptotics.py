"""Section 3.2 of the ADL notes: many winners with Pareto tails, drawn with fixed seeds.

Tolerances are four standard errors of the draw. Where the variance is infinite, a quantile is compared, or a mean cut off at a level with
the exact rest beyond it.
"""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaln

from adlabm.adl.candidates import Candidates
from tests.theory.economies import rule, taken, winners


def pareto(seed, alpha, n, draws):
    """Pareto winners of minimum 1: (draws, n)."""
    return np.random.default_rng(seed).random((draws, n)) ** (-1 / alpha)


def four_errors(sample):
    return 4 * float(np.std(sample, ddof=1)) / math.sqrt(len(sample))


def lost(policy, B, w, leverage=2.0):
    return policy.allocate(B, Candidates.from_table(winners(w, leverage), policy.columns("wealth")), unit="wealth")


@pytest.mark.parametrize(("alpha", "limit"), [(1.5, 2.6789), (2.0, 1.7725), (3.0, 1.3541)])
def test_mean_of_the_largest(alpha, limit):
    """E[max] / n^(1/alpha) tends to Gamma(1 - 1/alpha) for alpha > 1."""
    assert math.gamma(1 - 1 / alpha) == pytest.approx(limit, abs=5e-5)
    n, level = 1000, 20.0
    sample = np.minimum(pareto(1, alpha, n, 3000).max(axis=1) / n ** (1 / alpha), level)
    beyond = quad(lambda x: -math.expm1(-(x**-alpha)), level, math.inf)[0]
    assert sample.mean() + beyond == pytest.approx(limit, abs=four_errors(sample) + 2 / n)
    n = 10**8
    assert math.exp(gammaln(n + 1) + gammaln(1 - 1 / alpha) - gammaln(n + 1 - 1 / alpha)) / n ** (1 / alpha) == pytest.approx(
        limit, rel=1e-4
    )


@pytest.mark.parametrize("draws", [300, pytest.param(3000, marks=pytest.mark.slow)])
def test_growth_of_the_untouched_top(draws):
    """PTSR ~ n^(1/alpha - 1) / theta where the top winner is spared: a slope of -1/3 at alpha = 1.5, loss theta mu n.

    Spared by a queue by leverage in which the top winner has the least.
    """
    alpha, theta, mu = 1.5, 0.1, 3.0
    sizes = (64, 512, 4096)
    medians = []
    for n in sizes:
        ratios = []
        for w in pareto(n, alpha, n, draws):
            leverage = np.where(w == w.max(), 1.0, 2.0)
            ratios.append((w - lost(rule("queue", score="leverage"), theta * mu * n, w, leverage)).max() / (theta * mu * n))
        medians.append(np.median(ratios))
    slope = np.polyfit(np.log(sizes), np.log(medians), 1)[0]
    middle = math.log(2) ** (-1 / alpha)  # of the Frechet law; its density there gives the error of a sample median
    density = alpha * middle ** (-alpha - 1) / 2
    error = math.sqrt(2) / (2 * density * math.sqrt(draws) * middle) / math.log(sizes[-1] / sizes[0])
    assert slope == pytest.approx(1 / alpha - 1, abs=4 * error)
    assert medians[-1] == pytest.approx(
        middle * sizes[-1] ** (1 / alpha - 1) / (theta * mu), rel=4 / (2 * density * math.sqrt(draws) * middle)
    )


def expected_sum_over_max(alpha, n):
    """E[sum / max] of n Pareto winners, exactly: given the largest, the others are Pareto below it."""

    def others(v):
        tail = -math.expm1(math.log(v) / n)  # P(X > largest)
        return alpha / (1 - alpha) * (tail - tail ** (1 / alpha)) / (1 - tail)

    return 1 + (n - 1) * quad(others, 0, 1, limit=400)[0]


@pytest.mark.parametrize(("alpha", "limit"), [(0.5, 2.0), (0.7, 3.333), (0.8, 5.0)])
def test_sum_over_max(alpha, limit):
    """E[sum / max] tends to 1 / (1 - alpha) for alpha < 1: a single winner stays a fixed part of the whole, as on 10 October 2025."""
    n = 1000
    w = pareto(2, alpha, n, 3000)
    sample = w.sum(axis=1) / w.max(axis=1)
    assert sample.mean() == pytest.approx(expected_sum_over_max(alpha, n), abs=four_errors(sample))
    assert expected_sum_over_max(alpha, 10**12) == pytest.approx(limit, rel=0.01)


@pytest.mark.parametrize(("n", "chance"), [(100, 0.0191), (1000, 0.0061), (10_000, 0.0019)])
def test_chance_that_the_top_survives_in_numbers(n, chance):
    """P(top winner not fully taken by a queue by profit) = 1 - exp(-n (theta mu n)^-alpha), alpha = 1.5, theta mu = 3."""
    approximation = -math.expm1(-n * (3 * n) ** -1.5)
    assert approximation == pytest.approx(chance, abs=6e-5)
    assert approximation == pytest.approx(1 - (1 - (3 * n) ** -1.5) ** n, rel=0.01)


@pytest.mark.parametrize("draws", [2000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_chance_that_the_top_survives(draws):
    n, queue = 100, rule("queue", score="pnl")
    survived = []
    for w in pareto(3, 1.5, n, draws):
        top = int(np.argmax(w))
        survived.append(float(taken(queue, 3.0 * n, winners(w), unit="wealth")[top] < w[top]))
    expected = -math.expm1(-n * (3 * n) ** -1.5)
    assert np.mean(survived) == pytest.approx(expected, abs=4 * math.sqrt(expected / draws))


def test_haircut_of_the_top_winner_under_pro_rata():
    """It tends to theta when B = theta mu n, alpha > 1, whatever n; under a queue by profit it is 1."""
    theta, alpha = 0.4, 3.0
    mu = alpha / (alpha - 1)
    for n in (100, 1000, 10_000):
        haircuts, queue = [], []
        for w in pareto(4, alpha, n, 100):
            top = int(np.argmax(w))
            haircuts.append(lost(rule("pnl-pro-rata"), theta * mu * n, w)[top] / w[top])
            queue.append(lost(rule("queue", score="pnl"), theta * mu * n, w)[top] / w[top])
        curvature = theta * 0.75 / mu**2 / n  # of 1 / U about its mean; 0.75 is the variance of a winner
        assert np.mean(haircuts) == pytest.approx(theta, abs=four_errors(haircuts) + 2 * curvature)
        assert min(queue) == 1


REAL = {
    50: (0.565, 0.245, 0.110),
    200: (0.461, 0.185, 0.051),
    1000: (0.375, 0.103, 0.024),
    5000: (0.180, 0.116, 0.019),
    19_230: (0.0633, 0.285, 0.018),
}
"""Winners of 10 October 2025 -> mean max / sum, mean haircut of the top winner under a queue by profit and under pro rata."""


@pytest.mark.parametrize("n", REAL)
def test_winners_of_10_october(data, n):
    """Samples of the real winners; loss n x 15,079,669.6 / 19,230. The printed means come from 400 samples too."""
    import pandas as pd

    file = data / "adl_2025_10_10" / "noncommercial" / "adl_by_user_REALTIME.csv"
    if not file.exists():
        pytest.skip("needs HyperReplay's table of accounts in ADLABM_DATA/adl_2025_10_10/noncommercial")
    profit = pd.read_csv(file)["closed_pnl"].to_numpy()
    profit = profit[profit > 0]
    assert len(profit) == 19_230
    generator = np.random.default_rng(5)
    samples = [profit] if n == len(profit) else [generator.choice(profit, n, replace=False) for _ in range(400)]
    loss = n * 15_079_669.6 / 19_230
    rows = []
    for w in samples:
        top = int(np.argmax(w))
        cuts = [
            taken(policy, loss, winners(w), unit="wealth")[top] / w[top] for policy in (rule("queue", score="pnl"), rule("pnl-pro-rata"))
        ]
        rows.append((w.max() / w.sum(), *cuts))
    for column, printed in zip(np.array(rows).T, REAL[n], strict=True):
        error = four_errors(column) * math.sqrt(2) if len(column) > 1 else 0.0
        assert column.mean() == pytest.approx(printed, abs=error + 5e-4)
