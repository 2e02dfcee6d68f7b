"""Appointed liquidity providers of the plain exchange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.oracle.books import NANO, Account, Books, ceil_part, floor_part


class Providers:
    """Who takes positions from liquidations, and how much of them.

    `members` is set once the accounts are known; `taken`: notional by identity since `since`, the first assignment of the window.
    """

    def __init__(self, rules: Mapping[str, Any], books: Books) -> None:
        self.books, self.members, self.taken, self.since = books, list[Account](), dict[int, int](), -(10**18)
        self.share, self.leverage, self.spread = (round(rules[key] * NANO) for key in ("share", "leverage", "spread"))
        self.window = round(rules["window_s"] * 1000)

    def price(self, account: Account, contract: int, bankruptcy: int) -> int:
        """The mark and the spread against the liquidated, or the bankruptcy price; 0 where that is worse than the mark."""
        mark, long = self.books.marks[contract], account.lots(contract) > 0
        if self.spread:
            away = ceil_part(mark, self.spread, NANO)
            return max(mark - away, 1) if long else mark + away
        good = bankruptcy <= mark if long else bankruptcy >= mark
        return bankruptcy if good else 0

    def parts(self, account: Account, contract: int, price: int, now: int) -> Iterator[tuple[Account, int]]:
        """Who takes how many lots: equal parts of what is left, the least room first."""
        if not price or not self.members:
            return
        if now - self.since >= self.window:
            self.since, self.taken = now, {}
        lot = self.books.value(contract, 1)
        rooms = sorted((self.room(member) // lot, member.identity, member) for member in self.members)
        left = abs(account.lots(contract))
        for place, (room, identity, member) in enumerate(rooms):
            lots = min(room, -(-left // (len(rooms) - place)))
            left -= lots
            if lots:
                self.taken[identity] = self.taken.get(identity, 0) + lots * lot
                yield member, lots

    def room(self, member: Account) -> int:
        """Notional that a provider still takes."""
        equity = max(self.books.equity(member), 0)
        held = sum(abs(self.books.value(c, member.lots(c))) for c in member.open)
        free = min(
            floor_part(equity, self.leverage, NANO) - held, floor_part(equity, self.share, NANO) - self.taken.get(member.identity, 0)
        )
        return max(free, 0) if member.state == "normal" else 0
