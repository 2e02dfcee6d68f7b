"""Closes so that the largest leverage left is smallest."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.scores import leverage
from adlabm.adl.shares import at_level, by_weight


class MinimaxLeverage(Policy):
    """Cuts every position down to one common leverage.

    Formula: x_i = max(0, |q_i| - L e_i / mark) = |q_i| max(0, 1 - L / l_i), l_i = |q_i| mark / e_i; L such that sum(x) = amount.
    Units: contracts by nature; in wealth space the same haircuts on endowments.
    Source: arXiv 2603.15963 (Campbell, Hey, Moallemi, Nutz), single asset.
    Differs from the source in: an account without equity comes before all others, one without leverage after them.
    Known for: closing Q1 and then Q2 is closing Q1 + Q2; splitting an account changes nothing.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> table = {"id": [1, 2, 3], "quantity": [10, 10, 10], "mark_price": [1, 1, 1], "equity": [1, 2, 10]}
        >>> allocate("minimax-leverage", 8, table).tolist()
        [6.0, 2.0, 0.0]
    """

    key = "minimax-leverage"
    unit = "contracts"
    needs = ("quantity", "mark_price", "equity")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        levels = leverage(table)
        lots_per_leverage = np.divide(sizes, levels, out=np.zeros(len(sizes)), where=levels > 0)

        def to_one_leverage(left: float, rows: Column) -> Column:
            return at_level(left, sizes[rows] * 1.0, lots_per_leverage[rows], caps[rows])

        return by_weight(amount, levels, caps, to_one_leverage)
