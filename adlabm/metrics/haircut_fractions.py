"""Which part of what they have do the winners lose?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import Column, columns


def haircut_fractions(taken: ArrayLike, endowments: ArrayLike) -> Column:
    """Share of its endowment that each winner loses.

    Formula: h_i = x_i / w_i; nan where w_i is 0.
    Units: taken (n,) quote currency, below zero where ADL closed at a better price than the mark; endowments (n,) >= 0: say whether profit
    or equity, the median ratio of the two was 4.4 on 10 October 2025.
    Source: arXiv 2512.01112.

    Example:
        >>> haircut_fractions([3.5, 4.0, 0.0], [8.0, 4.0, 0.5]).tolist()
        [0.4375, 1.0, 0.0]
    """
    (amounts,), (sizes,) = columns(taken=taken), columns(low=0.0, endowments=endowments)
    columns(taken=amounts, endowments=sizes)
    return np.divide(amounts, sizes, out=np.full_like(amounts, np.nan), where=sizes > 0)


def haircut_summary(taken: ArrayLike, endowments: ArrayLike) -> dict[str, float]:
    """The haircuts in one row, over winners with an endowment.

    Formula: `winners` n; `touched` with x > 0; `wiped` with x >= w; `largest` max h; `mean` sum(h) / n; `weighted_mean` sum(x) / sum(w).

    Example:
        >>> haircut_summary([3.5, 4.0, 0.0], [8.0, 4.0, 0.5])
        {'winners': 3, 'touched': 2, 'wiped': 1, 'largest': 1.0, 'mean': 0.4791666666666667, 'weighted_mean': 0.6}
    """
    fractions = haircut_fractions(taken, endowments)
    amounts, sizes = columns(taken=taken, endowments=endowments)
    some = sizes > 0
    amounts, sizes, fractions = amounts[some], sizes[some], fractions[some]
    n = len(fractions)
    return {
        "winners": n,
        "touched": int((amounts > 0).sum()),
        "wiped": int((amounts >= sizes).sum()),
        "largest": float(fractions.max()) if n else math.nan,
        "mean": math.fsum(fractions) / n if n else math.nan,
        "weighted_mean": math.fsum(amounts) / math.fsum(sizes) if n else math.nan,
    }
