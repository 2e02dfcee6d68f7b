"""Does it pay to arrange one's accounts otherwise?"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from adlabm.adl.allocate import allocate
from adlabm.adl.base import Policy
from adlabm.errors import BadInput
from adlabm.metrics._columns import picked


def moral_hazard(
    policy: str | Policy, amount: float, before: Mapping[str, Any], after: Mapping[str, Any], mine: Collection[Any], **keys: Any
) -> float:
    """Change of one owner's burden when it rearranges what it holds: raises leverage, splits, merges, hedges, or closes and reopens.

    Formula: sum of x over the owner's rows in `after` less that in `before`, the same amount split by the same policy; below zero: it pays.

    Args:
        policy, amount: as for `allocate`, and its keywords.
        before, after: tables of winners; the others' rows should be equal.
        mine: identities of the owner's rows, in either table.

    Source: own: an intervention instead of a formula.

    Example:
        >>> netted, apart = ({"id": [9, 1], "pnl": [10.0, claim], "equity": [99.0, 99.0]} for claim in (6.0, 10.0))
        >>> moral_hazard("pnl-pro-rata", 4.0, netted, apart, mine=[1])
        0.5
    """
    if not len(mine):
        raise BadInput("'mine' is empty; name the identities of the owner's rows.")
    burdens = []
    for table in (before, after):
        own = np.isin(np.asarray(picked(table, "id")[0]), list(mine))
        burdens.append(math.fsum(allocate(policy, amount, table, **keys)[own]))
    return burdens[1] - burdens[0]
