"""The engine's run again through the plain exchange, fed with what is not an exchange's own decision, compared event by event."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import fields
from decimal import Decimal
from itertools import groupby, zip_longest
from typing import Any

import numpy as np

from adlabm.model import AdlModel
from adlabm.streams import Stream, name_word, uniforms
from tests.oracle.backstop import Event
from tests.oracle.books import MAKER, NANO, RING, SEATS, Books, Position, ceil_part
from tests.oracle.exchange import Exchange
from tests.oracle.markets import Book, Outside

CHOICE, FEE, LOSS, DEPOSIT, WITHDRAWAL, TRANSFER, INDEX = 1, 5, 9, 10, 11, 12, 14
CHOSEN = (CHOICE, FEE, DEPOSIT, WITHDRAWAL, TRANSFER)
COUNTS = {
    "liquidations": "liquidations",
    "liquidated": "liquidated_notional",
    "hits": "adl_hits",
    "deleveraged": "adl_notional",
    "haircut": "haircut",
    "lights": "lights_before",
    "fees": "fees",
    "deposits": "deposits",
    "funding": "funding",
    "equity": "equity_end",
}


class Differs(AssertionError):
    """The plain exchange did something else than the engine."""


class Replay:
    """One finished run under `check`, and its plain double."""

    def __init__(self, model: AdlModel) -> None:
        self.model, self.tables = model, model.tables()
        self.scenario = self.tables.scenario
        self.contracts = [contract["name"] for contract in self.scenario["contracts"]]
        self.sizes = [(float(contract["lot"]), float(contract["tick"])) for contract in self.scenario["contracts"]]
        units = [round(lot * tick * 1e6) for lot, tick in self.sizes]
        self.books = Books(self.scenario, units, [round(float(c["price"]) / float(c["tick"])) for c in self.scenario["contracts"]])
        for row in self.tables.opening.to_pylist():
            account = self.books.account(row["account"])
            if row["contract"] < 0:
                account.balance = row["balance"]
            else:
                account.positions[row["contract"]] = Position(row["lots"], row["entry"], row["lotsf"] // row["lots"])
        self.exchange = Exchange(self.scenario, self.books, self.sizes, self.draw)
        appointed = [row["identity"] for row in self.tables.traders.to_pylist() if row["group"] == "providers"]
        self.exchange.providers.members = [self.books.account(identity * SEATS) for identity in sorted(appointed)]
        held = {group["name"]: sorted(map(self.contracts.index, group["contracts"])) for group in self.scenario["traders"]}
        self.exchange.seats = {row["identity"]: held[row["group"]] for row in self.tables.traders.to_pylist() if row["group"] in held}
        self.start: Counter[int] = Counter()
        for account in self.books.accounts.values():
            self.start[account.owner] += self.books.equity(account)
        self.series = self.tables.series.to_pylist()
        self.totals = self.exchange.totals | {name: Counter() for name in ("deposits", "funding", "equity")}
        self.happened: list[Event] = []
        self.now, taker, maker = 0, self.scenario["fees"]["taker"], self.scenario["fees"].get("maker")
        self.rates = {round(rate * NANO) for rate in (taker, taker if maker is None else maker)}

    def run(self) -> Exchange:
        """Replay to the end; raises Differs at the first difference."""
        journal, events = self._by_round(self.tables.journal), self._by_round(self.tables.events)
        hashes = self.tables.hashes["ledger"].to_pylist()
        self.exchange.detect()
        rounds = list(self.rounds())
        for n, (tick, number, elapsed, met) in enumerate(rounds):
            self.now += elapsed
            self.exchange.now = self.now
            if not number:
                self.happened = []
            self.exchange.events = []
            self.trade(journal[tick, number])
            self.books.before, self.books.marks = self.books.marks, [int(row[4]) for row in met]
            self.fund_index(journal[tick, number])
            self.exchange.detect()
            self.exchange.round(tick, number, elapsed, [self.market(row, elapsed) for row in met])
            last = n + 1 == len(rounds) or rounds[n + 1][0] != tick
            if last:
                self.exchange.end_tick(self.now, tick + 1 == self.scenario["ticks"])
            closing = events[tick, number + 1] if last else []  # what the end of a tick books carries the number after its last round
            self.compare(tick, number, events[tick, number] + closing)
            self.happened += self.exchange.events
            if last and self.books.ledger_hash() != hashes[tick]:
                raise Differs(f"tick {tick}: the ledgers differ though the events agree")
            if last:
                self.compare_series(tick)
            if last and self.now != round((tick + 1) * self.scenario["tick_s"] * 1000):
                raise Differs(f"tick {tick} ends after {self.now} ms")
        if len(hashes) != rounds[-1][0] + 1:
            raise Differs(f"{len(hashes)} ticks were hashed, {rounds[-1][0] + 1} were run")
        self.compare_end()
        return self.exchange

    @property
    def runaway(self) -> bool:
        """Whether the last digits of floats decide a tick: a price reached a hundred times its opening, or a book at the last tick was sold
        to so often over that the average price of a lot is the difference of two numbers beyond 1e12 ticks."""
        opening = {contract["name"]: float(contract["price"]) for contract in self.scenario["contracts"]}
        if any(max(row["mark"], row["trade"]) > 100 * opening[row["contract"]] for row in self.series):
            return True
        met = (self.market(row, elapsed) for _, _, elapsed, rows in self.rounds() for row in rows)
        return any(isinstance(book, Book) and book.base * book.area(book.used) > 1e12 for book in met)

    def rounds(self) -> Iterator[tuple[int, int, int, list[list[float]]]]:
        """Tick, round, milliseconds, and what each contract met there."""
        table = np.concatenate(self.model.records.rounds).tolist()
        for (tick, number, elapsed), rows in groupby(table, key=lambda row: tuple(map(int, row[:3]))):
            yield tick, number, elapsed, list(rows)

    def market(self, row: list[float], elapsed: int) -> Outside | Book:
        """What forced orders meet in a contract this round."""
        contract, (base, gone, used, bid, ask) = int(row[3]), row[5:]
        if self.scenario["price"]["formation"] == "external":
            a_second = round(self.scenario["price"]["liquidity"])
            return Outside(int(row[4]), a_second * self.now // 1000 - a_second * (self.now - elapsed) // 1000 if a_second else None)
        depth = self.scenario["contracts"][contract].get("depth") or self.scenario["depth"]
        limit = (self.scenario["liquidation"]["move_limit"] or 1e9) * (elapsed / 1000)
        return Book(base, gone, used, bid, ask, depth["phi"], depth["permanent"], limit)

    def trade(self, rows: list[dict[str, Any]]) -> None:
        """What traders did by choice: fills, fees, money moved for them, deposits and withdrawals."""
        for contract in range(len(self.books.units)):
            if not self.longs(contract):
                self.exchange.left[contract, 1] = self.exchange.left[contract, -1] = NANO
        groups = [list(group) for _, group in groupby(rows, key=lambda row: row["event"])]
        for n, group in enumerate(groups):
            self.charge_withdrawal(group[0], groups[n + 1][0] if n + 1 < len(groups) else None, groups[n - 1][0] if n else None)
            event = [row for row in group if row["code"] in CHOSEN]
            choices = [row for row in event if row["code"] == CHOICE]
            held = {row["account"]: self.books.account(row["account"]).lots(row["contract"]) for row in choices}
            for row in event:
                code, account, change = row["code"], self.books.account(row["account"]), row["d_balance"]
                if code == CHOICE:
                    self.books.fill(account, row["contract"], row["d_lots"], row["price"])
                elif code not in (TRANSFER, FEE) or choices:
                    account.balance += change
                    self.books.fees -= change if code == FEE else 0
                    self.totals["fees"][account.owner] -= change if code == FEE else 0
                    self.totals["deposits"][account.owner] += change if code in (DEPOSIT, WITHDRAWAL) else 0
            for row in choices:
                self.allowed(row, held[row["account"]], [fee for fee in event if fee["code"] == FEE])

    def charge_withdrawal(self, row: dict[str, Any], after: dict[str, Any] | None, before: dict[str, Any] | None) -> None:
        """A withdrawal while losses are open: none where they are gated; what is charged goes first and pays of the losses."""
        rule, open_loss = self.scenario["adl"]["withdrawals"], self.books.uncovered
        charged = before is not None and (before["code"], before["account"]) == (LOSS, row["account"])
        if row["code"] == WITHDRAWAL and open_loss > 0 and (rule == "gated" or (rule != "free" and not charged)):
            raise Differs(f"account {row['account']} withdraws {-row['d_balance']} though {open_loss} is open")
        if row["code"] != LOSS or row["d_balance"] >= 0 or row["account"] < RING:
            return
        follows = after is not None and (after["code"], after["account"]) == (WITHDRAWAL, row["account"])
        charge, account = -row["d_balance"], self.books.account(row["account"])
        asked, whole = charge - (after["d_balance"] if follows else 0), max(self.claims(rule == "scaled"), 1)
        if charge != min(ceil_part(asked, min(open_loss, whole), whole), open_loss):
            raise Differs(f"account {account.identity} is charged {charge} of {asked}, with {open_loss} open and claims of {whole}")
        account.balance -= charge
        self.books.uncovered -= charge
        self.exchange.note("uncovered_loss", account.owner, None, None, amount=-charge)
        self.exchange.reached[f"withdrawal {rule}"] += 1

    def claims(self, profits: bool) -> int:
        """What traders own, or what they own beyond what they brought."""
        owned: Counter[int] = Counter()
        for account in self.books.accounts.values():
            owned[account.owner] += self.books.equity(account)
        return sum(max(worth - (self.start[o] + self.totals["deposits"][o] if profits else 0), 0) for o, worth in owned.items() if o > 2)

    def allowed(self, row: dict[str, Any], held: int, fees: list[dict[str, Any]]) -> None:
        """A trader's fill is paid for and leaves its account healthy: at maintenance where the position grew, else at zero."""
        contract, account = row["contract"], self.books.account(row["account"])
        if account.identity == MAKER:
            return
        notional = abs(row["d_lots"]) * row["price"] * self.books.units[contract]
        fee = -sum(fee["d_balance"] for fee in fees if fee["account"] == account.identity)
        now, equity = account.lots(contract), self.books.equity(account)
        grew = abs(now) > abs(held) or now * held < 0
        side = 1 if now > 0 else -1
        if grew and self.exchange.left[contract, side] < self.exchange.drains_below:
            raise Differs(f"account {account.identity} grows on a side that may only shrink: {row}")
        self.exchange.reached["side drains"] += self.exchange.left[contract, -side] < self.exchange.drains_below
        if (
            account.state != "normal"
            or fee not in {ceil_part(notional, rate, NANO) for rate in self.rates}
            or equity < (self.books.margin(account) if grew else 0)
        ):
            raise Differs(f"account {account.identity} may not do {row}: it is {account.state}, pays {fee}, and keeps {equity}")

    def fund_index(self, rows: list[dict[str, Any]]) -> None:
        """Funding: the index moves, the longs owe it to the shorts."""
        for row in rows:
            if row["code"] == INDEX:
                contract, change = row["contract"], row["d_lotsf"]
                self.books.funding[contract] += change
                for account in self.books.accounts.values():
                    self.totals["funding"][account.owner] += account.lots(contract) * change
                self.exchange.note("funding", None, None, contract, amount=change * self.longs(contract))

    def longs(self, contract: int, maker: bool = True) -> int:
        """Lots of all longs."""
        return sum(max(a.lots(contract), 0) for a in self.books.accounts.values() if maker or a.identity != MAKER)

    def draw(self, tick: int, number: int, place: int) -> Callable[[int], float]:
        """The uniform numbers of a request."""
        serial = (number * 64 + place) % 65_536
        return lambda identity: float(
            uniforms(self.model.key, Stream.POLICY, name_word("policy"), np.array([identity % 2**32]), tick=tick, draw=serial)[0]
        )

    def compare(self, tick: int, number: int, theirs: list[dict[str, Any]]) -> None:
        """Event by event."""
        mine = [tuple(getattr(event, f.name) for f in fields(Event)) for event in self.exchange.events]
        for n, (event, row) in enumerate(zip_longest(mine, theirs)):
            engine = None if row is None else self._plain(row)
            if engine != event or row["time"] != self.now:
                columns = ", ".join(f.name for f in fields(Event))
                raise Differs(f"tick {tick}, round {number}, event {n} ({columns})\n  engine: {engine}\n  oracle: {event}")

    def compare_series(self, tick: int) -> None:
        """What the engine records at the end of a tick: marks, fund, open interest, forced and deleveraged notional."""
        books, fund = self.books, self.exchange.fund
        for contract, unit in enumerate(books.units):
            row, value = self.series[tick * len(books.units) + contract], books.value(contract, 1)
            mine = {
                "fund_equity": books.equity(fund),
                "fund_cash": fund.balance,
                "open_interest": self.longs(contract) * value,
                "open_interest_ex_maker": self.longs(contract, maker=False) * value,
                "liquidated": 0,
                "deleveraged": 0,
            }
            for event in self.happened:
                if event.contract == contract:
                    fenced = event.kind == "takeover" and event.counterparty == RING // SEATS
                    mine["liquidated"] += abs(event.lots) * (event.price or 0) * unit if event.kind == "liquidation" else 0
                    mine["deleveraged"] += abs(event.lots) * event.mark * unit if event.kind == "adl" or fenced else 0
            theirs = {name: round(row[name] * 10**6) for name in mine}
            if theirs != mine or round(row["mark"] / self.sizes[contract][1]) != books.marks[contract]:
                raise Differs(f"tick {tick}, series of contract {contract}\n  engine: {theirs}\n  oracle: {mine}")

    def compare_end(self) -> None:
        """The engine's counts and sums per trader, its deficit, fees and uncovered loss."""
        for account in self.books.accounts.values():
            self.totals["equity"][account.owner] += self.books.equity(account)
        for row in self.tables.traders.to_pylist():
            for mine, theirs in COUNTS.items():
                value = row[theirs] or 0
                value = round(value * 10**6) if isinstance(value, Decimal) else value
                if value != self.totals[mine][row["identity"]]:
                    raise Differs(f"trader {row['identity']}: {theirs} is {value}, here {self.totals[mine][row['identity']]}")
        for name, value in (("deficit", self.exchange.deficit), ("uncovered_loss", self.books.uncovered), ("fees", self.books.fees)):
            if round(self.tables.summary[name] * 10**6) != value:
                raise Differs(f"summary: {name} is {self.tables.summary[name]}, here {value} micro")

    def _plain(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """A row of the event table in lots, ticks and micro-units."""
        contract = None if row["contract"] is None else self.contracts.index(row["contract"])
        lot, tick = (1.0, 1.0) if contract is None else self.sizes[contract]
        lots = None if contract is None else round(row["quantity"] / lot)
        prices = [None if row[name] is None else round(row[name] / tick) for name in ("price", "mark", "bankruptcy_price")]
        amount = round(row["amount"] * 10**6)
        whom, place = [row["kind"], row["trader"], row["counterparty"]], [row["rank"], row["lights"], row["score"]]
        return (*whom, contract, lots, *prices, amount, *place)

    @staticmethod
    def _by_round(table: Any) -> defaultdict[tuple[int, int], list[dict[str, Any]]]:
        found: defaultdict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
        for row in table.to_pylist():
            found[row["tick"], row["round"]].append(row)
        return found
