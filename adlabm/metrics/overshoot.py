"""Was more taken than was needed?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import columns, picked


def overshoot(needed: ArrayLike, produced: ArrayLike) -> dict[str, float]:
    """Produced against needed budgets over all waves; a claim about one of these says nothing about the others.

    Formula: with d = H - B per wave: `net` = sum(d), `overshoot` = sum(d^+), `undershoot` = sum((-d)^+), `tracking` = sum(|d|);
    `waves_over`, `waves_under` count them.
    Units: needed, produced (waves,) quote currency.
    Source: arXiv 2512.01112 (net), 2602.15182 (tracking).

    Example:
        >>> overshoot([2.0, 5.0], [3.0, 1.0])
        {'net': -3.0, 'overshoot': 1.0, 'undershoot': 4.0, 'tracking': 5.0, 'waves_over': 1, 'waves_under': 1}
    """
    target, taken = columns(low=0.0, needed=needed, produced=produced)
    gap = taken - target
    return {
        "net": math.fsum(gap),
        "overshoot": math.fsum(np.maximum(gap, 0.0)),
        "undershoot": math.fsum(np.maximum(-gap, 0.0)),
        "tracking": math.fsum(np.abs(gap)),
        "waves_over": int((gap > 0).sum()),
        "waves_under": int((gap < 0).sum()),
    }


def budget_needed(events: Mapping[str, Any]) -> float:
    """What ADL moved at once: B = sum over `adl` rows of |mark - price| |quantity|, quote currency; events as in events.parquet.

    Not the deficit: it exceeds the deficit in four of sixteen waves of 10 October 2025. Source: arXiv 2602.15182.
    """
    kind, mark, price, quantity = picked(events, "kind", "mark", "price", "quantity")
    rows = np.asarray(kind) == "adl"
    seen, paid, change = columns(mark=np.asarray(mark)[rows], price=np.asarray(price)[rows], quantity=np.asarray(quantity)[rows])
    return math.fsum(np.abs((seen - paid) * change))


def budget_produced(without: ArrayLike, with_adl: ArrayLike) -> float:
    """What ADL cost its winners by some later time: H = sum((e_i without ADL - e_i with ADL)^+), quote currency.

    Args:
        without: equities (winners,) of the run without ADL, at that time.
        with_adl: equities of the same winners in the run with ADL.

    Source: arXiv 2512.01112 v3, where both runs follow the same prices; between two runs of a market it holds the feedback too.
    """
    kept, left = columns(without=without, with_adl=with_adl)
    return math.fsum(np.maximum(kept - left, 0.0))
