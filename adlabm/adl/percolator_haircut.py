"""Percolator's h: profits are junior to deposits."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion


class PercolatorHaircut(Policy):
    """The same haircut on every profit that is old enough to count.

    Formula: x_i = m_i - m_i h, m = max(0, min(matured_pnl, equity)); amount = sum(m) - Res and h = min(Res, sum(m)) / sum(m), where
        Res = max(0, vault - deposits - insurance) is what is there to pay profits with.
    Units: wealth by nature; in contract space the same share of every quantity.
    Source: Percolator specification (aeyakovenko/percolator, Apache-2.0; fork v16.8.3).
    Differs from the source in: Percolator rounds what is payable down per account, here whole numbers add up to the amount.
    Known for: positions stay open; with `adl.recall = "recoverable"` the haircut ends when Res recovers.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> profits = {"id": [1, 2], "matured_pnl": [200, 150], "equity": [500, 500]}
        >>> allocate("percolator-haircut", 150, profits).round(2).tolist()  # Res is 200 of 350: payable are 114.29 and 85.71
        [85.71, 64.29]
    """

    key = "percolator-haircut"
    unit = "wealth"
    gains = "matured_pnl"

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_proportion(amount, sizes, caps)
