"""How much is taken, as a share of what is missing?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import Column, columns


def severity(budget: ArrayLike, deficit: ArrayLike) -> dict[str, Column]:
    """Budget over deficit, round by round, as it is and capped at 1.

    Formula: theta = B / D; `capped` = min(theta, 1); nan where nothing is missing.
    Units: budget, deficit (rounds,) quote currency; theta without unit.
    Source: arXiv 2512.01112. Budgets measured some time after the event hold the drift of the price too, and reach 58 D on real waves.

    Example:
        >>> {name: values.tolist() for name, values in severity([2.0, 9.0], [4.0, 3.0]).items()}
        {'uncapped': [0.5, 3.0], 'capped': [0.5, 1.0]}
    """
    taken, missing = columns(low=0.0, budget=budget, deficit=deficit)
    with np.errstate(over="ignore"):
        theta = np.divide(taken, missing, out=np.full_like(taken, np.nan), where=missing > 0)
    return {"uncapped": theta, "capped": np.minimum(theta, 1.0)}
