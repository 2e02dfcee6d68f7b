"""The light indicator of the place in the ADL queue."""

from __future__ import annotations

import numpy as np

from adlabm.adl.candidates import Column

BARS = 5


def lights(order: Column, quantities: Column, bars: int = BARS) -> Column:
    """Lights of every row: bars + 1 - ceil(bars c / total), c = contracts from the head of the queue to the row's own last one.

    Args:
        order: row numbers of the candidates of one side, in queue order; rows not in it are losers or flat.
        quantities: lots of n rows (signed or not), int64 or other exact numbers.
        bars: lights in all.

    Returns:
        int8[n]: `bars` (first of them) to 1 for candidates, 1 for a loser, 0 when flat.

    Source: BitMEX, KuCoin, CoinEx, Delta (venue notes section 2).
    """
    lots = np.abs(quantities)
    shown = (lots > 0).astype(np.int8)
    cumulated = np.cumsum(lots[order])
    if len(order) and cumulated[-1] > 0:
        # ceil(x) - 1 is how many of 1, 2, ... lie below x; exact, and quicker than a division. A flat row keeps its 0.
        shown[order] *= (bars - np.searchsorted(np.arange(1, bars) * cumulated[-1], bars * cumulated)).astype(np.int8)
    return shown


def ahead(order: Column, quantities: Column) -> Column:
    """Lots that are closed before a row's first one, int64[n]; rows outside the queue have all of it ahead."""
    ranked = np.abs(quantities)[order]
    before = np.full(len(quantities), ranked.sum(), np.int64)
    before[order] = np.cumsum(ranked) - ranked
    return before
