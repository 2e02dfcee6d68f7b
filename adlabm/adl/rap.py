"""Risk-aware pro rata: the haircut rises with leverage."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.scores import leverage
from adlabm.adl.shares import by_weight
from adlabm.contracts import Param


class Rap(Policy):
    """A haircut in proportion to leverage times a weight of leverage.

    Formula: x_i = w_i min(tau omega_i, 1), omega = l g(l), g(l) = max(0, l - above)^power, l = |q| mark / equity; tau by water-filling.
    Units: wealth by nature; in contract space the same haircuts on quantities.
    Source: arXiv 2512.01112 (g = l, g = l^c, and the CVaR form g = max(0, l - t)); power 0 is its rule "leverage times PnL".
    Differs from the source in: the printed leverage-times-PnL formula does not add up under caps, this one does; who has no weight
        pays, pro rata, only after everybody else has lost all.
    Known for: order-preserving among equals in leverage only; not the optimum of the linear next-deficit objective (greedy-risk is).

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> table = {"id": [1, 2], "pnl": [1, 1], "equity": [1, 1], "quantity": [2, 1], "mark_price": [1, 1]}
        >>> allocate("rap", 0.9, table, power=0).round(9).tolist()
        [0.6, 0.3]
    """

    key = "rap"
    unit = "wealth"
    needs = ("quantity", "mark_price", "equity")
    power = Param(1, low=0, high=8, doc="exponent c of the weight g", source="arXiv 2512.01112: g(l) = l")
    above = Param(0.0, low=0.0, high=1000.0, doc="leverage t up to which the weight g is zero", source="arXiv 2512.01112: none")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        levels = leverage(table)
        weights = levels * 1.0
        for _ in range(self.power):
            weights = weights * np.maximum(levels - self.above, 0.0)
        return by_weight(amount, np.where(sizes > 0, weights, 0.0) * sizes, caps)
