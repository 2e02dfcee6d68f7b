"""`python -m benchmarks.orderbook [PYTHON ...]`: order events a second on one core.

Limit orders, cancellations and market orders in the ratio 9 : 8 : 2 around a price, as background flow sends them; the book alone, then the
order book of a market with 1,000 traders, ledger and margins included. Further Pythons, each with PAMS or ABIDES installed, are asked for
theirs; what they count differs, see `benchmarks/peers.py`. CPU time, the best of three.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from adlabm.kernels import orderbook as kernel
from adlabm.model import AdlModel
from adlabm.price.orderbook import OrderBook
from adlabm.scenario import Scenario
from benchmarks import peers

EVENTS = 1_000_000


def stream(events: int, resting: int, seed: int) -> np.ndarray:
    """A stationary stream for a book that holds about so many orders: every limit order is cancelled after an exponential time."""
    rng = np.random.default_rng(seed)
    limits = int(events * 9 / 19)
    takers = events - 2 * limits
    born = np.sort(rng.uniform(0.0, limits, limits))
    times = np.concatenate([born, born + rng.exponential(resting, limits), rng.uniform(0.0, limits, takers)])
    order = np.argsort(times, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    rows = np.zeros((len(order), kernel.REQUEST_COLUMNS), np.int64)
    rows[:, kernel.Q_OWNER], rows[:, kernel.Q_SIGN], rows[:, kernel.Q_LOTS] = kernel.ANYBODY, rng.choice([-1, 1], len(order)), 3
    away = np.ceil(5_000 * rng.random(limits) ** 1.5).astype(np.int64)
    rows[:limits, kernel.Q_KIND], rows[:limits, kernel.Q_PRICE] = kernel.LIMIT, 100_000 - rows[:limits, kernel.Q_SIGN] * away
    rows[limits : 2 * limits, kernel.Q_KIND], rows[limits : 2 * limits, kernel.Q_LOTS] = kernel.CANCEL, place[:limits]
    rows[2 * limits :, kernel.Q_KIND] = kernel.MARKET
    return rows[order]


def alone(resting: int) -> float:
    """Events a second of a book that holds about so many orders."""
    requests, best = stream(EVENTS, resting, 0), 0.0
    for _ in range(3):
        book = OrderBook(tick=1, lot=1, around=100_000, capacity=8 * resting)
        start = time.process_time()
        book.process(requests)
        best = max(best, EVENTS / (time.process_time() - start))
    return best


def in_a_market(traders: int, ticks: int) -> tuple[float, float]:
    """(background events a second, microseconds a tick) of a market whose price an order book forms."""
    scenario = Scenario.load("ecology", sets=["price.formation=orderbook", f"population.count={traders}", f"ticks={ticks}"])
    best = (0.0, 0.0)
    for seed in range(3):
        model = AdlModel(scenario, rng=seed)
        before = int(model.state.books[:, kernel.H_DRAWS].sum())
        start = time.process_time()
        model.run()
        seconds = time.process_time() - start
        best = max(best, ((int(model.state.books[:, kernel.H_DRAWS].sum()) - before) / seconds, 1e6 * seconds / ticks))
    return best


def main(pythons: list[str]) -> None:
    """Measure and print."""
    OrderBook(tick=1, lot=1, around=100_000).process(stream(1000, 10, 0))
    AdlModel("ecology").step()
    for resting in (1_000, 10_000, 100_000):
        print(f"{'order book alone, ' + format(resting, ',') + ' resting orders':60}{alone(resting):>14,.0f} events/s")
    events, tick = in_a_market(1_000, 1_000)
    print(f"{'order book in a market of 1,000 traders, background events':60}{events:>14,.0f} events/s ({tick:,.0f} us a tick)")
    for name, rate in peers.told(pythons)[0].items():
        print(f"{name:60}{rate:>14,.0f} events/s")


if __name__ == "__main__":
    main(sys.argv[1:])
