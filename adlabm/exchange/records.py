"""What a run leaves behind: the logs of the kernels, gathered chunk by chunk, and the tables made of them.

Columns are those of the data dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from adlabm.kernels import columns as col
from adlabm.kernels.columns import State
from adlabm.ledger.valuation import account_equity, accrued_funding, owner_sums
from adlabm.scenario import Scenario
from adlabm.sweep.content import money

HORIZONS = {"markout_5m": 300, "markout_1h": 3600, "markout_24h": 86_400}
UNSIGNED = "uint64"


@dataclass
class Records:
    """Chunks of the logs, copied out of the kernels' buffers."""

    events: list[np.ndarray] = field(default_factory=list)
    postings: list[np.ndarray] = field(default_factory=list)
    series: list[np.ndarray] = field(default_factory=list)
    samples: list[np.ndarray] = field(default_factory=list)
    hashes: list[np.ndarray] = field(default_factory=list)
    rounds: list[np.ndarray] = field(default_factory=list)

    def take_logs(self, state: State) -> None:
        """Move events, postings and what the rounds met out of the buffers."""
        k = state.clock
        logs = (
            (self.events, state.events, col.K_EVENTS),
            (self.postings, state.postings, col.K_JOURNAL),
            (self.rounds, state.rounds, col.K_ROUNDS),
        )
        for rows, table, counter in logs:
            if k[counter]:
                rows.append(table[: k[counter]].copy())
                k[counter] = 0

    def take_series(self, state: State) -> None:
        """Move series and hashes out of the buffers."""
        k = state.clock
        if k[col.K_SERIES]:
            self.series.append(state.series[: k[col.K_SERIES]].copy())
            self.samples.append(state.samples[: k[col.K_SERIES]].copy())
            k[col.K_SERIES] = 0
        if k[col.K_HASHES]:
            self.hashes.append(state.hashes[: k[col.K_HASHES]].copy())
            k[col.K_HASHES] = 0

    def event_rows(self) -> np.ndarray:
        """All events, int64 (n, EVENT_COLUMNS)."""
        return np.concatenate(self.events) if self.events else np.zeros((0, col.EVENT_COLUMNS), np.int64)

    def series_rows(self, contracts: int) -> tuple[np.ndarray, np.ndarray]:
        """All series: int64 (ticks, contracts, SERIES_INTEGERS), float64 (ticks, contracts, SERIES_REALS)."""
        if not self.series:
            return np.zeros((0, contracts, col.SERIES_INTEGERS), np.int64), np.zeros((0, contracts, col.SERIES_REALS))
        return np.concatenate(self.series), np.concatenate(self.samples)


def events_table(rows: np.ndarray, scenario: Scenario) -> pa.Table:
    """events.parquet: one row per event."""
    names = np.array([contract.name for contract in scenario.contracts], object)
    lot, tick = _sizes(scenario)
    contract = rows[:, col.E_CONTRACT]
    known = contract >= 0
    at = np.maximum(contract, 0)
    lights = rows[:, col.E_KIND]
    lit = (lights == col.ADL) | (lights == col.NOTICE)
    return pa.table(
        {
            "tick": rows[:, col.E_TICK],
            "round": rows[:, col.E_ROUND],
            "time": rows[:, col.E_TIME],
            "kind": pa.array(np.array(col.KINDS, object)[rows[:, col.E_KIND]], pa.string()),
            "trader": pa.array(rows[:, col.E_TRADER], mask=rows[:, col.E_TRADER] < 0),
            "counterparty": pa.array(rows[:, col.E_OTHER], mask=rows[:, col.E_OTHER] < 0),
            "contract": pa.array(names[at], pa.string(), mask=~known),
            "quantity": pa.array(rows[:, col.E_LOTS] * lot[at], mask=~known),
            "price": pa.array(rows[:, col.E_PRICE] * tick[at], mask=rows[:, col.E_PRICE] == 0),
            "mark": pa.array(rows[:, col.E_MARK] * tick[at], mask=~known),
            "bankruptcy_price": pa.array(rows[:, col.E_BANKRUPTCY] * tick[at], mask=rows[:, col.E_BANKRUPTCY] == 0),
            "score": pa.array(np.ascontiguousarray(rows[:, col.E_SCORE]).view(np.float64), mask=~lit),
            "rank": pa.array(rows[:, col.E_RANK], mask=~lit),
            "lights": pa.array(rows[:, col.E_LIGHTS], mask=~lit),
            "amount": money(rows[:, col.E_AMOUNT]),
        }
    )


