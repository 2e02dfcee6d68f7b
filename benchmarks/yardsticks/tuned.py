"""How low a compiled loop gets that visits every trader every tick: one hash per trader, no division off the trading path, no ranking.

The market of `naive_mesa` in floating point, less the deleveraging, which never fires there.
"""

from __future__ import annotations

import math
import time

import numba as nb
import numpy as np
from numpy.typing import NDArray

MAINTENANCE, FEE, SIGMA, P_TRADE, SLIPPAGE, EQUITY = 0.02, 5e-4, 0.01, 0.2, 0.005, 1000.0
WARM_UP = 20
U = np.uint64
THRESHOLD = U(int(P_TRADE * 2**24))
FAST = {"contract", "nsz"}


@nb.njit(inline="always")
def hash64(x):
    """A 64-bit mix of a 64-bit word."""
    x = (x ^ (x >> U(32))) * U(0xD6E8FEB86659FD93)
    x = (x ^ (x >> U(32))) * U(0xD6E8FEB86659FD93)
    return x ^ (x >> U(32))


@nb.njit(error_model="numpy", fastmath=FAST)
def decide(cash, position, entry, largest, target, order, price, key, tick):
    """Take the profit, or trade to a random target; returns the net order."""
    net, inverse = 0.0, 1.0 / price
    base = key + U(tick) * U(0x9E3779B97F4A7C15)
    for i in range(cash.size):
        held, money, wanted = position[i], cash[i], 0.0
        profit = held * (price - entry[i])
        h = hash64(base ^ (U(i) * U(0xA24BAED4963EE407)))
        if profit > target[i] * money:
            wanted = -held
        elif (h & U(0xFFFFFF)) < THRESHOLD:
            equity = money + profit
            if equity > 0:
                leverage = 0.1 + (largest[i] - 0.1) * (h >> U(25)) * (1.0 / 549755813888.0)
                wanted = (leverage if h & U(0x1000000) else -leverage) * equity * inverse - held
        order[i] = wanted
        net += wanted
    return net


@nb.njit(error_model="numpy", fastmath=FAST)
def settle(cash, position, entry, order, paid, price):
    """Fill at `paid`, mark at `price`, liquidate; returns what the fund gains or loses."""
    fund = 0.0
    for i in range(cash.size):
        held, quantity = position[i], order[i]
        if quantity != 0.0:
            new, fee = held + quantity, abs(quantity) * paid * FEE
            if held * quantity >= 0:
                entry[i] = (held * entry[i] + quantity * paid) / new if new != 0 else 0.0
            else:
                cash[i] += min(abs(quantity), abs(held)) * (1.0 if held > 0 else -1.0) * (paid - entry[i])
                if held * new < 0:
                    entry[i] = paid
            held = new if abs(new) > 1e-12 else 0.0
            position[i] = held
            cash[i] -= fee
            fund += 0.1 * fee
        if cash[i] + held * (price - entry[i]) < MAINTENANCE * abs(held) * price:
            closing = price * (1 - SLIPPAGE) if held > 0 else price * (1 + SLIPPAGE)
            fee = abs(held) * closing * FEE
            left = cash[i] + held * (closing - entry[i]) - fee
            fund += 0.1 * fee + min(left, 0.0)
            cash[i] = EQUITY if left < 0.05 * EQUITY else left
            position[i] = 0.0
    return fund


@nb.njit(error_model="numpy")
def run(first, ticks, key, cash, position, entry, largest, target, order, price, fund):
    """Ticks `first` to `first + ticks - 1`; returns the price and the fund."""
    depth = 500.0 * cash.size
    for tick in range(first, first + ticks):
        net = decide(cash, position, entry, largest, target, order, price, key, tick)
        paid = price * math.exp(max(-0.02, min(0.02, net / depth)))
        u = (hash64(key + U(2 * tick)) >> U(11)) * (1.0 / 9007199254740992.0)
        v = (hash64(~key + U(2 * tick + 1)) >> U(11)) * (1.0 / 9007199254740992.0)
        price = paid * math.exp(SIGMA * math.sqrt(-2 * math.log(1 - u)) * math.cos(6.283185307179586 * v))
        fund += settle(cash, position, entry, order, paid, price)
    return price, fund


def columns(n: int, seed: int) -> list[NDArray[np.float64]]:
    """Cash, position, entry, largest leverage, profit target and order of n traders."""
    rng = np.random.default_rng(seed)
    return [np.full(n, EQUITY), np.zeros(n), np.zeros(n), rng.uniform(1, 20, n), rng.uniform(0.05, 0.5, n), np.zeros(n)]


def measure(n: int, ticks: int, seed: int = 0) -> float:
    """CPU nanoseconds per trader and tick, after a warm-up that fills the book."""
    key, traders = U(seed * 0x9E3779B97F4A7C15 % 2**64), columns(n, seed)
    price, fund = run(0, WARM_UP, key, *traders, 100.0, 2.0 * n)
    start = time.process_time()
    run(WARM_UP, ticks, key, *traders, price, fund)
    return (time.process_time() - start) / ticks / n * 1e9
