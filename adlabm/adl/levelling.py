"""The largest winners are cut down to one level."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import at_level


class Levelling(Policy):
    """Leaves nobody with more than one common level.

    Formula: x_i = max(0, w_i - k), sum(x) = amount: constrained equal awards on what survives, s_i = min(w_i, k).
    Units: wealth by nature; in contract space quantities are levelled.
    Source: bankruptcy theory (CEA: Aumann and Maschler 1985; Herrero and Villar 2001).
    Known for: the smallest largest survivor, hence a lower bound of PTSR for all rules; splitting an account lowers what it loses.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("levelling", 7.5, {"id": [1, 2, 3], "pnl": [8, 4, 0.5], "equity": [9, 9, 9]}).tolist()
        [5.75, 1.75, 0.0]
    """

    key = "levelling"
    unit = "wealth"

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return at_level(amount, sizes * 1.0, np.ones(len(sizes)), caps)
