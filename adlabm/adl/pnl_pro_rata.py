"""Every winner gives the same share of its profit."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion


class PnlProRata(Policy):
    """The same haircut for every winner.

    Formula: x_i = amount w_i / sum(w), w = max(0, min(pnl, equity)); with tighter caps x_i = min(eta w_i, cap_i).
    Units: wealth by nature; in contract space the same share of every quantity is closed (largest remainders).
    Source: arXiv 2512.01112; Percolator; the proportional rule of bankruptcy theory (O'Neill 1982).
    Known for: the smallest largest haircut; splitting or merging a claim changes nothing.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("pnl-pro-rata", 7.5, {"id": [1, 2, 3], "pnl": [8, 4, 0.5], "equity": [9, 9, 9]}).round(9).tolist()
        [4.8, 2.4, 0.3]
    """

    key = "pnl-pro-rata"
    unit = "wealth"

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_proportion(amount, sizes, caps)
