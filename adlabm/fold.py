"""From the opening state and the journal to the final ledger, in plain Python integers: a second path to the same numbers.

Imports nothing of the engine. An account is worth its balance less the funding it owes, plus what its positions are worth at the mark:
``equity = balance - sum(lots * F - lotsf) + sum(lots * mark * unit - entry)``, all in micro-units of the quote currency.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator

import pyarrow as pa

OWNER_ACCOUNTS = 128
NAMES = {
    1: "voluntary fill",
    2: "forced fill",
    3: "takeover",
    4: "adl",
    5: "fee",
    6: "funding settled",
    7: "fund gain",
    8: "fund draw",
    9: "uncovered loss",
    10: "deposit",
    11: "withdrawal",
    12: "transfer",
    13: "unwind",
    14: "funding index",
    15: "wealth debit",
}
FILLS = {1, 2, 3, 4, 13}
POSITIONS = {*FILLS, 6, 14}
FEE, UNCOVERED, DEPOSIT, WITHDRAWAL, INDEX = 5, 9, 10, 11, 14
_MASK, _START, _FACTOR = (1 << 64) - 1, 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93


def chain_step(chain: int, ledger: int) -> int:
    """One link: ``h = (chain xor ledger) * factor mod 2**64``, then ``h xor (h >> 32)``."""
    h = ((chain ^ ledger) * _FACTOR) & _MASK
    return h ^ (h >> 32)


class Fold:
    """The ledger as dictionaries; `faults` collects what a posting broke, one sentence each.

    Args:
        opening: columns account, owner, contract, balance, lots, entry, lotsf.
        units: micro-units per tick and lot, by contract.
        at_most: how many faults to keep.
    """

    def __init__(self, opening: pa.Table, units: list[int], at_most: int = 5) -> None:
        self.units, self.at_most, self.faults = units, at_most, list[str]()
        self.balance: dict[int, int] = {}
        self.positions: dict[int, dict[int, list[int]]] = {}
        self.index = [0] * len(units)
        self.open_lots = [0] * len(units)
        self.fees = self.uncovered = self.deposits = 0
        self._sorted: list[int] = []
        names = ("account", "owner", "contract", "balance", "lots", "entry", "lotsf")
        for account, owner, contract, balance, lots, entry, lotsf in zip(*(opening[n].to_pylist() for n in names), strict=True):
            if account // OWNER_ACCOUNTS != owner:
                self._fault(f"opening: account {account} does not belong to owner {owner}")
            if contract < 0:
                self._account(account)
                self.balance[account] += balance
            else:
                self._add(account, contract, lots, entry, lotsf)
        for contract, lots in enumerate(self.open_lots):
            if lots:
                self._fault(f"opening: the lots of contract {contract} sum to {lots} instead of zero")
        worths = list(self._worths())
        self.fund_start = sum(value for account, value in worths if account < OWNER_ACCOUNTS)
        self.deposits = sum(value for account, value in worths if account >= OWNER_ACCOUNTS)

    def run(self, journal: pa.Table, ticks: list[int]) -> Iterator[int]:
        """Posts the journal and pauses after each of the ascending `ticks`; after the last one, what is left is posted too."""
        names = ("tick", "code", "account", "contract", "d_balance", "d_lots", "d_entry", "d_lotsf", "price", "event")
        rows = zip(*(journal[n].to_pylist() for n in names), strict=True)
        waiting, last_tick, last_event, residual = iter(ticks), 0, None, 0
        pause = next(waiting, None)
        touched: list[tuple[int, int]] = []
        for tick, code, account, contract, d_balance, d_lots, d_entry, d_lotsf, price, event in rows:
            if event != last_event:
                if last_event is not None:
                    self._close_event(last_tick, last_event, residual, touched)
                    if event < last_event or tick < last_tick:
                        self._fault(f"tick {tick}, event {event}: the journal is out of order")
                residual, touched = 0, []
                while pause is not None and pause < tick:
                    yield pause
                    pause = next(waiting, None)
                last_event, last_tick = event, tick
            elif tick != last_tick:
                self._fault(f"tick {tick}, event {event}: the journal is out of order")
            if code == INDEX:
                self.index[contract] += d_lotsf
                residual += d_balance - d_entry
                continue
            if contract >= 0:
                self._check_fill(tick, event, code, account, contract, d_balance, d_lots, d_entry, d_lotsf, price)
                self._add(account, contract, d_lots, d_entry, d_lotsf)
                touched.append((account, contract))
            else:
                self._account(account)
            if code not in POSITIONS and (contract, d_lots, d_entry, d_lotsf, price) != (-1, 0, 0, 0, 0):
                self._fault(f"tick {tick}, event {event}: the {NAMES.get(code, 'posting')} of account {account} carries more than money")
            self.balance[account] += d_balance
            residual += d_lotsf - d_entry
            if code == FEE:
                self.fees -= d_balance
            elif code == UNCOVERED:
                self.uncovered += d_balance
            elif code in (DEPOSIT, WITHDRAWAL):
                self.deposits += d_balance
            else:
                residual += d_balance
                if code not in NAMES:
                    self._fault(f"tick {tick}, event {event}: there is no posting with code {code}")
        if last_event is not None:
            self._close_event(last_tick, last_event, residual, touched)
        while pause is not None:
            yield pause
            pause = next(waiting, None)

    def ledger_hash(self) -> int:
        """64-bit hash over the accrued ledger, accounts in identity order and their positions in contract order."""
        h, mask, factor, index = _START, _MASK, _FACTOR, self.index
        for account in self._sorted:
            held = [(c, p) for c, p in sorted(self.positions[account].items()) if p[0]]
            accrued = self.balance[account] - sum(lots * index[c] - lotsf for c, (lots, _, lotsf) in held)
            cells = [accrued]
            for c, (lots, entry, _) in held:
                cells += (c, lots, entry)
            for x in cells:
                h = ((h ^ (x & mask)) * factor) & mask
                h ^= h >> 32
        for x in (self.fees, self.uncovered, *index):
            h = chain_step(h, x & mask)
        return h

    def equity(self, marks: list[int]) -> dict[int, int]:
        """Equity of every owner at the given marks (ticks by contract), micro-units."""
        equity: dict[int, int] = {}
        for account in self._sorted:
            worth = self.balance[account]
            for c, (lots, entry, lotsf) in self.positions[account].items():
                worth += lots * marks[c] * self.units[c] - entry - lots * self.index[c] + lotsf
            owner = account // OWNER_ACCOUNTS
            equity[owner] = equity.get(owner, 0) + worth
        return equity

    def _worths(self) -> Iterator[tuple[int, int]]:
        """What each account adds to the conserved sum: ``balance - entry + lotsf``; prices and funding cancel, because lots sum to zero."""
        for account, balance in self.balance.items():
            yield account, balance + sum(lotsf - entry for _, entry, lotsf in self.positions[account].values())

    def _account(self, account: int) -> None:
        if account not in self.balance:
            self.balance[account], self.positions[account] = 0, {}
            insort(self._sorted, account)

    def _add(self, account: int, contract: int, lots: int, entry: int, lotsf: int) -> None:
        self._account(account)
        cell = self.positions[account].setdefault(contract, [0, 0, 0])
        cell[0] += lots
        cell[1] += entry
        cell[2] += lotsf
        self.open_lots[contract] += lots

    def _check_fill(
        self, tick: int, event: int, code: int, account: int, c: int, balance: int, lots: int, entry: int, lotsf: int, price: int
    ) -> None:
        """A fill moves value at its price: ``d_balance + d_lotsf - d_entry = lots * (F - price * unit)``."""
        if code in FILLS and balance + lotsf - entry != lots * (self.index[c] - price * self.units[c]):
            self._fault(f"tick {tick}, event {event}: the {NAMES[code]} of account {account} is not booked at its price of {price} ticks")

    def _close_event(self, tick: int, event: int, residual: int, touched: list[tuple[int, int]]) -> None:
        if residual:
            self._fault(f"tick {tick}, event {event}: {residual} micro-units come from nowhere, conservation is broken")
        for account, contract in touched:
            lots, entry, lotsf = self.positions[account][contract]
            if self.open_lots[contract]:
                self._fault(
                    f"tick {tick}, event {event}: the lots of contract {contract} sum to {self.open_lots[contract]} instead of zero"
                )
                self.open_lots[contract] = 0
            if not lots and (entry or lotsf):
                self._fault(f"tick {tick}, event {event}: account {account} holds no lots of contract {contract}, yet an entry value")

    def _fault(self, sentence: str) -> None:
        self.faults.append(sentence)
        del self.faults[self.at_most :]
