"""The backstop of the plain exchange: its fund, the trigger that puts ADL before it, and what it leaves for ADL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.books import FUND, MAKER, NANO, Account, Books, ceil_part, floor_part
from tests.oracle.markets import FOREVER, Book, Outside
from tests.oracle.providers import Providers

BUCKET_MS, WINDOW = 600_000, 48
"""Fund equity is remembered as the peaks of 48 buckets of 10 minutes."""


@dataclass
class Event:
    """A row of the event table, owners and contracts by number; None where the row has nothing."""

    kind: str
    trader: int | None = None
    counterparty: int | None = None
    contract: int | None = None
    lots: int | None = None
    price: int | None = None
    mark: int | None = None
    bankruptcy: int | None = None
    amount: int = 0
    rank: int | None = None
    lights: int | None = None
    score: float | None = None


@dataclass
class Request:
    """Lots of a position that ADL is to close; of a pool the profit (micro) that it is to take from a side."""

    account: Account
    contract: int
    price: int
    left: int
    side: int = 0


class Backstop:
    """The fund and its rules. What happened stands in `events`, how often which branch was taken in `reached`.

    Args:
        scenario: all tables resolved.
        books: the opening ledger.
    """

    def __init__(self, scenario: Mapping[str, Any], books: Books) -> None:
        self.books, self.fund, self.fund_rules = books, books.account(FUND), scenario["fund"]
        self.capacity, self.start, self.stop = (round(self.fund_rules[key] * NANO) for key in ("capacity", "start", "stop"))
        self.takeover = round(self.fund_rules["takeover"] * NANO)
        self.unwind_ms = round(self.fund_rules["unwind_s"] * 1000)
        self.rules, self.adl, self.providers = scenario["liquidation"], scenario["adl"], Providers(scenario["providers"], books)
        self.pool = self.fund_rules["trigger"] == "pool-factor"
        self.now, self.watched = 0, -1
        self.earned = [0] * len(books.units)
        self.bears = [0] * len(books.units)
        self.results: list[dict[int, int]] = [{} for _ in books.units]
        self.beyond_limit: set[int] = set()
        self.requests: list[Request] = []
        self.markets: list[Outside | Book] = []
        self.triggered = False
        self.bucket, self.peak = 0, books.equity(self.fund)
        self.peaks: dict[int, int] = {}
        self.events: list[Event] = []
        self.reached: Counter[str] = Counter()

    def note(self, kind: str, trader: int | None, counterparty: int | None, contract: int | None, **more: Any) -> None:
        """Write an event."""
        lots = None if contract is None else more.pop("lots", 0)
        mark = None if contract is None else self.books.marks[contract]
        self.events.append(Event(kind, trader, counterparty, contract, lots, mark=mark, **more))

    def end_tick(self, now: int, last: bool) -> None:
        """Fund equity is remembered in buckets of 10 minutes; what a fund owes at the end of the run is uncovered."""
        equity = self.books.equity(self.fund)
        if last and equity < 0:
            self.fund.balance -= equity
            self.books.uncovered -= equity
            self.note("uncovered_loss", 0, None, None, amount=-equity)
            self.reached["fund ends below zero"] += 1
        if now // BUCKET_MS != self.bucket:
            self.peaks |= dict.fromkeys(range(self.bucket, now // BUCKET_MS), self.peak)
            self.bucket, self.peak = now // BUCKET_MS, self.books.equity(self.fund)

    def inventory(self) -> int:
        """Notional of the fund's positions."""
        return sum(abs(self.books.value(c, self.fund.lots(c))) for c in self.fund.open)

    def ask_trigger(self) -> None:
        """Whether ADL goes before the fund: from `start` on, until it is back at `stop`."""
        rule, before = self.fund_rules["trigger"], self.triggered
        if rule == "contract-drawdown":
            self.watch_contracts()
        if rule in ("exhausted", "always", "pool-factor", "contract-drawdown"):
            self.triggered = rule == "always"
        else:
            self.triggered = self.beyond(rule, self.stop if before else self.start)
            self.reached["hysteresis"] += self.triggered and not self.beyond(rule, self.start)
        self.reached[f"trigger {rule}"] += self.triggered

    def beyond(self, rule: str, share: int) -> bool:
        """Whether the inventory reaches a share of what the fund may carry, or its equity has fallen by a share of its peak."""
        equity = self.books.equity(self.fund)
        if rule == "capacity":
            may = floor_part(max(equity, 0), self.capacity, NANO)
            return 0 < self.inventory() >= floor_part(may, share, NANO)
        peak = self.highest()
        return peak > 0 and peak - equity >= floor_part(peak, share, NANO)

    def highest(self) -> int:
        """The fund's peak over the window."""
        recent = [peak for bucket, peak in self.peaks.items() if bucket >= self.bucket - WINDOW]
        return max(self.books.equity(self.fund), self.peak, *recent)

    def result(self, contract: int) -> int:
        """What the fund has made in a contract."""
        return self.earned[contract] + (self.books.profit(self.fund, contract) if self.fund.lots(contract) else 0)

    def fall(self, contract: int) -> int:
        """How far that is below its peak over the window."""
        return max(self.result(contract), *self.recent(contract)) - self.result(contract)

    def recent(self, contract: int) -> list[int]:
        """The peaks of the last 48 buckets."""
        seen = self.results[contract]
        last = self.now // BUCKET_MS
        return [seen.get(bucket, 0) for bucket in range(last - WINDOW + 1, last + 1)]

    def watch_contracts(self) -> None:
        """Per contract, whether the fall has reached a share of the fund's peak, until it is below a smaller share."""
        peak, bucket = self.highest(), self.now // BUCKET_MS
        for contract in range(len(self.books.units)):
            now, seen = self.result(contract), self.results[contract]
            for new in range(self.watched + 1, bucket + 1):
                seen[new] = now
            seen[bucket] = max(seen[bucket], now)
            self.bears[contract] = floor_part(peak, self.start, NANO)
            limit = floor_part(peak, self.stop, NANO) if contract in self.beyond_limit else self.bears[contract]
            reached = peak > 0 and self.fall(contract) >= limit
            self.reached["contract hysteresis"] += reached and self.fall(contract) < self.bears[contract]
            self.reached["contract drawdown"] += reached
            self.beyond_limit = self.beyond_limit | {contract} if reached else self.beyond_limit - {contract}
        self.watched = bucket

    def bearable(self, contract: int, lots: int, gap: int) -> int:
        """Lots whose loss the fund may bear in a contract under the trigger that watches contracts."""
        if self.fund_rules["trigger"] != "contract-drawdown" or gap <= 0:
            return lots
        most = max(self.bears[contract] - self.fall(contract), 0) // gap
        self.reached["shortfall beyond the limit"] += most < lots
        return min(lots, most)

    def carries(self, account: Account, contract: int, price: int) -> int:
        """Lots that the fund takes over to carry them: all (rule `vault`), or those that it could pay for at the mark, with its inventory
        within the multiple of its equity (rule `inventory`)."""
        held, equity, value = account.lots(contract), self.books.equity(self.fund), self.books.value(contract, 1)
        loss = (price - self.books.marks[contract]) * self.books.units[contract] * (1 if held > 0 else -1)
        if self.fund_rules["rule"] == "vault":
            return self.bearable(contract, abs(held), loss)
        if self.fund_rules["rule"] == "cover":
            self.reached["cover takes nothing"] += 1
            return 0
        if equity <= 0:
            self.reached["fund dry"] += 1
            return 0
        most = abs(held) if loss <= 0 else min(abs(held), equity // loss)
        space = floor_part(equity, self.capacity, NANO) - self.inventory()
        self.reached["fund full"] += space // value < most
        return max(min(most, space // value, self.bearable(contract, most, loss)), 0)

    def take(self, account: Account, contract: int, lots: int, price: int) -> None:
        """The fund takes lots over."""
        if lots:
            change = -lots if account.lots(contract) > 0 else lots
            before = self.fund.balance
            self.books.cross(account, self.fund, contract, change, price)
            self.earned[contract] += self.fund.balance - before
            self.note("takeover", account.owner, 0, contract, lots=change, price=price, bankruptcy=price)
            self.reached["takeover"] += 1

    def pay(self, account: Account, contract: int, price: int) -> bool:
        """The fund takes over what it can sell at once and pays the shortfall, lot by lot while its cash lasts (rule `pay`).

        True when the market, not the cash, was the limit and lots are left.
        """
        market, unit, held = self.markets[contract], self.books.units[contract], account.lots(contract)
        sign = -1 if held > 0 else 1
        room = min(abs(held), market.room(sign, 1 if sign < 0 else FOREVER))

        def affordable(lots: int) -> bool:
            shortfall = (market.average(sign * lots) - price) * sign * unit
            return shortfall <= 0 or (lots * shortfall <= self.fund.balance and self.bearable(contract, lots, shortfall) == lots)

        low, high = 0, room
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if affordable(middle) else (low, middle - 1)
        self.reached["fund dry"] += low < room
        if low:
            self.take(account, contract, low, price)
            cash = self.fund.balance
            self.trade(contract, sign * low)
            change = self.fund.balance - cash
            if change:
                self.note("fund_gain" if change > 0 else "fund_draw", account.owner, 0, contract, amount=abs(change))
        return low == room < abs(held)

    def trade(self, contract: int, lots: int) -> None:
        """The fund trades in the market."""
        price = self.markets[contract].take(lots)
        before = self.fund.balance
        self.books.cross(self.fund, self.books.account(MAKER), contract, lots, price)
        self.earned[contract] += self.fund.balance - before

    def request(self, account: Account, contract: int, lots: int, price: int) -> None:
        """Name lots for ADL."""
        self.requests.append(Request(account, contract, price, lots))
        change, equity = -lots if account.lots(contract) > 0 else lots, self.books.equity(self.fund)
        self.note("adl_trigger", account.owner, None, contract, lots=change, price=price, bankruptcy=price, amount=equity)

    def assign(self, account: Account, contract: int, price: int, now: int) -> None:
        """Providers take the position, each its part."""
        change = 1 if account.lots(contract) < 0 else -1
        at = self.providers.price(account, contract, price)
        for provider, lots in self.providers.parts(account, contract, at, now):
            self.books.cross(account, provider, contract, change * lots, at)
            self.note("takeover", account.owner, provider.owner, contract, lots=change * lots, price=at, bankruptcy=at)
            self.reached["assigned"] += 1

    def watch_pool(self) -> None:
        """A side whose profits exceed a share of the cash of fund and maker is named for ADL, down to a smaller share."""
        maker = self.books.account(MAKER)
        cash = max(self.fund.balance + maker.balance, 0)
        for contract in range(len(self.books.units)):
            for side in (1, -1):
                held = [a for a in self.books.accounts.values() if a.owner > 2 and a.lots(contract) * side > 0]
                won = sum(max(self.books.profit(a, contract), 0) for a in held)
                if self.pool and won > floor_part(cash, self.start, NANO):
                    mark = self.books.marks[contract]
                    self.requests.append(Request(maker, contract, mark, won - floor_part(cash, self.stop, NANO), side))
                    terms = {"lots": side, "price": mark, "bankruptcy": mark, "amount": self.books.equity(self.fund)}
                    self.note("adl_trigger", maker.owner, None, contract, **terms)
                    self.reached["pool"] += 1

    def repay(self) -> None:
        """Under the recall `recoverable` the fund's cash pays what is open."""
        paid = min(self.fund.balance, self.books.uncovered)
        if self.adl["recall"] == "recoverable" and paid > 0:
            self.fund.balance -= paid
            self.books.uncovered -= paid
            self.note("uncovered_loss", 0, None, None, amount=-paid)
            self.reached["repaid"] += 1

    def unwind(self, elapsed: int) -> None:
        """The fund trades its inventory down: ceil(lots x elapsed / time), as far as the market takes it."""
        for contract in self.fund.open:
            lots = self.fund.lots(contract)
            sign = -1 if lots > 0 else 1
            room = self.markets[contract].room(sign, 1 if sign < 0 else FOREVER)
            part = min(ceil_part(abs(lots), elapsed, self.unwind_ms), abs(lots), room)
            if part > 0:
                self.trade(contract, sign * part)
                self.reached["unwinding"] += 1

    def offer_excess(self) -> None:
        """Inventory beyond the multiple of the fund's equity (rule `inventory`), or all that a worthless fund has (rule `vault`), is
        offered to ADL at the price of its takeover."""
        equity, excess = self.books.equity(self.fund), 0
        if self.fund_rules["rule"] == "inventory":
            excess = self.inventory() - floor_part(max(equity, 0), self.capacity, NANO)
        elif self.fund_rules["rule"] == "vault" and equity < 0:
            excess = self.inventory()
            self.reached["vault offers its book"] += excess > 0
        for contract in self.fund.open:
            if excess > 0:
                held, value = self.fund.positions[contract], self.books.value(contract, 1)
                lots = min(abs(held.lots), -(-excess // value))
                excess -= lots * value
                worth = abs(held.lots) * self.books.units[contract]
                self.request(self.fund, contract, lots, max((abs(held.entry) + worth // 2) // worth, 1))
                self.reached["excess offered"] += 1
