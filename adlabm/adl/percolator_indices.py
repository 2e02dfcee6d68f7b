"""Percolator's A and K: every open contract of the side shares what is closed and what is lost."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import by_weight, rounded
from adlabm.contracts import Param


class PercolatorIndices(Policy):
    """The same share of every position closes, the same loss falls on every contract, by two indices of the side.

    Formula: A <- A (OI - Q) / OI, so k_i = |q_i| Q / OI; K <- K - D / OI, so x_i = |q_i| D / OI; OI = sum(|q|).
    Units: contracts by nature (Q, index A); in wealth space the loss per contract (D, index K), each up to its endowment.
    Source: Percolator specification (aeyakovenko/percolator, Apache-2.0; fork v16.8.3).
    Differs from the source in: Percolator rounds at everybody's next touch and keeps the dust, at most one lot each; here whole lots are
        rounded down and the dust goes to the lower identities, so that amounts add up.
    Inside the market: what the closed positions still owe, beyond the fund's cash, is the D of index K, and falls on the side's open
        contracts, each account up to its equity. A side whose A is below `drains_below` may only shrink, until nobody holds a contract.
    Known for: one update however many accounts there are; equal to contract pro rata but for the dust.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("percolator-indices", 20, {"id": [1, 2, 3], "quantity": [51, 30, 19]}).tolist()
        [11.0, 6.0, 3.0]
    """

    key = "percolator-indices"
    unit = "contracts"
    needs = ("quantity",)
    losers = True
    charges_deficit = True
    drains_below = Param(0.0, 0.0, 1.0, "share", "inside the market a side may only shrink while A is below this (0: never)", "D: never")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        ideal = by_weight(float(amount), np.abs(table.quantity), caps.astype(np.float64))
        return ideal if caps.dtype.kind == "f" else rounded(amount, ideal, caps, largest=False)
