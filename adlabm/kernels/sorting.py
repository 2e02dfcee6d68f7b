"""Sorting in compiled code."""

import numpy as np

__all__ = ["sort_by"]


def sort_by(ratio, identity):
    """Order (int64) by ratio, then identity, both ascending: a bottom-up merge sort."""
    n = ratio.size
    order, spare = np.arange(n), np.arange(n)
    width = 1
    while width < n:
        for low in range(0, n, 2 * width):
            middle, high = min(low + width, n), min(low + 2 * width, n)
            i, j = low, middle
            for at in range(low, high):
                first = j >= high
                if not first and i < middle:
                    x, y = order[i], order[j]
                    first = ratio[x] < ratio[y] or (ratio[x] == ratio[y] and identity[x] <= identity[y])
                if first and i < middle:
                    spare[at] = order[i]
                    i += 1
                else:
                    spare[at] = order[j]
                    j += 1
        order, spare = spare, order
        width *= 2
    return order
