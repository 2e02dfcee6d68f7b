"""Every winner gives the same share of its equity."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import by_weight


class EquityProRata(Policy):
    """Charges in proportion to the equity of the margin account, collateral and profit alike.

    Formula: x_i = min(eta e_i, cap_i), e equity; sum(x) = amount.
    Units: wealth by nature; in contract space positions close in proportion to equity.
    Source: the "equity" endowment of arXiv 2512.01112 and 2602.15182.
    Differs from the source in: nobody gives more than its endowment max(0, min(pnl, equity)), so collateral stays safe.
    Known for: the same dollars look about four times smaller than in shares of profit (10 Oct 2025: median equity / profit 4.4).

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("equity-pro-rata", 4, {"id": [1, 2], "pnl": [5, 5], "equity": [30, 10]}).tolist()
        [3.0, 1.0]
    """

    key = "equity-pro-rata"
    unit = "wealth"
    needs = ("equity",)

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return by_weight(amount, table.equity, caps)
