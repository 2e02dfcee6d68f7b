"""A trader as a Mesa agent: a view of one row of the owner table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from adlabm.kernels import columns as col
from adlabm.kernels.margin import equity_of

if TYPE_CHECKING:
    from adlabm.exchange.exchange import Notice
    from adlabm.model import AdlModel


class Trader(mesa.Agent):
    """One trader. Its numbers live in the market's tables; this object reads them.

    Subclass it and override `decide` to write a trader in plain Python: pass the class to the model for the group that should use it,
    `AdlModel(..., traders={"my group": MyTrader})`.
    Everything else (leverage, exits, clocks) stays with the group's rules.
    """

    def __init__(self, model: AdlModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.notices: list[Notice] = []

    def decide(self, contract: str) -> float:
        """What the trader wants in a contract when its clock rings.

        Direction in [-1, 1] times its leverage, 0 = flat, nan = leave the position as it is.
        """
        return float("nan")

    def notified(self, notice: Notice) -> None:
        """Called when the trader has been deleveraged; keeps the notice."""
        self.notices.append(notice)

    @property
    def identity(self) -> int:
        """Identity in all tables."""
        return int(self._owner(col.O_IDENTITY))

    @property
    def group(self) -> str:
        """Name of the trader's group."""
        return self.model.config.traders[int(self._owner(col.O_GROUP))].name

    @property
    def equity(self) -> float:
        """Equity of all the trader's accounts at the mark, quote currency."""
        return sum(equity_of(self.model.market, account) for account in self._accounts()) / 1e6

    @property
    def position(self) -> dict[str, float]:
        """Contracts held, signed, by contract name."""
        p, specs = self.model.state.positions, self.model.config.contracts
        rows = self._rows()
        return {
            specs[c].name: float(lots) * float(specs[c].lot)
            for c, lots in zip(self.model.state.bands[col.B_CONTRACT, rows], p[col.P_LOTS, rows], strict=True)
            if lots
        }

    @property
    def notional(self) -> float:
        """Sum of absolute mark values, quote currency."""
        p, c = self.model.state.positions, self.model.state.contracts
        rows = self._rows()
        contract = self.model.state.bands[col.B_CONTRACT, rows]
        return float((np.abs(p[col.P_LOTS, rows]) * c[col.C_MARK, contract] * c[col.C_UNIT, contract]).sum()) / 1e6

    @property
    def leverage(self) -> float:
        """Effective leverage: notional over equity; infinite without equity."""
        notional, equity = self.notional, self.equity
        return notional / equity if equity > 0 else (float("inf") if notional else 0.0)

    @property
    def liquidations(self) -> int:
        """How often an account of the trader entered liquidation."""
        return int(self._owner(col.O_LIQUIDATIONS))

    @property
    def adl_hits(self) -> int:
        """How often the trader was deleveraged."""
        return int(self._owner(col.O_HITS))

    def _owner(self, column: int) -> np.int64:
        return self.model.state.owners[column, self.row]

    def _rows(self) -> slice:
        first = int(self._owner(col.O_FIRST))
        return slice(first, first + int(self._owner(col.O_SEATS)))

    def _accounts(self) -> list[int]:
        p = self.model.state.positions
        return sorted({int(self._owner(col.O_WALLET)), *p[col.P_ACCOUNT, self._rows()].tolist()})
