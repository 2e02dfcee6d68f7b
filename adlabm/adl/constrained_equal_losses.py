"""The same charge for every winner, however large."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion


class ConstrainedEqualLosses(Policy):
    """A flat charge; whoever has less gives all.

    Formula: x_i = min(cap_i, lambda), sum(x) = amount.
    Units: wealth by nature; in contract space the same number of contracts from everybody.
    Source: bankruptcy theory (Aumann and Maschler 1985; Herrero and Villar 2001).
    Known for: the most equal losses of all rules; wipes small accounts out; splitting an account raises what it loses.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("constrained-equal-losses", 7.5, {"id": [1, 2, 3], "pnl": [8, 4, 0.5], "equity": [9, 9, 9]}).tolist()
        [3.5, 3.5, 0.5]
    """

    key = "constrained-equal-losses"
    unit = "wealth"

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_proportion(amount, np.ones_like(caps), caps)
