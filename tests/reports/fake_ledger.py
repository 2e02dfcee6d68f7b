"""A ledger in plain Python integers that writes down every posting; it shares no code with the engine."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

MASK, SEED_HASH, FACTOR, TAKER_FEE = (1 << 64) - 1, 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 500_000
CONTRACTS = [("BTC-PERP", 0.1, 0.001, 1_220_000), ("ETH-PERP", 0.01, 0.01, 430_000)]
UNIT = [round(tick * lot * 1e6) for _, tick, lot, _ in CONTRACTS]


def step(h: int, x: int) -> int:
    h = ((h ^ (x & MASK)) * FACTOR) & MASK
    return h ^ (h >> 32)


@dataclass
class Ledger:
    """Accounts, positions and every posting made to them."""

    balance: dict[int, int] = field(default_factory=dict)
    position: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    index: list[int] = field(default_factory=lambda: [0] * len(CONTRACTS))
    rows: list[tuple] = field(default_factory=list)
    fees: int = 0
    uncovered: int = 0
    deposits: int = 0
    tick: int = 0
    event: int = 0

    def post(
        self, code: int, account: int, contract: int = -1, balance: int = 0, lots: int = 0, entry: int = 0, lotsf: int = 0, price: int = 0
    ) -> None:
        self.rows.append((self.tick, 0, code, account, contract, balance, lots, entry, lotsf, price, self.event))
        if account < 0:
            self.index[contract] += lotsf
            return
        self.balance[account] = self.balance.get(account, 0) + balance
        if contract >= 0:
            cell = self.position.setdefault((account, contract), [0, 0, 0])
            for k, change in enumerate((lots, entry, lotsf)):
                cell[k] += change

    def fill(self, code: int, account: int, c: int, lots: int, price: int) -> int:
        """Changes a position by `lots` at `price`; returns what it realised."""
        held, entry, lotsf = self.position.get((account, c), (0, 0, 0))
        if owed := held * self.index[c] - lotsf:
            self.post(6, account, c, balance=-owed, lotsf=owed)
        closing = 0 if held * lots >= 0 else int(math.copysign(min(abs(held), abs(lots)), lots))
        removed = entry * abs(closing) // abs(held) if closing else 0
        realised = -closing * price * UNIT[c] - removed
        self.post(code, account, c, realised, lots, (lots - closing) * price * UNIT[c] - removed, lots * self.index[c], price)
        return realised

    def trade(self, code: int, taker: int, other: int, c: int, lots: int, price: int, fee: bool = True) -> int:
        self.event += 1
        self.fill(code, taker, c, lots, price)
        realised = self.fill(code, other, c, -lots, price)
        if fee:
            charge = -(-abs(lots) * price * UNIT[c] * TAKER_FEE // 10**9)
            self.post(5, taker, balance=-charge)
            self.fees += charge
        return realised

    def pay(self, code: int, giver: int | None, taker: int | None, amount: int) -> None:
        self.event += 1
        if giver is not None:
            self.post(code, giver, balance=-amount)
        if taker is not None:
            self.post(code, taker, balance=amount)

    def accrued(self, account: int) -> int:
        return self.balance[account] - sum(p[0] * self.index[c] - p[2] for c, p in self.held(account))

    def held(self, account: int) -> list[tuple[int, list[int]]]:
        return [(c, self.position[account, c]) for c in range(len(CONTRACTS)) if (account, c) in self.position]

    def equity(self, account: int, mark: list[int]) -> int:
        return self.accrued(account) + sum(p[0] * mark[c] * UNIT[c] - p[1] for c, p in self.held(account))

    def hash(self) -> int:
        h = SEED_HASH
        held: dict[int, list] = {}
        for (a, c), (lots, entry, lotsf) in sorted(self.position.items()):
            if lots:
                held.setdefault(a, []).append((c, lots, entry, lotsf))
        for a in sorted(self.balance):
            mine = held.get(a, [])
            h = step(h, self.balance[a] - sum(lots * self.index[c] - lotsf for c, lots, _, lotsf in mine))
            for c, lots, entry, _ in mine:
                h = step(step(step(h, c), lots), entry)
        for x in (self.fees, self.uncovered, *self.index):
            h = step(h, x)
        return h
