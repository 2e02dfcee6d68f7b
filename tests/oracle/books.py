"""The books of the plain exchange: accounts, positions and margin in Python integers.

Money in micro-units of the quote currency, prices in ticks, quantities in lots, rates in 1e-9; a lot is worth `unit` micro-units per tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NANO = 10**9
FUND, MAKER, RING = 0, 128, 256
SEATS = 128


@dataclass
class Position:
    """`entry`: value at which the lots were entered (signed); `index`: the funding index when funding was last settled."""

    lots: int = 0
    entry: int = 0
    index: int = 0


@dataclass
class Account:
    """A margin account. Cross: sub-account 0 of its owner holds everything. Isolated: each position has a sub-account, 0 is the wallet."""

    identity: int
    balance: int = 0
    positions: dict[int, Position] = field(default_factory=dict)
    state: str = "normal"
    orders: int | None = None
    since: int = 0

    @property
    def owner(self) -> int:
        """Identity of the owner."""
        return self.identity // SEATS

    @property
    def isolated(self) -> bool:
        """Whether the account belongs to one position."""
        return self.identity % SEATS > 0

    @property
    def open(self) -> list[int]:
        """Contracts in which it holds lots, ascending."""
        return sorted(c for c, p in self.positions.items() if p.lots)

    def lots(self, contract: int) -> int:
        """Lots held, signed."""
        return self.positions[contract].lots if contract in self.positions else 0


@dataclass(frozen=True)
class Tier:
    """Maintenance margin from a notional of `floor` on: rate x notional - amount."""

    floor: int
    rate: int
    amount: int


def floor_part(whole: int, part: int, of: int) -> int:
    """floor(whole x part / of)."""
    return whole * part // of


def ceil_part(whole: int, part: int, of: int) -> int:
    """ceil(whole x part / of)."""
    return -(-whole * part // of)


class Books:
    """All accounts of a market and what they are worth at the marks."""

    def __init__(self, scenario: Mapping[str, Any], units: list[int], marks: list[int]) -> None:
        self.units, self.marks, self.before = units, list(marks), list(marks)
        self.funding = [0] * len(units)
        self.tiers = [Tier(round(t["floor"] * 1e6), round(t["mmr"] * 1e9), round(t["amount"] * 1e6)) for t in scenario["tiers"]]
        self.accounts: dict[int, Account] = {}
        self.fees = self.uncovered = 0
        self.down = scenario["liquidation"]["tiers_down"]

    def account(self, identity: int) -> Account:
        """The account with this identity."""
        return self.accounts.setdefault(identity, Account(identity))

    def value(self, contract: int, lots: int) -> int:
        """Mark value of some lots, signed."""
        return lots * self.marks[contract] * self.units[contract]

    def profit(self, account: Account, contract: int) -> int:
        """Unrealised profit at the mark, after the funding that is owed."""
        p = account.positions[contract]
        return self.value(contract, p.lots) - p.entry - p.lots * (self.funding[contract] - p.index)

    def equity(self, account: Account) -> int:
        """Balance and unrealised profit."""
        return account.balance + sum(self.profit(account, c) for c in account.open)

    def tier(self, notional: int) -> Tier:
        """The margin tier of a notional."""
        return [t for t in self.tiers if t.floor <= notional][-1]

    def tier_below(self, notional: int) -> Tier:
        """The tier from whose floor a reduction goes down: that of the notional, or one of those below it."""
        return self.tiers[max(self.tiers.index(self.tier(notional)) - self.down + 1, 0)]

    def margin_of(self, account: Account, contract: int) -> int:
        """Maintenance margin of one position: ceil(rate x notional) - amount."""
        notional = abs(self.value(contract, account.lots(contract)))
        tier = self.tier(notional)
        return max(ceil_part(notional, tier.rate, NANO) - tier.amount, 0)

    def margin(self, account: Account) -> int:
        """Maintenance margin of an account."""
        return sum(self.margin_of(account, c) for c in account.open)

    def ratio(self, account: Account) -> float:
        """Margin ratio: equity over maintenance margin."""
        return float(self.equity(account)) / max(float(self.margin(account)), 1.0)

    def largest_first(self, account: Account) -> list[int]:
        """Contracts by maintenance margin descending, then contract."""
        return sorted(account.open, key=lambda c: (-self.margin_of(account, c), c))

    def bankruptcy_price(self, account: Account, contract: int) -> int:
        """Price at which a position uses up its share (by maintenance margin) of the equity; the account keeps what rounding leaves."""
        lots, whole = account.lots(contract), self.margin(account)
        if whole <= 0:
            return 1
        share = floor_part(self.equity(account), self.margin_of(account, contract), whole)
        distance = share // (abs(lots) * self.units[contract])
        return max(self.marks[contract] - distance if lots > 0 else self.marks[contract] + distance, 1)

    def settle(self, account: Account, contract: int) -> None:
        """Pay the funding that a position owes."""
        p = account.positions.setdefault(contract, Position())
        account.balance -= p.lots * (self.funding[contract] - p.index)
        p.index = self.funding[contract]

    def fill(self, account: Account, contract: int, lots: int, price: int) -> int:
        """Trade; returns what was realised. Closed lots take floor(entry x closed / held) of the entry value with them."""
        self.settle(account, contract)
        p, unit = account.positions[contract], self.units[contract]
        old, new = p.lots, p.lots + lots
        realised = 0
        if old * lots >= 0:
            p.entry += lots * price * unit
        else:
            closed = min(abs(lots), abs(old))
            part = floor_part(p.entry, closed, abs(old))
            realised = (closed if old > 0 else -closed) * price * unit - part
            p.entry = p.entry - part if abs(lots) <= abs(old) else new * price * unit
        p.lots = new
        account.balance += realised
        return realised

    def cross(self, one: Account, other: Account, contract: int, lots: int, price: int) -> None:
        """`one` buys `lots` (signed) from `other`."""
        self.fill(one, contract, lots, price)
        self.fill(other, contract, -lots, price)

    def move(self, source: Account, target: Account, amount: int) -> None:
        """Move money."""
        source.balance -= amount
        target.balance += amount

    def wallet(self, account: Account) -> Account:
        """The owner's wallet."""
        return self.account(account.owner * SEATS)

    def ledger_hash(self) -> int:
        """64-bit hash of the ledger accrued to date, accounts by identity, positions by contract."""
        mask, h = (1 << 64) - 1, 0x9E3779B97F4A7C15
        cells: list[int] = []
        for _, account in sorted(self.accounts.items()):
            owed = sum(p.lots * (self.funding[c] - p.index) for c, p in account.positions.items())
            cells.append(account.balance - owed)
            for c in account.open:
                cells += (c, account.positions[c].lots, account.positions[c].entry)
        for cell in (*cells, self.fees, self.uncovered, *self.funding):
            h = ((h ^ (cell & mask)) * 0xD6E8FEB86659FD93) & mask
            h ^= h >> 32
        return h
