"""How cheap a tick gets when only traders whose price band or clock woke them do anything:

an integer ledger, one contract, a hash for noise.
"""

from __future__ import annotations

import time

import numba as nb
import numpy as np

from benchmarks.yardsticks.tuned import hash64

U = np.uint64
FAR = 1 << 60
KEY, UNIT, START = 7, 100, 1_000_000


@nb.njit
def awake(low, high, wake_at, mark, tick, rows):
    """Rows whose band (low, high) the mark left, or whose clock rang; returns how many were written to `rows`."""
    k = 0
    for i in range(low.size):
        if (mark <= low[i]) | (mark >= high[i]) | (wake_at[i] <= tick):
            rows[k] = i
            k += 1
    return k


@nb.njit
def act(rows, k, balance, quantity, cost, leverage, low, high, wake_at, mark, tick, span):
    """A stand-in for rules:

    draw a target, trade to it at the mark, set the next band and a clock of 1 to `span` ticks. Returns the net flow.
    """
    net = 0
    for j in range(k):
        i = rows[j]
        r = hash64(U(KEY) + U(i) * U(0x9E3779B97F4A7C15) + U(tick))
        equity = balance[i] + quantity[i] * mark * UNIT - cost[i]
        target = np.int64(0)
        if equity > 0:
            size = (r >> U(40)) * (1.0 / (1 << 24)) * leverage[i] * equity / (mark * UNIT)
            target = np.int64(size) if (r & U(1)) == U(0) else -np.int64(size)
        old, trade = quantity[i], target - quantity[i]
        net += trade
        if old * trade >= 0:
            cost[i] += trade * mark * UNIT
        else:
            closed = min(abs(trade), abs(old))
            part = cost[i] * closed // abs(old)
            balance[i] += (closed if old > 0 else -closed) * mark * UNIT - part
            cost[i] = target * mark * UNIT if abs(trade) > abs(old) else cost[i] - part
        quantity[i] = target
        low[i], high[i] = 0, FAR
        if target != 0:
            break_even = (balance[i] - cost[i]) / (UNIT * abs(target))
            if target > 0:
                low[i], high[i] = np.int64(-break_even / 0.995) + 1, np.int64(mark * 1.05)
            else:
                low[i], high[i] = np.int64(mark * 0.95), np.int64(break_even / 1.005)
        wake_at[i] = tick + 1 + np.int64((r >> U(20)) % U(span))
    return net


def watched(n: int, ticks: int, span: int = 64, seed: int = 0) -> tuple[float, float]:
    """CPU nanoseconds per trader and tick, and the share of traders awake; clocks ring after 1 to `span` ticks."""
    rng = np.random.default_rng(seed)
    balance = np.full(n, 1_000_000_000, np.int64)
    quantity, cost, low = (np.zeros(n, np.int64) for _ in range(3))
    leverage, high = rng.uniform(1, 20, n), np.full(n, FAR, np.int64)
    wake_at, rows = rng.integers(0, span, n).astype(np.int32), np.empty(n, np.int32)
    path = (START * np.exp(np.cumsum(rng.normal(0, 0.0008, ticks)))).astype(np.int64)
    woken, start = 0, time.process_time()
    for tick in range(ticks):
        mark = int(path[tick])
        k = awake(low, high, wake_at, mark, tick, rows)
        act(rows, k, balance, quantity, cost, leverage, low, high, wake_at, mark, tick, span)
        woken += k
    return (time.process_time() - start) / ticks / n * 1e9, woken / ticks / n


def measure(n: int, ticks: int, seed: int = 0) -> float:
    """CPU nanoseconds per trader and tick at about 3 % awake."""
    return watched(n, ticks, seed=seed)[0]
