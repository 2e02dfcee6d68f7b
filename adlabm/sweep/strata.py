"""Rare events in two phases: the index alone for many seeds, the market for a few of known probability, weighted back.

Which seeds are worth a market is decided by how bad their index path is, before anything is known of fund, traders or policy; so the
estimate is unbiased for every policy, and treatments stay paired.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from adlabm.errors import BadInput
from adlabm.price.paths import Paths
from adlabm.scenario import Scenario
from adlabm.streams import RunKey
from adlabm.sweep.statistics import Interval

WINDOWS_S = (300.0, 1800.0, 14_400.0)
"""Spans over which falls are measured: 5, 30 and 240 minutes (measurement notes 15)."""


def severity(scenario: Scenario, seed: int, windows_s: Sequence[float] = WINDOWS_S) -> NDArray[np.float64]:
    """Worst log fall of the first contract's exogenous index within each window, float64 (windows,), all at or above zero.

    The path is the one that `AdlModel(scenario, rng=seed)` follows, as long as nobody moves it.
    """
    paths = Paths(scenario, RunKey.from_seed(seed))
    levels, *_ = paths.chunk(0, np.zeros(len(scenario.contracts)), scenario.ticks)
    path = np.log(np.concatenate(([float(paths.start_ticks[0])], levels[0, :, -1])))
    worst = []
    for window in windows_s:
        ticks = min(max(round(window / scenario.tick_s), 1), len(path) - 1)
        peaks = np.lib.stride_tricks.sliding_window_view(np.concatenate((np.full(ticks, path[0]), path)), ticks + 1).max(axis=1)
        worst.append(float((peaks - path).max()))
    return np.array(worst)


@dataclass(frozen=True)
class Sample:
    """Seeds chosen for the second phase: their place in the first, their stratum, and the probability with which they were chosen."""

    chosen: NDArray[np.int64]
    stratum: NDArray[np.int64]
    probability: NDArray[np.float64]
    sizes: NDArray[np.int64]


def choose(badness: ArrayLike, runs: int, shares: Sequence[float] = (0.5, 0.3, 0.15, 0.05), seed: int = 0) -> Sample:
    """A stratified subsample of equal numbers from strata of unequal size, the worst the smallest.

    Args:
        badness: (N,), one number per seed of the first phase, larger = worse.
        runs: markets to run, spread evenly over the strata (a stratum that has fewer gives all).
        shares: of the seeds in each stratum, from the mildest on.
        seed: of the choice.
    """
    values = np.asarray(badness, np.float64)
    if runs < 2 * len(shares) or len(values) < runs:
        raise BadInput(f"{runs} runs of {len(values)} seeds cannot be spread over {len(shares)} strata; take at least two a stratum.")
    order = np.argsort(values, kind="stable")
    edges = np.round(np.cumsum([0.0, *shares]) / math.fsum(shares) * len(values)).astype(int)
    rng, chosen, stratum, probability = np.random.default_rng(seed), [], [], []
    for number, (low, high) in enumerate(pairwise(edges)):
        take = min(runs // len(shares), high - low)
        chosen.append(np.sort(rng.choice(order[low:high], take, replace=False)))
        stratum.append(np.full(take, number))
        probability.append(np.full(take, take / max(high - low, 1)))
    return Sample(np.concatenate(chosen), np.concatenate(stratum), np.concatenate(probability), np.diff(edges))


def horvitz_thompson(values: ArrayLike, sample: Sample, level: float = 0.95) -> Interval:
    """The mean over all seeds of the first phase, from the runs of the second.

    Formula: sum(y / probability) / N; variance sum over strata of (N_h / N)^2 (1 - n_h / N_h) s_h^2 / n_h; normal quantile. What a
    stratum hides that gave no event is not in it: an interval of zero width says "none seen", not "none".
    Units: values (n,) of any unit, in the order of `sample.chosen`.
    Source: Horvitz and Thompson (1952); Cochran (1977), chapter 5.
    """
    y, whole = np.asarray(values, np.float64), int(sample.sizes.sum())
    if y.shape != sample.chosen.shape or not np.isfinite(y).all():
        raise BadInput(f"The sample has {len(sample.chosen)} runs; give one finite value for each, not {y.size}.")
    estimate, variance = float((y / sample.probability).sum() / whole), 0.0
    for number, size in enumerate(sample.sizes):
        mine = y[sample.stratum == number]
        if len(mine) > 1:
            variance += (size / whole) ** 2 * (1 - len(mine) / size) * mine.var(ddof=1) / len(mine)
    reach = float(stats.norm.ppf((1 + level) / 2) * np.sqrt(variance))
    return Interval(estimate, estimate - reach, estimate + reach, len(y))
