"""The market of `naive_mesa` over columns, in plain NumPy: every step a pass over whole arrays, ranking only when the fund is short."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from benchmarks.yardsticks.objects import DEPTH, EQUITY, FEE, MAINTENANCE, P_TRADE, SIGMA, SLIPPAGE

WARM_UP = 20
Floats = NDArray[np.float64]


class Columns:
    """Traders and exchange as arrays."""

    def __init__(self, n: int, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.cash, self.position, self.entry = np.full(n, EQUITY), np.zeros(n), np.zeros(n)
        self.largest, self.target = self.rng.uniform(1, 20, n), self.rng.uniform(0.05, 0.5, n)
        self.price, self.fund, self.depth = 100.0, 0.002 * EQUITY * n, DEPTH * n

    def fill(self, rows: NDArray[np.int64], quantity: Floats, price: float | Floats) -> None:
        """Book trades at the average entry price."""
        old, entry = self.position[rows], self.entry[rows]
        new, adds = old + quantity, old * quantity >= 0
        closed = np.where(adds, 0.0, np.minimum(np.abs(quantity), np.abs(old)) * np.sign(old))
        with np.errstate(all="ignore"):
            average = np.where(new != 0, (old * entry + quantity * price) / new, 0.0)
        fee = np.abs(quantity) * price * FEE
        self.entry[rows] = np.where(adds, average, np.where(old * new < 0, price, entry))
        self.position[rows] = np.where(np.abs(new) > 1e-12, new, 0.0)
        self.cash[rows] += closed * (price - entry) - fee
        self.fund += 0.1 * float(fee.sum())

    def step(self) -> None:
        """One tick."""
        profit = self.position * (self.price - self.entry)
        equity = self.cash + profit
        takes = (self.position != 0) & (profit > self.target * self.cash)
        trades = np.flatnonzero(~takes & (self.rng.random(equity.size) < P_TRADE) & (equity > 0))
        side = np.where(self.rng.random(trades.size) < 0.5, 1.0, -1.0)
        leverage = 0.1 + (self.largest[trades] - 0.1) * self.rng.random(trades.size)
        order = np.where(takes, -self.position, 0.0)
        order[trades] = side * leverage * equity[trades] / self.price - self.position[trades]
        rows = np.flatnonzero(order)
        paid = self.price * math.exp(max(-0.02, min(0.02, float(order.sum()) / self.depth)))
        self.fill(rows, order[rows], paid)
        self.price = paid * math.exp(self.rng.normal(0, SIGMA))
        self.liquidate()
        if self.fund < 0:
            self.deleverage()

    def liquidate(self) -> None:
        """Close what is below maintenance a little worse than the price."""
        equity = self.cash + self.position * (self.price - self.entry)
        rows = np.flatnonzero((self.position != 0) & (equity < MAINTENANCE * np.abs(self.position) * self.price))
        held = self.position[rows]
        self.fill(rows, -held, self.price * np.where(held > 0, 1 - SLIPPAGE, 1 + SLIPPAGE))
        left = self.cash[rows]
        self.fund += float(np.minimum(left, 0.0).sum())
        self.cash[rows] = np.where(left < 0.05 * EQUITY, EQUITY, left)

    def deleverage(self) -> None:
        """Close winners, best ranked first, until the fund is whole."""
        profit = self.position * (self.price - self.entry)
        rows = np.flatnonzero((self.position != 0) & (profit > 0))
        size = np.abs(self.position[rows])
        score = profit[rows] / (size * self.entry[rows]) * (size * self.price / (self.cash[rows] + profit[rows]))
        for row in rows[np.argsort(-score, kind="stable")]:
            if self.fund >= 0:
                break
            self.fund += 0.5 * profit[row]
            self.fill(np.array([row]), np.array([-self.position[row]]), self.price)


def measure(n: int, ticks: int, seed: int = 0) -> float:
    """CPU nanoseconds per trader and tick, after a warm-up that fills the book."""
    market = Columns(n, seed)
    for _ in range(WARM_UP):
        market.step()
    start = time.process_time()
    for _ in range(ticks):
        market.step()
    return (time.process_time() - start) / ticks / n * 1e9
