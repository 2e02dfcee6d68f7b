"""What could it cost to close what is about to be liquidated?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import Column, columns, number


def slippage_at_risk(costs: ArrayLike, level: float = 0.95) -> dict[str, float]:
    """Quantile and tail mean of slippage costs.

    Formula: `sar` = the smallest cost c with share(costs <= c) >= level; `esar` = mean of the costs at or above `sar`.
    Units: costs (n,) >= 0 quote currency, one per scenario or moment.
    Source: arXiv 2603.09164.

    Example:
        >>> slippage_at_risk([1.0, 2.0, 3.0, 10.0], level=0.75)
        {'sar': 3.0, 'esar': 6.5}
    """
    (amounts,) = columns(low=0.0, costs=costs)
    level = number("level", level, 0.0, 1.0)
    if not len(amounts):
        return {"sar": math.nan, "esar": math.nan}
    bound = float(np.quantile(amounts, level, method="inverted_cdf"))
    tail = amounts[amounts >= bound]
    return {"sar": bound, "esar": math.fsum(tail) / len(tail)}


def slippage_cost(notional: ArrayLike, depth: float, exponent: float = 1.0) -> Column:
    """Cost of closing at once against a book with N(x) = depth x^exponent within x percent.

    Formula: the last unit trades x = (Q / depth)^(1 / exponent) percent away, so the cost is Q x / 100 exponent / (1 + exponent).
    Units: notional Q (n,) and depth (within 1 %): quote currency.

    Example:
        >>> slippage_cost([200.0], depth=100.0).tolist()
        [2.0]
    """
    (size,) = columns(low=0.0, notional=notional)
    depth, phi = number("depth", depth, low=1e-300), number("exponent", exponent, low=1e-3)
    return size * (size / depth) ** (1 / phi) / 100 * phi / (1 + phi)
