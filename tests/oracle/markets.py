"""What forced orders meet: an outside market at the mark, or a book of depth."""

from __future__ import annotations

import math
from dataclasses import dataclass

FOREVER = 1 << 62


@dataclass
class Outside:
    """Everything trades at the mark, `lots` at most in this round (None: any number)."""

    mark: int
    lots: int | None

    def room(self, sign: int, limit: int) -> int:
        """Lots it takes in direction `sign` at `limit` or better."""
        if (limit - self.mark) * sign < 0:
            return 0
        return FOREVER if self.lots is None else max(self.lots, 0)

    def average(self, lots: int) -> int:
        """Average price of some lots (signed)."""
        return self.mark

    def take(self, lots: int) -> int:
        """Trade; returns the average price."""
        if self.lots is not None:
            self.lots -= abs(lots)
        return self.mark


@dataclass
class Book:
    """Depth: c lots displace the price by x(c) = 1 % (c / D1) ^ (1 / phi), in all by at most `budget` in this round.

    Price = base (1 + gone + (1 - permanent) x(used)); fills pay the average of what they walk. What stays displaces the index, base
    (1 + gone), down to one tick at most.
    """

    base: float
    gone: float
    used: float
    bid: float
    ask: float
    phi: float
    permanent: float
    budget: float

    def shift(self, used: float) -> float:
        """x(c)."""
        depth = self.ask if used > 0 else self.bid
        return math.copysign(0.01 * (abs(used) / depth) ** (1 / self.phi), used) if used else 0.0

    def lots_at(self, shift: float) -> float:
        """The consumption at which the price is displaced by `shift`."""
        depth = self.ask if shift > 0 else self.bid
        return math.copysign(depth * (abs(shift) / 0.01) ** self.phi, shift) if shift else 0.0

    def area(self, used: float) -> float:
        """Integral of x from 0 to c."""
        depth, power = self.ask if used > 0 else self.bid, 1 / self.phi
        return 0.01 * depth * (abs(used) / depth) ** (power + 1) / (power + 1)

    @property
    def level(self) -> float:
        """Where the next lot trades, over the base."""
        return 1 + self.gone + (1 - self.permanent) * self.shift(self.used)

    def room(self, sign: int, limit: int) -> int:
        """Lots it takes in direction `sign` before the last one trades worse than `limit`, within the budget."""
        distance = min((limit / self.base - self.level) * sign, self.budget)
        if distance <= 0:
            return 0
        target = self.shift(self.used) + sign * distance
        lots = self.lots_at(target if abs(target) > 1e-14 else 0.0)
        return math.floor(abs(lots - self.used) * (1 + 1e-12) + 1e-9)

    def average(self, lots: int) -> int:
        """Average price of some lots (signed), to the nearest tick."""
        mean = (self.area(self.used + lots) - self.area(self.used)) / lots - self.shift(self.used)
        price = self.base * (self.level + mean)
        return max(math.floor(price + 0.5 + min(price * 1e-12, 1e-6)), 1)

    def take(self, lots: int) -> int:
        """Trade; returns the average price."""
        price, before = self.average(lots), self.shift(self.used)
        self.used += lots
        moved = self.shift(self.used) - before
        self.gone = max(self.gone + self.permanent * moved, min(self.gone, 1 / self.base - 1))
        self.budget -= abs(moved)
        return price
