"""Pro rata by score instead of a queue by score."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.scores import leverage
from adlabm.adl.shares import by_weight
from adlabm.contracts import Param


class BulkScoreProRata(Policy):
    """Everybody pays in proportion to a mean of profit and leverage.

    Formula: x_i = min(cap_i, eta pnl_i^bias l_i^(1 - bias)), sum(x) = amount, l = |q| mark / equity; losers have no score.
    Units: contracts by nature; in wealth space the same weights on endowments.
    Source: BULK (venue notes S12: pnl^w lev^(1-w) as pro-rata weight, w = adl_bias).
    Differs from the source in: its documents do not say what happens at the caps; here the rest is filled up by the others in proportion.
    Known for: size does not matter but through profit: bias 0 charges equal leverage equally.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> table = {"id": [1, 2], "quantity": [40, 10], "mark_price": [1, 1], "equity": [10, 10], "pnl": [4, 1]}
        >>> allocate("bulk-score-pro-rata", 10, table).tolist()
        [8.0, 2.0]
    """

    key = "bulk-score-pro-rata"
    unit = "contracts"
    needs = ("quantity", "mark_price", "equity", "pnl")
    bias = Param(0.5, low=0.0, high=1.0, doc="exponent of profit; leverage has the rest", source="own choice: BULK publishes no value")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        from adlabm.kernels.mathx import power  # the same on every machine; compiled, so only for who needs it

        weights = np.zeros(len(caps))
        for row, (profit, level) in enumerate(zip(table.pnl.tolist(), leverage(table).tolist(), strict=True)):
            if profit > 0 and level > 0:
                weights[row] = power(profit, self.bias) * (power(level, 1.0 - self.bias) if level < np.inf else np.inf)
        return by_weight(amount, weights, caps)
