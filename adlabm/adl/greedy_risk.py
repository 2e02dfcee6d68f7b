"""The riskiest winners first."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.scores import leverage
from adlabm.adl.shares import best_first, in_order


class GreedyRisk(Policy):
    """Takes all from whoever adds most to the next expected deficit per unit taken, then from the next.

    Formula: order by risk density rho(l) = l psi(1 / l) descending, psi(u) = E[max(0, -u - Z)], Z the next return. As
        rho(l) = E[max(0, -1 - l Z)] rises with l for every law of Z, this is the order by leverage l = |q| mark / equity; tie: lower id.
    Units: wealth by nature; in contract space the same order closes positions.
    Source: arXiv 2512.01112, the optimum of its linear next-deficit objective (which it claims for RAP).
    Known for: with w = (1, 1), rho = (2, 1) and an amount of 0.9 it removes 1.8 of risk, RAP 1.5.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> table = {"id": [1, 2], "pnl": [1, 1], "equity": [1, 1], "quantity": [2, 1], "mark_price": [1, 1]}
        >>> allocate("greedy-risk", 0.9, table).tolist()
        [0.9, 0.0]
    """

    key = "greedy-risk"
    unit = "wealth"
    needs = ("quantity", "mark_price", "equity")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_order(best_first(leverage(table), table.id), amount, caps)
