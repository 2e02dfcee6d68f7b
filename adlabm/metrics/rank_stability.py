"""Are the same accounts hit again?"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from adlabm.errors import BadInput


def rank_stability(burdens: ArrayLike) -> float:
    """Rank correlation of what accounts pay in one round with what they pay in the next, averaged over pairs of rounds.

    Formula: mean over t of Spearman's rho of (x_t, x_(t+1)) over the accounts present in both; pairs of rounds with fewer than two such
    accounts or without differences are left out; nan if none remains.
    Units: burdens (rounds, accounts) quote currency, nan where an account takes no part.
    Source: arXiv 2512.01112 v2 (queue 0.34, vector rule 0.72, pro rata 0.86 over real waves), which does not print its formula.
    Differs from the source in: ranks instead of normalised amounts, as few very large accounts would decide the latter.

    Example:
        >>> rank_stability([[3.0, 2.0, 1.0], [30.0, 20.0, 10.0], [1.0, 2.0, 3.0]])
        0.0
    """
    rounds = np.asarray(burdens, np.float64)
    if rounds.ndim != 2:
        raise BadInput(f"'burdens' has {rounds.ndim} dimensions; give one row per round and one column per account.")
    pairs = [_correlation(first, second) for first, second in pairwise(rounds)]
    known = [each for each in pairs if not math.isnan(each)]
    return math.fsum(known) / len(known) if known else math.nan


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    both = np.isfinite(first) & np.isfinite(second)
    left, right = (rankdata(values[both]) - (both.sum() + 1) / 2 for values in (first, second))
    spread = math.sqrt(float(left @ left) * float(right @ right))
    return float(left @ right) / spread if spread else math.nan
