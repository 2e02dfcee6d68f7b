"""Does ADL turn the order of the winners around?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import columns

ROUNDING = 1e-12
"""Relative difference of two survivors that counts as none."""


def order_inversions(endowments: ArrayLike, taken: ArrayLike) -> float:
    """Share of neighbours in the order of endowments of which the richer one ends with less.

    Formula: order by w (ties by survivor s = w - x); among neighbours with w_(k) < w_(k+1), the share with s_(k) > s_(k+1); nan for none.
    Units: endowments, taken (n,) quote currency.
    Source: arXiv 2512.01112 v2 ("monotonicity violations": queue 0.114, vector rule 0.0064, pro rata 0).

    Example:
        >>> order_inversions([8.0, 4.0, 0.5], [4.5, 0.0, 0.0])
        0.5
    """
    sizes, amounts = columns(low=0.0, endowments=endowments, taken=taken)
    left = sizes - amounts
    order = np.lexsort((left, sizes))
    sizes, left = sizes[order], left[order]
    richer = np.diff(sizes) > 0
    turned = richer & (np.diff(left) < -ROUNDING * sizes[1:])
    return float(turned.sum() / richer.sum()) if richer.any() else math.nan
