"""The market of `soa` in mesa-frames: the traders are a Polars data frame, a step is a few expressions over all of them.

Differs from `naive_mesa` in what `soa` differs in: nobody is shuffled, winners are ranked only while the fund is short.
"""

from __future__ import annotations

import math
import time

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF

from benchmarks.yardsticks.objects import DEPTH, EQUITY, FEE, MAINTENANCE, P_TRADE, SIGMA, SLIPPAGE

WARM_UP = 20
CASH, POSITION, ENTRY, ORDER, PRICE = pl.col("cash"), pl.col("position"), pl.col("entry"), pl.col("order"), pl.col("price")
PROFIT = POSITION * (PRICE - ENTRY)
NEW = POSITION + ORDER
ADDS = POSITION * ORDER >= 0
CLOSED = pl.when(ADDS).then(0.0).otherwise(pl.min_horizontal(ORDER.abs(), POSITION.abs()) * POSITION.sign())
AVERAGE = pl.when(NEW != 0).then((POSITION * ENTRY + ORDER * PRICE) / NEW).otherwise(0.0)


class Traders(AgentSetPolars):
    """Leveraged noise traders with profit targets."""

    def __init__(self, model: Market, n: int) -> None:
        super().__init__(model)
        random = model.random
        columns = {"largest": random.uniform(1, 20, n), "target": random.uniform(0.05, 0.5, n), "cash": np.full(n, EQUITY)}
        self.add(pl.DataFrame({"unique_id": np.arange(n), **columns, **{name: np.zeros(n) for name in ("position", "entry", "order")}}))

    def order(self, price: float) -> float:
        """Everyone's order at a price; their sum."""
        n, random = len(self._agents), self.model.random
        self._agents = self._agents.with_columns(
            price=pl.lit(price), draw=random.random(n), side=np.where(random.random(n) < 0.5, 1.0, -1.0), size=random.random(n)
        )
        equity = CASH + PROFIT
        wanted = pl.col("side") * (0.1 + (pl.col("largest") - 0.1) * pl.col("size")) * equity / PRICE
        self._agents = self._agents.with_columns(
            order=pl.when((POSITION != 0) & (pl.col("target") * CASH < PROFIT))
            .then(-POSITION)
            .when((pl.col("draw") < P_TRADE) & (equity > 0))
            .then(wanted - POSITION)
            .otherwise(0.0)
        )
        return float(self._agents["order"].sum())

    def fill(self, price: pl.Expr) -> float:
        """Book every order at its price, at the average entry price; the fees."""
        self._agents = self._agents.with_columns(price=price)
        fee = ORDER.abs() * PRICE * FEE
        self._agents = self._agents.with_columns(
            cash=CASH + CLOSED * (PRICE - ENTRY) - fee,
            entry=pl.when(ADDS).then(AVERAGE).when(POSITION * NEW < 0).then(PRICE).otherwise(ENTRY),
            position=pl.when(NEW.abs() > 1e-12).then(NEW).otherwise(0.0),
            paid=fee,
        )
        return float(self._agents["paid"].sum())

    def step(self) -> None:
        """Nothing: the exchange asks for what it needs."""


class Market(ModelDF):
    """The exchange: clears orders, moves the price, liquidates and deleverages."""

    def __init__(self, n: int, seed: int) -> None:
        super().__init__(seed)
        self.traders = Traders(self, n)
        self.agents += self.traders
        self.price, self.fund, self.depth = 100.0, 0.002 * EQUITY * n, DEPTH * n

    def step(self) -> None:
        """One tick."""
        traders = self.agents._agentsets[0]
        net = traders.order(self.price)
        paid = self.price * math.exp(max(-0.02, min(0.02, net / self.depth)))
        self.fund += 0.1 * traders.fill(pl.lit(paid))
        self.price = paid * math.exp(self.random.normal(0, SIGMA))
        self.liquidate(traders)
        if self.fund < 0:
            self.deleverage(traders)

    def liquidate(self, traders: Traders) -> None:
        """Close what is below maintenance a little worse than the price."""
        traders._agents = traders._agents.with_columns(price=pl.lit(self.price))
        short = (POSITION != 0) & (MAINTENANCE * POSITION.abs() * PRICE > CASH + PROFIT)
        traders._agents = traders._agents.with_columns(order=pl.when(short).then(-POSITION).otherwise(0.0))
        self.fund += 0.1 * traders.fill(pl.lit(self.price) * (1 - SLIPPAGE * POSITION.sign()))
        self.fund += float(traders._agents.select(pl.when(ORDER != 0).then(pl.min_horizontal(CASH, 0.0)).otherwise(0.0).sum()).item())
        traders._agents = traders._agents.with_columns(cash=pl.when((ORDER != 0) & (CASH < 0.05 * EQUITY)).then(EQUITY).otherwise(CASH))

    def deleverage(self, traders: Traders) -> None:
        """Close winners, best ranked first, until the fund is whole."""
        traders._agents = traders._agents.with_columns(price=pl.lit(self.price))
        score = PROFIT / (POSITION.abs() * ENTRY) * (POSITION.abs() * PRICE / (CASH + PROFIT))
        winners = traders._agents.filter((POSITION != 0) & (PROFIT > 0)).select("unique_id", gain=0.5 * PROFIT, score=score)
        ranked = winners.sort("score", descending=True, maintain_order=True)
        gains = ranked["gain"].cum_sum().to_numpy()
        chosen = ranked["unique_id"][: int(np.searchsorted(gains, -self.fund)) + 1]
        traders._agents = traders._agents.with_columns(
            order=pl.when(pl.col("unique_id").is_in(chosen.implode())).then(-POSITION).otherwise(0.0)
        )
        self.fund += float(gains[len(chosen) - 1]) if len(chosen) else 0.0
        self.fund += 0.1 * traders.fill(pl.lit(self.price))


def measure(n: int, ticks: int, seed: int = 0) -> float:
    """CPU nanoseconds per trader and tick, after a warm-up that fills the book."""
    market = Market(n, seed)
    for _ in range(WARM_UP):
        market.step()
    start = time.process_time()
    for _ in range(ticks):
        market.step()
    return (time.process_time() - start) / ticks / n * 1e9
