"""Where does a policy stand between solvency, fairness and revenue?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import columns, number
from adlabm.metrics.concentration import gini
from adlabm.metrics.haircut_fractions import haircut_fractions


def trilemma(deficit: float, taken: ArrayLike, endowments: ArrayLike) -> dict[str, float]:
    """Three numbers of which each is best at 1.

    Formula: `solvency` = 1 - (D - sum x)^+ / D, 1 without a deficit; `fairness` = 1 - Gini(h), h = x / w over winners with w > 0, 1 where
    nobody pays; `revenue` = sum(w - x) / sum(w).
    Units: deficit D, taken x (n,), endowments w (n,): quote currency.
    Source: osec.io/blog/2026-06-22-hyperliquid-risk-engine; arXiv 2512.01112 for the trilemma.

    Example:
        >>> trilemma(10.0, [4.0, 0.0], [8.0, 8.0])
        {'solvency': 0.4, 'fairness': 0.5, 'revenue': 0.75}
    """
    amounts, sizes = columns(low=0.0, taken=taken, endowments=endowments)
    missing, whole, paid = number("deficit", deficit, low=0.0), math.fsum(sizes), math.fsum(amounts)
    cuts = haircut_fractions(amounts, sizes)[sizes > 0]
    return {
        "solvency": min(paid / missing, 1.0) if missing else 1.0,
        "fairness": 1.0 - gini(cuts) if np.any(cuts > 0) else 1.0,
        "revenue": 1.0 - paid / whole if whole else math.nan,
    }


def load(severity: float, endowments: ArrayLike) -> float:
    """How much a severity weighs on many winners: above all bounds, the top survivor shrinks to nothing beside the loss.

    Formula: kappa = theta n / b, b the 1 - 1 / n quantile of the n endowments above zero; nan without winners.
    Source: arXiv 2512.01112 v3 (master theorem on PTSR).

    Example:
        >>> load(0.5, [1.0, 2.0, 3.0, 4.0])
        0.6666666666666666
    """
    (sizes,) = columns(low=0.0, endowments=endowments)
    sizes, theta = sizes[sizes > 0], number("severity", severity, low=0.0)
    return theta * len(sizes) / float(np.quantile(sizes, 1 - 1 / len(sizes), method="inverted_cdf")) if len(sizes) else math.nan
