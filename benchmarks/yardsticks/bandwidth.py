"""The machine's limit: one pass of one core that reads columns of n rows."""

from __future__ import annotations

import time

import numba as nb
import numpy as np

COLUMNS = 4
"""Columns of 8 bytes read in a pass: what it takes to see whether a band or a clock woke a row (contract, low, high, clock)."""


@nb.njit(fastmath=True)
def read(table):
    """The sum of a table, float64 (columns, rows), read column by column."""
    total = 0.0
    for column in range(table.shape[0]):
        for row in range(table.shape[1]):
            total += table[column, row]
    return total


def measure(n: int, ticks: int, seed: int = 0, columns: int = COLUMNS) -> float:
    """CPU nanoseconds per row and pass."""
    table = np.random.default_rng(seed).random((columns, n))
    read(table)
    start = time.process_time()
    for _ in range(ticks):
        read(table)
    return (time.process_time() - start) / ticks / n * 1e9
