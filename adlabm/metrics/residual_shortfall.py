"""What is left uncovered?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import Column, columns, number


def residual_shortfall(deficit: ArrayLike, budget: ArrayLike, fund: float = 0.0) -> Column:
    """Deficit that neither ADL nor the fund covers, round by round; the fund is used up in the order of the rounds.

    Formula: R_t = (D_t - B_t - I_t)^+, I_t what the rounds before left of the fund; without a fund (1 - theta_t)^+ D_t.
    Units: deficit, budget (rounds,), fund: quote currency.
    Source: arXiv 2512.01112. It depends on severity alone, never on from whom it is taken.

    Example:
        >>> residual_shortfall([10.0, 10.0], [4.0, 8.0], fund=5.0).tolist()
        [1.0, 2.0]
    """
    missing, taken = columns(low=0.0, deficit=deficit, budget=budget)
    gap = np.maximum(missing - taken, 0.0)
    left = number("fund", fund, low=0.0)
    return gap - np.diff(np.minimum(np.cumsum(gap), left), prepend=0.0)
