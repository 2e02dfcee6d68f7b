"""How large should the insurance fund be?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import columns, number


def fund_size(deficits: ArrayLike, carry: float, shortfall_cost: float) -> float:
    """The fund that minimises carry plus uncovered losses: the newsvendor's answer.

    Formula: I* = the (1 - carry / shortfall_cost) quantile of the deficits, where carry I + shortfall_cost E[(D - I)^+] is least; 0 where
    holding money costs more than the shortfall.
    Units: deficits (n,) quote currency, equally likely; carry and shortfall_cost per unit of money.
    Source: adaptation of Arrow, Harris and Marschak (1951).

    Example:
        >>> fund_size([0.0, 1.0, 2.0, 50.0], carry=0.25, shortfall_cost=1.0)
        2.0
    """
    (losses,) = columns(low=0.0, deficits=deficits)
    carry, cost = number("carry", carry, low=0.0), number("shortfall_cost", shortfall_cost, low=0.0)
    if not len(losses):
        return math.nan
    return float(np.quantile(losses, 1 - carry / cost, method="inverted_cdf")) if carry < cost else 0.0
