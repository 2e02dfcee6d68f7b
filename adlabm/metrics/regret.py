"""What would a better choice of severity have saved?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adlabm.errors import BadInput
from adlabm.metrics._columns import columns


def regret(severity: ArrayLike, target: ArrayLike, deficit: ArrayLike) -> dict[str, float]:
    """Loss of a sequence of severities against the best constant and against the moving target.

    Formula: f_t(theta) = D_t |theta - theta*_t|; `dynamic` = sum f_t(theta_t), as the target itself loses nothing;
    `static` = dynamic - min over constants of sum f_t, reached at `best_constant`, the median of theta* weighted by D;
    `path` P = sum |theta*_(t+1) - theta*_t|; `bound` = sqrt((1 + 2 P) sum D^2), which online gradient steps of
    eta = sqrt((1 + 2 P) / sum D^2) keep.
    Units: severity, target (rounds,) without unit, from 0 to 1; deficit (rounds,) and losses: quote currency.
    Source: arXiv 2602.15182.

    Example:
        >>> regret([0.0, 1.0], [1.0, 1.0], [3.0, 4.0])
        {'dynamic': 3.0, 'static': 3.0, 'best_constant': 1.0, 'path': 0.0, 'bound': 5.0}
    """
    chosen, best = columns(low=0.0, high=1.0, severity=severity, target=target)
    best, weights = columns(low=0.0, target=best, deficit=deficit)
    constant = _weighted_median(best, weights)
    dynamic = math.fsum(weights * np.abs(chosen - best))
    path = math.fsum(np.abs(np.diff(best)))
    return {
        "dynamic": dynamic,
        "static": dynamic - math.fsum(weights * np.abs(constant - best)),
        "best_constant": constant,
        "path": path,
        "bound": math.sqrt((1 + 2 * path) * math.fsum(weights**2)),
    }


def static_regret(losses: ArrayLike, alternatives: ArrayLike) -> float:
    """Losses of the actions taken less those of the best single action: sum f_t(a_t) - min over a of sum f_t(a).

    Args:
        losses: (rounds,) of the actions taken.
        alternatives: (rounds, actions), what each fixed action would have lost.

    Example:
        >>> static_regret([1.0, 0.0, 1.0], [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
        1.0
    """
    (taken,) = columns(losses=losses)
    table = np.asarray(alternatives, np.float64)
    if table.ndim != 2 or len(table) != len(taken) or not table.size:
        raise BadInput(f"'alternatives' has the shape {table.shape}; it must be {len(taken)} rounds by at least one action.")
    return math.fsum(taken) - min(math.fsum(column) for column in table.T)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)]) if len(values) else math.nan