def series_table(series: np.ndarray, samples: np.ndarray, scenario: Scenario) -> pa.Table:
    """series.parquet: one row per tick and contract."""
    ticks, contracts = series.shape[:2]
    lot, tick = _sizes(scenario)
    flat, real = series.reshape(-1, col.SERIES_INTEGERS), samples.reshape(-1, col.SERIES_REALS)
    at = np.tile(np.arange(contracts), ticks)
    table: dict[str, Any] = {
        "tick": np.repeat(np.arange(ticks), contracts),
        "contract": pa.array(np.array([c.name for c in scenario.contracts], object)[at], pa.string()),
    }
    for name, column in (("index", col.S_INDEX), ("mark", col.S_MARK), ("trade", col.S_TRADE)):
        table[name] = flat[:, column] * tick[at]
    table["premium"], table["funding_rate"] = real[:, col.X_PREMIUM].copy(), real[:, col.X_RATE].copy()
    table["depth_bid"], table["depth_ask"] = real[:, col.X_BID] * lot[at], real[:, col.X_ASK] * lot[at]
    amounts = ("open_interest", "open_interest_ex_maker", "fund_equity", "fund_cash", "volume", "liquidated", "deleveraged")
    for n, name in enumerate(amounts):
        table[name] = money(flat[:, col.S_LONG + n].copy())
    return pa.table(table)


def traders_table(state: State, scenario: Scenario, equity_start: np.ndarray, events: np.ndarray, series: np.ndarray) -> pa.Table:
    """traders.parquet: one row per trader, the maker and the ring-fenced account, in the order of identity; not the fund."""
    o = state.owners
    order = np.argsort(o[col.O_IDENTITY], kind="stable")[1:]
    end = owner_sums(state, account_equity(state))
    group = o[col.O_GROUP, order]
    texts = _texts(scenario)
    table: dict[str, Any] = {"identity": o[col.O_IDENTITY, order]}
    kinds = np.where(order == col.MAKER, "maker", np.where(order == col.RING, "ring-fenced", "trader"))
    table["type"] = pa.array(kinds.astype(object), pa.string())
    for name, values in texts.items():
        table[name] = pa.array(np.array([*values, None], object)[group], pa.string())
    nobody = order < col.SPECIAL
    for name, column in (("leverage_entry", col.O_ENTRY_LEVERAGE), ("leverage_peak", col.O_PEAK_LEVERAGE)):
        table[name] = pa.array(o[column, order] / 1e9, mask=nobody)
    table["equity_start"], table["equity_end"] = money(equity_start[order]), money(end[order])
    table["deposits"] = money(o[col.O_DEPOSITS, order])
    table["pnl"] = money(end[order] - equity_start[order] - o[col.O_DEPOSITS, order])
    funding = o[col.O_FUNDING] + owner_sums(state, accrued_funding(state))
    table["fees"], table["funding"] = money(o[col.O_FEES, order]), money(funding[order])
    table["liquidations"], table["liquidated_notional"] = o[col.O_LIQUIDATIONS, order], money(o[col.O_LIQUIDATED, order])
    table["adl_hits"], table["adl_notional"] = o[col.O_HITS, order], money(o[col.O_DELEVERAGED, order])
    table["haircut"] = money(o[col.O_HAIRCUT, order])
    for name, seconds in HORIZONS.items():
        amounts, known = markouts(events, series, state.contracts[col.C_UNIT], round(seconds / scenario.tick_s))
        row = np.searchsorted(o[col.O_IDENTITY, order], events[events[:, col.E_KIND] == col.ADL, col.E_TRADER])
        total, complete = np.zeros(order.size, np.int64), np.zeros(order.size, np.bool_)
        np.add.at(total, row, amounts)
        complete[row] = True
        np.logical_and.at(complete, row, known)
        table[name] = money(total, ~complete)
    table["lights_before"] = pa.array(o[col.O_LIGHTS, order], mask=o[col.O_LIGHTS, order] == 0)
    return pa.table(table)


