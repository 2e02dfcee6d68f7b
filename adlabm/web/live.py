"""A market under way, seen as a report sees a finished run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from adlabm.exchange.candidates import ROW, Pool
from adlabm.exchange.records import events_table, series_table, traders_table
from adlabm.exchange.result import summarise
from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.reports.tables import View
from adlabm.sweep.store import RunTables

MOST_TICKS = 1500
"""Ticks that the figures reach back."""


class Live:
    """Reads a model and changes nothing in it.

    Attributes:
        model: the market.
        settings: its resolved scenario.
    """

    def __init__(self, model: AdlModel) -> None:
        self.model, self.settings = model, model.config.resolved()
        self._opening = self._row() if model.tick == 0 else None

    def view(self) -> View:
        """The last `MOST_TICKS` of the run, from the opening on (tick -1) where they reach back so far."""
        model, records = self.model, self.model.records
        records.take_logs(model.state)
        records.take_series(model.state)
        contracts = len(model.config.contracts)
        events, (series, samples) = records.event_rows(), records.series_rows(contracts)
        first = max(model.tick - MOST_TICKS, 0)
        seen = events[np.searchsorted(events[:, col.E_TICK], first) :]
        shown = _from(first, series_table(series[first:], samples[first:], model.config))
        if first == 0 and self._opening is not None:
            shown = pa.concat_tables([self._opening, shown])
        tables = RunTables(
            traders=traders_table(model.state, model.config, model.equity_start, seen, series),
            events=events_table(seen, model.config),
            series=shown,
            summary=summarise(model, ""),
            scenario=self.settings,
            manifest={},
        )
        return View(tables, live=True)

    def positions(self) -> pd.DataFrame:
        """Every open position of a trader, first in the queue first.

        Columns: `trader`, `contract`, `side` (+1 long), `leverage` (notional / equity of its account), `profit` (unrealised profit / entry
        value), `notional` and `equity` (quote currency), `lights` (0 to 5), `place` (1 = first in the queue of its side and contract).
        """
        found = []
        for number, contract in enumerate(self.model.config.contracts):
            for side in (1, -1):
                pool, lights, place = self.model.exchange.queue(number, side)
                table = pool.table
                notional = np.abs(table.quantity) * table.mark_price
                with np.errstate(divide="ignore", invalid="ignore"):
                    columns = {
                        "trader": holders(self.model, pool),
                        "contract": contract.name,
                        "side": side,
                        "leverage": notional / table.equity,
                        "profit": table.pnl / (np.abs(table.quantity) * table.entry_price),
                        "notional": notional,
                        "equity": table.equity,
                        "lights": lights,
                        "place": place,
                    }
                found.append(pd.DataFrame(columns))
        table = pd.concat(found, ignore_index=True)
        return table[(table["trader"] >= col.SPECIAL) & (table["equity"] > 0)].sort_values(["place", "trader"], ignore_index=True)

    def sides(self) -> pd.DataFrame:
        """Who holds each side, quote currency: rows `long` and `short`; columns traders, maker, fund, ring-fenced."""
        state = self.model.state
        p, contract = state.positions, state.bands[col.B_CONTRACT]
        worth = p[col.P_LOTS] * (state.contracts[col.C_MARK] * state.contracts[col.C_UNIT])[contract] / 1e6
        owner = state.accounts[col.A_OWNER, p[col.P_ACCOUNT]]
        held = {"traders": owner >= col.SPECIAL, "maker": owner == col.MAKER, "fund": owner == col.FUND, "ring-fenced": owner == col.RING}
        rows = {name: [worth[mine & (worth > 0)].sum(), -worth[mine & (worth < 0)].sum()] for name, mine in held.items()}
        return pd.DataFrame(rows, index=["long", "short"])

    def _row(self) -> pa.Table:
        """The series as they stand before the first tick."""
        state, fund = self.model.state, self.model.exchange
        c, f = state.contracts, state.reals
        names = {col.S_INDEX: col.C_INDEX, col.S_MARK: col.C_MARK, col.S_TRADE: col.C_TRADE}
        whole, real = np.zeros((1, c.shape[1], col.SERIES_INTEGERS), np.int64), np.zeros((1, c.shape[1], col.SERIES_REALS))
        for place, column in names.items():
            whole[0, :, place] = c[column]
        value = c[col.C_MARK] * c[col.C_UNIT]
        whole[0, :, col.S_LONG] = c[col.C_LONG] * value
        whole[0, :, col.S_LONG_EX_MAKER] = (c[col.C_LONG] - c[col.C_LONG_MAKER]) * value
        whole[0, :, col.S_FUND], whole[0, :, col.S_CASH] = round(1e6 * fund.fund_equity), round(1e6 * fund.fund_cash)
        real[0, :, col.X_PREMIUM], real[0, :, col.X_RATE] = f[col.F_PREMIUM], f[col.F_RATE]
        real[0, :, col.X_BID], real[0, :, col.X_ASK] = f[col.F_DEPTH_BID], f[col.F_DEPTH_ASK]
        return _from(-1, series_table(whole, real, self.model.config))


def holders(model: AdlModel, pool: Pool) -> np.ndarray:
    """Identities of the traders behind the positions of a pool, int64[n]."""
    state = model.state
    return state.owners[col.O_IDENTITY, state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT, pool.seen[ROW]]]]


def _from(first: int, table: pa.Table) -> pa.Table:
    """The series numbered from tick `first`."""
    return table.set_column(0, "tick", pa.array(table["tick"].to_numpy() + first))
