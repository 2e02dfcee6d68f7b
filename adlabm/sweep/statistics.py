"""How sure are we? Effects under shared noise, intervals over runs or populations, many tests at once, and when to stop."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from adlabm.errors import BadInput

RESAMPLES = 9_999


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval; `n` counts what it rests on: runs, or clusters of them. nan where nothing can be said."""

    estimate: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Effect(Interval):
    """A mean difference; `p` is the probability of one as large, either way, were the labels exchangeable within pairs."""

    p: float


def wilson(hits: int, n: int, level: float = 0.95) -> Interval:
    """The interval of a share of independent trials.

    Formula: (p + z^2/2n +- z sqrt(p (1-p)/n + z^2/4n^2)) / (1 + z^2/n), p = hits/n, z the normal quantile of (1 + level)/2.
    Source: Wilson 1927.

    Example:
        >>> found = wilson(10, 100)
        >>> round(found.low, 4), round(found.high, 4)
        (0.0552, 0.1744)
    """
    if not 0 <= hits <= n or n == 0:
        raise BadInput(f"{hits} hits of {n} are no share; give 0 <= hits <= n and n of at least 1.")
    found = stats.binomtest(hits, n).proportion_ci(level, method="wilson")
    return Interval(hits / n, float(found.low), float(found.high), n)


def bca(values: ArrayLike, clusters: ArrayLike | None = None, level: float = 0.95) -> Interval:
    """The mean with its bias-corrected and accelerated bootstrap interval.

    Whole clusters are drawn (say, the populations that several runs share), each counted once by its mean. Deterministic.
    Units: values (n,) of any unit; clusters (n,) labels, by default every value is its own.
    Source: Efron 1987.
    """
    means = cluster_means(values, clusters)
    if len(means) < 2:
        return Interval(float(means.mean()) if len(means) else np.nan, np.nan, np.nan, len(means))
    if np.ptp(means) == 0:
        return Interval(float(means[0]), float(means[0]), float(means[0]), len(means))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = _bootstrap(means, level, "BCa")
        if np.isnan(found.low):  # all but one cluster are equal, so there is no acceleration to speak of
            found = _bootstrap(means, level, "percentile")
    return Interval(float(means.mean()), float(found.low), float(found.high), len(means))


def _bootstrap(means: NDArray[np.float64], level: float, method: str) -> Any:
    rng = np.random.default_rng(0)
    return stats.bootstrap((means,), np.mean, n_resamples=RESAMPLES, confidence_level=level, method=method, rng=rng).confidence_interval


def paired(treated: ArrayLike, control: ArrayLike, clusters: ArrayLike | None = None, level: float = 0.95) -> Effect:
    """The mean of treated - control over pairs that share their noise, with BCa interval and sign-flip test, by cluster.

    Units: treated, control (n,) in the same order of pairs; clusters (n,) as in `bca`: pairs of one run or population count once.
    Source: design of twins in measurement; the test is Fisher's, exact up to 13 clusters, else with 9,999 random flips.

    Example:
        >>> effect = paired([2.0, 3.0, 4.0], [1.0, 1.0, 1.0])
        >>> effect.estimate, effect.p
        (2.0, 0.25)
    """
    first, second = np.asarray(treated, np.float64), np.asarray(control, np.float64)
    if first.shape != second.shape:
        raise BadInput(f"Pairs need as many treated as controls, not {first.size} and {second.size}.")
    means = cluster_means(first - second, clusters)
    found = bca(means, level=level)
    return Effect(found.estimate, found.low, found.high, found.n, _sign_flips(means))


def fixed(values: ArrayLike, clusters: ArrayLike, level: float = 0.95) -> Interval:
    """The mean over clusters with the interval that holds for just these clusters: only what varies within them counts.

    Formula: mean of the K cluster means, variance sum(s_k^2 / n_k) / K^2, Student's quantile with Welch and Satterthwaite's degrees of
    freedom. nan where no cluster has two values.

    Example:
        >>> found = fixed([1.0, 3.0, 11.0, 13.0], [0, 0, 1, 1])
        >>> found.estimate, round(found.low, 2)
        (7.0, 3.96)
    """
    means = cluster_means(values, clusters)
    groups = pd.Series(np.asarray(values, np.float64)).groupby(np.asarray(clusters))
    count = groups.size().to_numpy()
    if len(means) == 0 or (count < 2).any():
        return Interval(float(means.mean()) if len(means) else np.nan, np.nan, np.nan, int(count.sum()))
    part = groups.var().to_numpy() / count / len(means) ** 2
    whole = part.sum()
    if whole == 0:
        return Interval(float(means.mean()), float(means.mean()), float(means.mean()), int(count.sum()))
    freedom = whole**2 / (part**2 / (count - 1)).sum()
    reach = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(whole))
    return Interval(float(means.mean()), float(means.mean()) - reach, float(means.mean()) + reach, int(count.sum()))


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """p-values (m,) adjusted so that the chance of any false discovery stays below the level. nan stays out. Source: Holm 1979.

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
        [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, np.float64)
    out, known = np.full(values.shape, np.nan), np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    out[order] = np.minimum(np.maximum.accumulate(values[order] * np.arange(len(order), 0, -1)), 1.0)
    return out


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """p-values (m,) adjusted so that the expected share of false discoveries stays below the level. nan stays out.

    Source: Benjamini and Hochberg 1995.

    Example:
        >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
        [0.03, 0.04, 0.04]
    """
    values = np.asarray(p, np.float64)
    out, known = np.full(values.shape, np.nan), ~np.isnan(values)
    if known.any():
        out[known] = stats.false_discovery_control(values[known], method="bh")
    return out


def half_width(values: ArrayLike, clusters: ArrayLike | None = None, level: float = 0.95) -> float:
    """Half the width of Student's interval of the mean over clusters; infinite with fewer than two.

    Looking again and again costs coverage: 95 % holds as the target shrinks (Chow and Robbins 1965), at small numbers somewhat less.
    """
    means = cluster_means(values, clusters)
    if len(means) < 2:
        return float("inf")
    return float(stats.t.ppf((1 + level) / 2, len(means) - 1) * stats.sem(means))


def cluster_means(values: ArrayLike, clusters: ArrayLike | None) -> NDArray[np.float64]:
    """The mean of every cluster, in the order of their labels; values themselves without clusters."""
    column = np.asarray(values, np.float64)
    if not np.isfinite(column).all():
        raise BadInput("A mean needs finite values; leave out or count the runs that have none.")
    if clusters is None:
        return column
    return pd.Series(column).groupby(np.asarray(clusters)).mean().to_numpy()


def _sign_flips(differences: NDArray[np.float64]) -> float:
    """Two-sided p-value of the mean under random signs."""
    if len(differences) == 0 or not differences.any():
        return 1.0 if len(differences) else np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = stats.permutation_test(
            (differences,), np.mean, permutation_type="samples", n_resamples=RESAMPLES, rng=np.random.default_rng(0), vectorized=True
        )
    return float(found.pvalue)
