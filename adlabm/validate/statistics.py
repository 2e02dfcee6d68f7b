"""The statistics of the battery: plain functions of one column of numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
GAUSSIAN_SPREAD = 2.9058
"""(97.5 % - 2.5 %) over (75 % - 25 %) of the normal law."""


def acf(x: Column, lags: NDArray[np.int64]) -> Column:
    """Autocorrelations at these lags; nan for a column that does not move."""
    x = x - x.mean()
    total = float(x @ x)
    if len(x) <= lags.max() or total == 0:
        return np.full(len(lags), math.nan)
    return np.array([x[lag:] @ x[:-lag] for lag in lags]) / total


def hill(x: Column, share: float) -> float:
    """Tail exponent of the largest `share` of the positive numbers, nan with fewer than 20 of them.

    Formula: ``k / sum log(x_(i) / x_(k+1))``. Source: Hill (1975), Ann. Stat. 3.
    """
    x = np.sort(x[x > 0])[::-1]
    k = int(share * len(x))
    return k / float(np.log(x[:k] / x[k]).sum()) if k >= 20 and x[0] > x[k] else math.nan


def spread_kurtosis(x: Column) -> float:
    """Excess of the quantile ratio (97.5 % - 2.5 %) / (75 % - 25 %) over that of the normal law.

    Source: Crow and Siddiqui (1967), J. Am. Stat. Assoc. 62.
    """
    low, quarter, three, high = np.quantile(x, [0.025, 0.25, 0.75, 0.975])
    return float((high - low) / (three - quarter)) - GAUSSIAN_SPREAD if three > quarter else math.nan


def decay_exponent(x: Column, last: int = 100) -> float:
    """Exponent of a power law through the positive autocorrelations at lags 1 to `last`; inf (nothing lasts) if fewer than half are."""
    lags = np.arange(1, last + 1)
    found = acf(x, lags)
    good = found > 0
    if good.sum() < last / 2:
        return math.inf
    return -float(np.polyfit(np.log(lags[good]), np.log(found[good]), 1)[0])


def lowest_block(x: Column, last: int = 100, block: int = 10) -> float:
    """Smallest mean autocorrelation of the blocks of lags 1 to 10, 11 to 20, ... up to `last`."""
    return float(acf(x, np.arange(1, last + 1)).reshape(-1, block).mean(axis=1).min())


def hurst(x: Column) -> float:
    """Exponent of detrended fluctuation analysis of the increments `x`, windows of 16 to a tenth of the column.

    Source: Peng et al. (1994), Phys. Rev. E 49.
    """
    profile = np.cumsum(x - x.mean())
    sizes = np.unique(np.geomspace(16, max(len(x) // 10, 17), 12).astype(int))
    found = []
    for size in sizes:
        parts = profile[: len(profile) // size * size].reshape(-1, size)
        t = np.arange(size) - (size - 1) / 2
        centred = parts - parts.mean(axis=1, keepdims=True)
        slope = centred @ t / (t @ t)
        found.append(math.sqrt(float(((centred - slope[:, None] * t) ** 2).mean())))
    return float(np.polyfit(np.log(sizes), np.log(found), 1)[0]) if min(found) > 0 else math.nan


def leverage_effect(x: Column, last: int = 20) -> float:
    """Mean correlation of a return with the absolute return 1 to `last` steps later."""
    size = np.abs(x)
    return float(np.mean([np.corrcoef(x[:-lag], size[lag:])[0, 1] for lag in range(1, last + 1)])) if x.any() else math.nan


def standardised_kurtosis(x: Column, steps: int = 48) -> float:
    """Kurtosis of sums of `steps` returns over their realised volatility. For independent normal returns ``3 steps / (steps + 2)``."""
    parts = x[: len(x) // steps * steps].reshape(-1, steps)
    scale = np.sqrt((parts**2).sum(axis=1))
    unit = parts.sum(axis=1)[scale > 0] / scale[scale > 0]
    unit = unit - unit.mean() if len(unit) else unit
    return float((unit**4).mean() / (unit**2).mean() ** 2) if len(unit) > 20 else math.nan


def half_life(x: Column) -> float:
    """Steps after which a shock has halved, by the autocorrelation at lag 1 of a first-order process; nan where it does not revert."""
    first = float(acf(x, np.array([1]))[0])
    return math.log(0.5) / math.log(first) if 0 < first < 1 else math.nan


def fano(counts: Column) -> float:
    """Variance over mean of counts: 1 for events that know nothing of one another."""
    return float(counts.var() / counts.mean()) if counts.any() else math.nan


def rank_correlation(x: Column, y: Column) -> float:
    """Spearman's rank correlation."""
    from scipy.stats import spearmanr

    return float(spearmanr(x, y).statistic) if np.ptp(x) > 0 and np.ptp(y) > 0 else math.nan
