"""The market as one would first write it in Mesa: an agent object per trader, shuffled steps, one ranking of all winners a tick."""

from __future__ import annotations

import time
from collections.abc import Iterable

import mesa

from benchmarks.yardsticks.objects import Exchange, Rules

WARM_UP = 10


class Trader(Rules, mesa.Agent):
    """A trader as a Mesa agent."""

    def __init__(self, model: Market) -> None:
        super().__init__(model)
        self.draw()

    def step(self) -> None:
        """Look, and perhaps order."""
        self.act()


class Market(mesa.Model):
    """The model: traders act in random order, then the exchange."""

    def __init__(self, traders: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.exchange = Exchange(self, traders)
        for _ in range(traders):
            Trader(self)

    def winners(self) -> Iterable[Rules]:
        """Traders with a profit."""
        return self.agents.select(lambda trader: trader.position != 0 and trader.profit > 0)

    def step(self) -> None:
        """One tick."""
        self.agents.shuffle_do("step")
        self.exchange.step()


def measure(n: int, ticks: int, seed: int = 0) -> float:
    """CPU nanoseconds per trader and tick, after a warm-up that fills the book."""
    model = Market(n, seed)
    for _ in range(WARM_UP):
        model.step()
    start = time.process_time()
    for _ in range(ticks):
        model.step()
    return (time.process_time() - start) / ticks / n * 1e9
