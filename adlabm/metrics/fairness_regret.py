"""How much harder is the worst-hit winner hit than it need be?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import columns


def fairness_regret(largest: ArrayLike, least: ArrayLike, budget: ArrayLike) -> dict[str, float]:
    """Excess of the largest haircut over the least possible one, in money, summed over rounds.

    Formula: `absolute` = sum |m - m*| B, as published; `excess` = sum (m - m*)^+ B, which does not punish a rule that is fairer than the
    reference. The published total loss of a policy is tracking (see `overshoot`) + `absolute`.
    Units: largest m and least m* (rounds,) haircut fractions; budget B (rounds,) and the results quote currency.
    Source: arXiv 2602.15182; m* is the integer programme's.

    Example:
        >>> fairness_regret([0.5, 0.1], [0.25, 0.2], [100.0, 100.0])
        {'absolute': 35.0, 'excess': 25.0}
    """
    worst, reference, money = columns(low=0.0, largest=largest, least=least, budget=budget)
    gap = worst - reference
    return {"absolute": math.fsum(np.abs(gap) * money), "excess": math.fsum(np.maximum(gap, 0.0) * money)}
