"""The ways to split an amount: one after the other, in proportion, by weight, and to a common level.

All take whole numbers (int64, exact whatever the size) or float64 and answer in kind. They expect 0 <= amount <= sum(caps), and rows by
identity ascending, as policies get them: ties go to the earlier row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adlabm.adl.candidates import Column
from adlabm.sums import exact_sum


def total(values: Column) -> int | float:
    """The exact sum of whole numbers, or the correctly rounded sum of floats: the same in any order."""
    if values.dtype.kind == "f":
        return exact_sum(values)
    if values.dtype.kind == "i" and int(values.max(initial=0)) < 2**62 // (len(values) + 1):
        return int(values.sum())
    return sum(values.tolist())


def covers(caps: Column, amount: float) -> bool:
    """Whether sum(caps) > amount, exactly; the exact sum of floats is taken only where a quick one leaves a doubt."""
    if caps.dtype.kind == "f" and abs((near := float(caps.sum())) - amount) > 1e-9 * near:
        return near > amount
    return total(caps) > amount


def best_first(scores: Column, ids: Column) -> Column:
    """Row numbers by score descending, then identity ascending; quickest where the rows come by identity."""
    if not rising(ids):
        return np.lexsort((ids, -scores))
    order = np.argsort(scores)[::-1]
    ranked = scores[order]
    new = ranked[1:] != ranked[:-1]
    if new.all():
        return order
    # An unstable sort is ten times faster than a stable one; equals are put in order afterwards, by run and row.
    runs = np.concatenate([[0], np.cumsum(new)])
    return np.sort(runs * len(order) + order) % len(order)


def first_to_cover(scores: Column, ids: Column, amount: float, caps: Column) -> Column:
    """As many rows of `best_first` as together may give `amount`, or all: the rest of the queue is not sorted."""
    count = len(scores) // 8
    while 0 < count < len(scores):
        edge = np.partition(scores, len(scores) - count)[len(scores) - count]
        rows = np.flatnonzero(scores >= edge)
        order = rows[best_first(scores[rows], ids[rows])]
        if len(order) and np.cumsum(caps[order])[-1] >= amount:
            return order
        count *= 4
    return best_first(scores, ids)


def largest_rows(values: Column, count: Any) -> Column:
    """Row numbers of the `count` largest values; of equals the earlier rows."""
    if not 0 < count < len(values):
        return np.arange(min(count, len(values)))
    edge = np.partition(values, len(values) - count)[len(values) - count]
    above = np.flatnonzero(values > edge)
    return np.concatenate([above, np.flatnonzero(values == edge)[: count - len(above)]])


def rising(ids: Column) -> bool:
    """Whether the identities ascend from row to row."""
    return bool((ids[:-1] < ids[1:]).all())


def in_order(order: Column, amount: float, caps: Column) -> Column:
    """Fill every row of `order` to its cap, one after the other; the last one partly. x_(k) = min(cap_(k), amount - taken before)."""
    ranked = caps[order]
    before = np.zeros_like(ranked)
    np.cumsum(ranked[:-1], out=before[1:])
    amounts = np.zeros_like(caps)
    amounts[order] = np.clip(amount - before, 0, ranked)
    return amounts


def in_proportion(amount: float, sizes: Column, caps: Column) -> Column:
    """x_i = min(eta size_i, cap_i), with the one eta at which the sum is `amount`; sizes above zero wherever caps are.

    Whole numbers: Hamilton's largest remainders, ties to the earlier row; nobody gets more than the next whole number above eta size_i.
    """
    whole = caps.dtype.kind == "i"
    if whole and sizes.dtype.kind == "f":
        return rounded(amount, in_proportion(float(amount), sizes, caps.astype(np.float64)), caps)
    if whole and max(total(sizes), amount) * max(int(sizes.max(initial=0)), int(caps.max(initial=0))) >= 2**63:
        sizes, caps = sizes.astype(object), caps.astype(object)
    amounts, rows, left = np.zeros_like(caps), np.flatnonzero(sizes > 0), amount
    while len(rows):
        size, cap = sizes[rows], caps[rows]
        weight = total(size)
        full = left * size >= cap * weight if whole else left / weight * size >= cap
        if not full.any():
            break
        amounts[rows[full]] = cap[full]
        left -= total(cap[full])
        rows = rows[~full]
    if len(rows) and whole:
        shares = left * size // weight
        remainders = left * size - shares * weight
        shares[largest_rows(remainders.astype(np.int64), left - total(shares))] += 1
        amounts[rows] = shares
    elif len(rows):
        amounts[rows] = np.minimum(max(left, 0.0) / weight * size, cap)
    return amounts.astype(np.int64) if whole else amounts


def by_weight(amount: float, weights: Column, caps: Column, split: Callable[[float, Column], Column] | None = None) -> Column:
    """x_i = min(eta weight_i, cap_i), for weights from zero to infinity.

    Rows of infinite weight come first, rows without weight last, both in proportion to their caps. `split(amount, rows)` may take the place
    of the proportional split of the rows between.
    """
    amounts, left = np.zeros_like(caps), amount
    infinite, none = np.isinf(weights), weights <= 0
    for tier, measure in ((infinite, caps), (~infinite & ~none, weights), (none, caps)):
        rows = np.flatnonzero(tier)
        if not covers(caps[rows], left):
            amounts[rows], left = caps[rows], left - total(caps[rows])
            continue
        own = split if measure is weights else None
        amounts[rows] = own(left, rows) if own else in_proportion(left, measure[rows], caps[rows])
        break
    return amounts


def at_level(amount: float, start: Column, slope: Column, caps: Column) -> Column:
    """x_i = clip(start_i + level slope_i, 0, cap_i), with the one level at which the sum is `amount`; slopes above zero wherever caps are.

    Whole numbers: largest fractions, ties to the earlier row.
    """
    if caps.dtype.kind == "i":
        return rounded(amount, at_level(float(amount), start, slope, caps.astype(np.float64)), caps)
    never = np.full(len(caps), np.inf)
    with np.errstate(over="ignore"):
        begin = np.divide(-start, slope, out=never.copy(), where=slope > 0)
        end = np.divide(caps - start, slope, out=never, where=slope > 0)
    levels = np.unique(np.concatenate([begin, end]))
    levels = levels[np.isfinite(levels)]
    low, high = 0, len(levels)
    while high - low > 1:
        middle = (low + high) // 2
        given = np.clip(start + levels[middle] * slope, 0.0, caps)
        low, high = (low, middle) if covers(given, amount) else (middle, high)
    level = levels[low]
    amounts = np.where(level >= end, caps, np.where(level > begin, np.clip(start + level * slope, 0.0, caps), 0.0))
    rising = (begin <= level) & (level < end)
    if rising.any():
        rest = (amount - total(amounts)) / total(slope[rising])
        amounts[rising] = np.clip(amounts[rising] + rest * slope[rising], 0.0, caps[rising])
    return amounts


def rounded(amount: float, ideal: Column, caps: Column, largest: bool = True) -> Column:
    """Whole numbers near the `ideal` ones whose sum is `amount`, int64: rounded down, what is left one each by largest fraction.

    Ties go to the earlier row; with `largest` false all fractions tie. Fractions below a millionth, or 1e-15 of the number, are rounding
    errors.
    """
    slack = np.maximum(1e-6, 1e-15 * ideal)
    near = np.floor(ideal + slack)
    amounts = np.minimum(near.astype(np.int64), caps)
    fractions = np.where(amounts < caps, np.where(ideal - near < slack, 0.0, np.round(ideal - near, 6)), -1.0)
    left = amount - total(amounts)
    if left < 0:  # beyond 2^53 float64 itself is coarser than one unit
        return amounts - in_proportion(-left, amounts, amounts)
    extra = largest_rows(fractions if largest else np.sign(fractions), min(left, np.count_nonzero(amounts < caps)))
    amounts[extra] += 1
    rest, room = left - len(extra), caps - amounts
    return amounts + in_proportion(rest, room, room) if rest else amounts
