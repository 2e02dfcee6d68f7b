"""The market of `naive_mesa` in AgentPy: the same objects and rules, on AgentPy's agents, lists and generator."""

from __future__ import annotations

import time
from collections.abc import Iterable

import agentpy

from benchmarks.yardsticks.objects import Exchange, Rules

WARM_UP = 10


class Trader(Rules, agentpy.Agent):
    """A trader as an agent of AgentPy."""

    def setup(self) -> None:
        """Draw the traits."""
        self.draw()

    def step(self) -> None:
        """Look, and perhaps order."""
        self.act()


class Market(agentpy.Model):
    """The model: traders act in random order, then the exchange."""

    def setup(self) -> None:
        """Make the exchange and the traders."""
        self.exchange = Exchange(self, self.p.traders)
        self.agents = agentpy.AgentList(self, self.p.traders, Trader)

    def winners(self) -> Iterable[Rules]:
        """Traders with a profit."""
        return self.agents.select([trader.position != 0 and trader.profit > 0 for trader in self.agents])

    def step(self) -> None:
        """One tick."""
        self.agents.shuffle().step()
        self.exchange.step()


def measure(n: int, ticks: int, seed: int = 0) -> float:
    """CPU nanoseconds per trader and tick, after a warm-up that fills the book."""
    market = Market({"traders": n, "seed": seed})
    market.sim_setup(seed=seed)
    for _ in range(WARM_UP):
        market.sim_step()
    start = time.process_time()
    for _ in range(ticks):
        market.sim_step()
    return (time.process_time() - start) / ticks / n * 1e9
