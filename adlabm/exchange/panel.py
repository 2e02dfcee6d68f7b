"""Every trader at every tick, for those who want whole histories: a collector for `AdlModel(..., datacollector=...)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from adlabm.kernels import columns as col
from adlabm.kernels.panel import record

if TYPE_CHECKING:
    from adlabm.model import AdlModel

COLUMNS = ("equity", "notional", "profit")


class Panel:
    """Equity, notional and open profit of every trader after every tick, as a balanced panel.

    Units: quote currency, float32; 12 bytes per trader and tick. Notional is the sum of |quantity| x mark over the trader's positions,
    profit the sum of their open profits, less accrued funding; leverage is notional / equity.

    Example:
        >>> panel = ad.Panel()  # doctest: +SKIP
        >>> ad.AdlModel("crash", rng=7, datacollector=panel).run()  # doctest: +SKIP
        >>> panel.frame().groupby("tick")["equity"].median()  # doctest: +SKIP
    """

    def __init__(self) -> None:
        self.ticks: list[int] = []
        self._values = np.zeros((0, len(COLUMNS), 0), np.float32)
        self._traders = np.zeros(0, np.int64)

    def collect(self, model: AdlModel) -> None:
        """Note how all traders stand; the model calls this before the first and after every tick."""
        if not self.ticks:
            self._traders = model.state.owners[col.O_IDENTITY, col.SPECIAL :].copy()
            self._values = np.empty((model.config.ticks - model.tick + 1, len(COLUMNS), self._traders.size), np.float32)
        record(model.market, self._values[len(self.ticks)])
        self.ticks.append(model.tick)

    @property
    def traders(self) -> NDArray[np.int64]:
        """Identities, ascending; (traders,)."""
        return np.sort(self._traders)

    def __getitem__(self, column: str) -> NDArray[np.float32]:
        """One column, (ticks noted, traders): a row per tick of `ticks`, a column per trader of `traders`."""
        return self._values[: len(self.ticks), COLUMNS.index(column)][:, np.argsort(self._traders, kind="stable")]

    def frame(self) -> pd.DataFrame:
        """One row per tick and trader: tick, trader, equity, notional, profit."""
        ticks, traders = np.repeat(self.ticks, self._traders.size), np.tile(self.traders, len(self.ticks))
        return pd.DataFrame({"tick": ticks, "trader": traders, **{name: self[name].ravel() for name in COLUMNS}})
