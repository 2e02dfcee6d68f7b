"""Divisor methods of apportionment: whole lots one by one to whoever has the strongest claim to the next."""

from __future__ import annotations

import numpy as np

from adlabm.adl.candidates import Column
from adlabm.adl.shares import largest_rows, total

SHIFTS = {"webster": 0.5, "dhondt": 1.0}


def by_divisor(amount: float, sizes: Column, caps: Column, shift: float) -> Column:
    """`amount` lots, each to the row with the largest size / (lots so far + shift) that is below its cap; ties to the earlier row.

    Args:
        amount: 0 <= amount <= sum(caps).
        sizes, caps: int64[n], 0 <= caps <= sizes.
        shift: 0.5 (Webster) or 1 (D'Hondt).

    Returns:
        int64[n], the sum is `amount`.
    """

    def awarded(multiplier: float) -> Column:
        """Lots of strength 1 / multiplier and above."""
        return np.minimum(np.floor(multiplier * sizes + (1.0 - shift)).astype(np.int64), caps)

    # All lots above a strength at once, as near to `amount` as float64 can tell the strengths apart; the last ones singly.
    low, high = 0.0, 2.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if total(awarded(middle)) <= amount else (low, middle)
    amounts = awarded(low * (1.0 - 2.0**-50))
    while left := amount - total(amounts):
        strengths = np.where(amounts < caps, sizes / (amounts + shift), -1.0)
        amounts[largest_rows(strengths, min(left, np.count_nonzero(amounts < caps)))] += 1
    return amounts
