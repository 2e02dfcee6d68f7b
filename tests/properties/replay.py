"""The books of a run, folded from its journal posting by posting: what everybody held at every event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from adlabm.kernels import columns as col
from adlabm.model import AdlModel

Seat = tuple[int, int]  # account identity, contract


class Replay:
    """Balances, lots, entry values and funding of all accounts; `events()` walks through the journal."""

    def __init__(self, model: AdlModel) -> None:
        model.records.take_logs(model.state)
        records = model.records
        self.units = model.state.contracts[col.C_UNIT].tolist()
        self.journal = np.concatenate(records.postings).tolist() if records.postings else []
        self.balance: dict[int, int] = defaultdict(int)
        self.lots: dict[Seat, int] = defaultdict(int)
        self.entry: dict[Seat, int] = defaultdict(int)
        self.paid: dict[Seat, int] = defaultdict(int)
        self.index = [0] * len(self.units)
        for account, _, contract, balance, lots, entry, paid in model.opening.tolist():
            if contract < 0:
                self.balance[account] = balance
            else:
                self.lots[account, contract], self.entry[account, contract], self.paid[account, contract] = lots, entry, paid

    def events(self) -> Iterator[list[list[int]]]:
        """The postings of one event after another; while they are looked at, the books are as before them."""
        start = 0
        for end in range(1, len(self.journal) + 1):
            if end == len(self.journal) or self.journal[end][col.J_EVENT] != self.journal[start][col.J_EVENT]:
                yield self.journal[start:end]
                for row in self.journal[start:end]:
                    self.post(row)
                start = end

    def post(self, row: list[int]) -> None:
        """One posting."""
        account, contract = row[col.J_ACCOUNT], row[col.J_CONTRACT]
        if row[col.J_CODE] == col.INDEXED:
            self.index[contract] += row[col.J_LOTS_INDEX]
            return
        self.balance[account] += row[col.J_BALANCE]
        if contract >= 0:
            self.lots[account, contract] += row[col.J_LOTS]
            self.entry[account, contract] += row[col.J_ENTRY]
            self.paid[account, contract] += row[col.J_LOTS_INDEX]

    def profit(self, account: int, contract: int, marks: list[int]) -> int:
        """Unrealised profit of a position at the marks, funding that is owed taken off (micro)."""
        seat = account, contract
        value = self.lots[seat] * (marks[contract] * self.units[contract] - self.index[contract])
        return value - self.entry[seat] + self.paid[seat]

    def equity(self, account: int, marks: list[int]) -> int:
        """Balance and unrealised profits of an account (micro)."""
        return self.balance[account] + sum(self.profit(account, contract, marks) for contract in range(len(self.units)))


def marks_met(model: AdlModel) -> dict[tuple[int, int], list[int]]:
    """The marks that the waterfall of every (tick, round) met, in ticks by contract."""
    model.records.take_logs(model.state)
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in np.concatenate(model.records.rounds).astype(np.int64).tolist() if model.records.rounds else []:
        found[row[col.V_TICK], row[col.V_ROUND]].append(row[col.V_MARK])
    return found


def events_of(model: AdlModel) -> list[list[int]]:
    """The event log as whole numbers."""
    model.records.take_logs(model.state)
    return model.records.event_rows().tolist()
