"""Traders and exchange of the naive market, as plain objects, for the frameworks that give them agents and a schedule.

Every tick an agent marks its position, tests its profit target and, with probability P_TRADE, orders a random target. The exchange
fills at one price with linear impact, moves the price, liquidates, ranks every profitable position and deleverages the first ones while
its fund is below zero.
"""

from __future__ import annotations

import math
from typing import Any

MAINTENANCE, FEE, SIGMA, DEPTH, P_TRADE, SLIPPAGE, EQUITY = 0.02, 5e-4, 0.01, 500.0, 0.2, 0.005, 1000.0


class Rules:
    """A leveraged noise trader with a profit target."""

    model: Any

    def draw(self) -> None:
        """The traits, and an account without a position."""
        random = self.model.random
        self.cash, self.largest, self.target = EQUITY, random.uniform(1, 20), random.uniform(0.05, 0.5)
        self.position = self.entry = self.profit = self.leverage = 0.0
        self.equity = EQUITY

    def mark(self) -> None:
        """Value the position at the exchange's price."""
        price = self.model.exchange.price
        self.profit = self.position * (price - self.entry)
        self.equity = self.cash + self.profit
        self.leverage = abs(self.position) * price / self.equity if self.equity > 0 else math.inf

    @property
    def score(self) -> float:
        """Place in the queue: return on entry times leverage."""
        return self.profit / (abs(self.position) * self.entry) * self.leverage

    def act(self) -> None:
        """Take the profit, or trade to a random target."""
        self.mark()
        exchange = self.model.exchange
        if self.position != 0 and self.profit > self.target * self.cash:
            exchange.orders.append((self, -self.position))
        elif self.model.random.random() < P_TRADE and self.equity > 0:
            side = 1 if self.model.random.random() < 0.5 else -1
            wanted = side * self.model.random.uniform(0.1, self.largest) * self.equity / exchange.price
            exchange.orders.append((self, wanted - self.position))


class Exchange:
    """Clears orders, moves the price, liquidates and deleverages."""

    def __init__(self, model: Any, traders: int) -> None:
        self.model, self.price, self.fund, self.depth = model, 100.0, 0.002 * EQUITY * traders, DEPTH * traders
        self.orders: list[tuple[Rules, float]] = []

    def fill(self, trader: Rules, quantity: float, price: float) -> None:
        """Book a trade at the average entry price."""
        old = trader.position
        new = old + quantity
        if old * quantity >= 0:
            trader.entry = (old * trader.entry + quantity * price) / new if new else 0.0
        else:
            closed = min(abs(quantity), abs(old)) * (1 if old > 0 else -1)
            trader.cash += closed * (price - trader.entry)
            if old * new < 0:
                trader.entry = price
        trader.position = new if abs(new) > 1e-12 else 0.0
        fee = abs(quantity) * price * FEE
        trader.cash -= fee
        self.fund += 0.1 * fee

    def step(self) -> None:
        """One tick of the exchange."""
        net = sum(quantity for _, quantity in self.orders)
        price = self.price * math.exp(max(-0.02, min(0.02, net / self.depth)))
        for trader, quantity in self.orders:
            self.fill(trader, quantity, price)
        self.orders = []
        self.price = price * math.exp(self.model.random.gauss(0, SIGMA))
        for trader in self.model.agents:
            trader.mark()
            if trader.position != 0 and trader.equity < MAINTENANCE * abs(trader.position) * self.price:
                self.liquidate(trader)
        for trader in sorted(self.model.winners(), key=lambda trader: trader.score, reverse=True):
            if self.fund >= 0:
                break
            self.fund += 0.5 * trader.profit
            self.fill(trader, -trader.position, self.price)

    def liquidate(self, trader: Rules) -> None:
        """Close a position a little worse than the price; the fund pays what is missing, the ruined start anew."""
        self.fill(trader, -trader.position, self.price * (1 - SLIPPAGE if trader.position > 0 else 1 + SLIPPAGE))
        self.fund += min(trader.cash, 0.0)
        if trader.cash < 0.05 * EQUITY:
            trader.cash = EQUITY
