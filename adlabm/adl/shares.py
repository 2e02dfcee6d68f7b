"""The two ways to split an amount: one after the other, and in proportion.

Both take whole numbers (int64, exact whatever the size) or float64 and answer in kind. They expect 0 <= caps <= sizes and
0 <= amount <= sum(caps). No result depends on the order of the rows.
"""

from __future__ import annotations

import math

import numpy as np

from adlabm.adl.candidates import Column


def total(values: Column) -> int | float:
    """The exact sum of whole numbers, or the correctly rounded sum of floats: the same in any order."""
    if values.dtype.kind == "f":
        return math.fsum(values.tolist())
    return sum(values.tolist())


def best_first(scores: Column, ids: Column) -> Column:
    """Row numbers by score descending, then identity ascending."""
    return np.lexsort((ids, -scores))


def in_order(order: Column, amount: float, caps: Column) -> Column:
    """Fill every row of `order` to its cap, one after the other; the last one partly. x_(k) = min(cap_(k), amount - taken before)."""
    ranked = caps[order]
    before = np.zeros_like(ranked)
    np.cumsum(ranked[:-1], out=before[1:])
    amounts = np.zeros_like(caps)
    amounts[order] = np.clip(amount - before, 0, ranked)
    return amounts


def in_proportion(amount: float, sizes: Column, caps: Column, ids: Column) -> Column:
    """x_i = min(eta size_i, cap_i), with the one eta at which the sum is `amount`.

    Whole numbers: Hamilton's largest remainders, ties to the lower identity; nobody gets more than the next whole number above eta size_i.
    """
    whole = caps.dtype.kind == "i"
    if whole and total(sizes) * int(sizes.max(initial=0)) >= 2**63:
        sizes, caps = sizes.astype(object), caps.astype(object)
    amounts = np.zeros_like(caps)
    free = sizes > 0
    left = amount
    while free.any():
        weight = total(sizes[free])
        full = free & (left * sizes >= caps * weight if whole else left / weight * sizes >= caps)
        if not full.any():
            break
        amounts[full] = caps[full]
        left -= total(caps[full])
        free &= ~full
    rows = np.flatnonzero(free)
    if len(rows) and whole:
        shares, remainders = left * sizes[rows] // weight, left * sizes[rows] % weight
        extra = best_first(remainders.astype(np.int64), ids[rows])[: left - total(shares)]
        shares[extra] += 1
        amounts[rows] = shares
    elif len(rows):
        amounts[rows] = np.minimum(max(left, 0.0) / weight * sizes[rows], caps[rows])
    return amounts.astype(np.int64) if whole else amounts
