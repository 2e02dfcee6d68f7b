"""Nobody loses more than half until everybody has lost half."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import at_level, in_proportion, total


class Talmud(Policy):
    """A flat charge on one half of every claim, then levelling of the other halves.

    Formula: x_i = min(w_i / 2, lambda) while amount <= sum(w) / 2; beyond it x_i = w_i / 2 + max(0, w_i / 2 - k).
    Units: wealth by nature; in contract space on quantities, where the first half of an odd number is the smaller one.
    Source: Aumann and Maschler 1985 (the contested-garment rule of the Talmud); ADL notes 1.7.
    Known for: gains and losses are treated alike; not path independent, so it matters how a deficit is cut into waves.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("talmud", 400, {"id": [1, 2, 3], "pnl": [100, 200, 300], "equity": [300, 300, 300]}).tolist()
        [50.0, 125.0, 225.0]
    """

    key = "talmud"
    unit = "wealth"

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        halves = sizes // 2 if sizes.dtype.kind == "i" else sizes / 2
        first = np.minimum(caps, halves)
        if amount <= total(first):
            return in_proportion(amount, np.ones_like(first), first)
        return first + at_level(amount - total(first), (sizes - halves) * 1.0, np.ones(len(sizes)), caps - first)
