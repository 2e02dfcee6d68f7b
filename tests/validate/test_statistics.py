"""The statistics of the battery on columns whose answer is known; tolerances are four standard errors."""

import math

import numpy as np
import pytest

from adlabm.validate import statistics as stat

N = 50_000


def noise(seed=1, n=N):
    return np.random.default_rng(seed).normal(size=n)


def autoregressive(phi, n=N):
    x = noise(n=n)
    for i in range(1, n):
        x[i] += phi * x[i - 1]
    return x


@pytest.mark.parametrize("alpha", [0.8, 2.0, 3.5])
def test_hill_finds_the_exponent_of_a_pareto_tail(alpha):
    x = np.random.default_rng(2).random(N) ** (-1 / alpha)
    assert abs(stat.hill(x, 0.05) - alpha) < 4 * alpha / math.sqrt(0.05 * N)
    assert math.isnan(stat.hill(x[:100], 0.05))
    assert math.isnan(stat.hill(np.ones(1000), 0.05))


def test_autocorrelation_of_a_first_order_process():
    x = autoregressive(0.8)
    assert np.abs(stat.acf(x, np.array([1, 5, 10])) - 0.8 ** np.array([1, 5, 10])).max() < 4 * 3 / math.sqrt(N)
    assert abs(stat.half_life(x) - math.log(0.5) / math.log(0.8)) < 0.3
    assert math.isnan(stat.half_life(-np.tile([1.0, -1.0], 50)))
    assert np.isnan(stat.acf(np.zeros(10), np.array([1]))).all()


def test_decay_and_lowest_block_of_long_memory():
    d, lags = 0.3, np.arange(1, 3000)
    weights = np.cumprod(np.concatenate(([1.0], (lags - 1 + d) / lags)))  # fractional noise: ACF falls as lag^(2d - 1)
    x = np.convolve(noise(), weights)[3000:N]
    assert abs(stat.decay_exponent(x) - (1 - 2 * d)) < 0.1
    assert stat.lowest_block(x) > 0.03
    assert abs(stat.hurst(x) - (0.5 + d)) < 0.06
    assert stat.lowest_block(noise()) < 0.005
    assert abs(stat.hurst(noise()) - 0.5) < 0.04


def test_spread_and_standardised_kurtosis_of_normal_numbers():
    assert abs(stat.spread_kurtosis(noise())) < 0.08
    assert stat.spread_kurtosis(np.random.default_rng(1).standard_t(3, N)) > 1
    assert abs(stat.standardised_kurtosis(noise(), 48) - 3 * 48 / 50) < 4 * math.sqrt(24 * 48 / N)
    volatile = noise() * np.repeat(np.exp(noise(3, N // 50)), 50)
    assert abs(stat.standardised_kurtosis(volatile, 50) - 3 * 50 / 52) < 4 * math.sqrt(24 * 50 / N)


def test_leverage_effect_and_counts():
    x = noise()
    assert abs(stat.leverage_effect(x)) < 4 / math.sqrt(20 * N)
    shaken = noise(4)
    for i in range(1, N):
        shaken[i] *= 2.0 if shaken[i - 1] < 0 else 1.0  # a fall makes the next move larger
    assert stat.leverage_effect(shaken, 1) < -0.1
    assert abs(stat.fano(np.random.default_rng(1).poisson(3.0, N).astype(float)) - 1) < 4 * math.sqrt(2 / N)
    assert stat.fano(np.repeat([0.0, 10.0], 100)) == pytest.approx(5.0)
    assert stat.rank_correlation(x, x**3) == pytest.approx(1.0)
    assert math.isnan(stat.rank_correlation(x, np.zeros(N)))
