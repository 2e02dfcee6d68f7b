"""The same haircut for every winner, up to a largest one."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion
from adlabm.contracts import Param


class CappedProRata(Policy):
    """Pro rata by water-filling: nobody loses more than a share of its profit, nor falls below a multiple of its maintenance margin.

    Formula: x_i = w_i min(eta, beta_i), sum(x) = amount; beta_i = min(highest, max(0, e_i - margins M_i) / w_i), e equity, M maintenance.
    Units: wealth by nature; in contract space the same haircuts on quantities.
    Source: ADL notes 1.2; MetaFlux for the floor at maintenance margin.
    Known for: what the caps do not allow is a shortfall, never a larger haircut.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> table = {"id": [1, 2], "pnl": [8, 4], "equity": [20, 2], "maintenance_margin": [1, 1]}
        >>> allocate("capped-pro-rata", 5, table).tolist()
        [4.0, 1.0]
    """

    key = "capped-pro-rata"
    unit = "wealth"
    needs = ("pnl", "equity", "maintenance_margin")
    highest = Param(0.5, low=0.0, high=1.0, unit="share", doc="largest haircut of anybody", source="own choice")
    margins = Param(1.0, low=0.0, high=1000.0, unit="multiples", doc="maintenance margins that every account keeps", source="MetaFlux: one")

    def limits(self, table: Candidates) -> Column:
        spare = np.maximum(table.equity - self.margins * table.maintenance_margin, 0.0)
        endowments = table.endowments()
        shares = np.divide(spare, endowments, out=np.ones_like(spare), where=endowments > 0)
        return np.minimum(shares, self.highest)

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_proportion(amount, sizes, caps)