def markouts(events: np.ndarray, series: np.ndarray, units: np.ndarray, later: int) -> tuple[np.ndarray, np.ndarray]:
    """Of every ADL event: quantity closed (signed) x (mark `later` ticks after - close price) in micro, and whether the run lasted that
    long. A positive number was missed.
    """
    adl = events[events[:, col.E_KIND] == col.ADL]
    then = adl[:, col.E_TICK] + later
    known = then < len(series)
    at = adl[:, col.E_CONTRACT]
    mark = series[np.where(known, then, 0), at, col.S_MARK] if len(series) else np.zeros(len(adl), np.int64)
    return np.where(known, -adl[:, col.E_LOTS] * (mark - adl[:, col.E_PRICE]) * units[at], 0), known


def check_tables(opening: np.ndarray, records: Records) -> tuple[pa.Table, pa.Table, pa.Table]:
    """opening, journal and hashes of a run under --check."""
    journal = np.concatenate(records.postings) if records.postings else np.zeros((0, col.JOURNAL_COLUMNS), np.int64)
    names = ("tick", "round", "code", "account", "contract", "d_balance", "d_lots", "d_entry", "d_lotsf", "price", "event")
    hashes = np.concatenate(records.hashes) if records.hashes else np.zeros((0, 2), UNSIGNED)
    return (
        pa.table({name: opening[:, n] for n, name in enumerate(("account", "owner", "contract", "balance", "lots", "entry", "lotsf"))}),
        pa.table({name: journal[:, n] for n, name in enumerate(names)}),
        pa.table({"tick": np.arange(len(hashes)), "ledger": hashes[:, 0].copy(), "chain": hashes[:, 1].copy()}),
    )


def opening_rows(state: State) -> np.ndarray:
    """The ledger at the opening, int64 (n, 7): per account (by identity) its balance row, then its open positions."""
    a, p = state.accounts, state.positions
    rows = []
    for account in np.argsort(a[col.A_IDENTITY], kind="stable"):
        identity, owner = a[col.A_IDENTITY, account], state.owners[col.O_IDENTITY, a[col.A_OWNER, account]]
        rows.append((identity, owner, -1, a[col.A_BALANCE, account], 0, 0, 0))
        for j in range(a[col.A_FIRST, account], a[col.A_FIRST, account] + a[col.A_COUNT, account]):
            if p[col.P_LOTS, j]:
                rows.append(
                    (
                        identity,
                        owner,
                        state.bands[col.B_CONTRACT, j],
                        0,
                        p[col.P_LOTS, j],
                        p[col.P_ENTRY, j],
                        p[col.P_LOTS, j] * p[col.P_INDEX, j],
                    )
                )
    return np.array(rows, np.int64)


def _sizes(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    return np.array([float(c.lot) for c in scenario.contracts]), np.array([float(c.tick) for c in scenario.contracts])


def _texts(scenario: Scenario) -> dict[str, list[str]]:
    groups = scenario.traders
    return {
        "group": [g.name for g in groups],
        "signal": [g.signal.rule for g in groups],
        "leverage_rule": [g.leverage.rule for g in groups],
        "profit_taking": [g.profit_taking.rule for g in groups],
        "stop": [g.stop.rule for g in groups],
        "reaction": [g.reaction.rule for g in groups],
        "mode": [g.mode for g in groups],
    }
