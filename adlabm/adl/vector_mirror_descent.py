"""The published vector rule: projected steps on the haircuts."""

from __future__ import annotations

from math import sqrt

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import at_level, rounded, total
from adlabm.contracts import Param


class VectorMirrorDescent(Policy):
    """Haircuts by projected gradient steps from zero towards an even spread.

    Formula: h <- P(h - pace / sqrt(t) (h - theta)), t = 1, 2, ..., after h = P(0), theta = amount / sum(w); P projects on
        {0 <= h <= 1, w.h = amount}: h_i = clip(y_i - tau w_i, 0, cap_i / w_i). x_i = w_i h_i.
    Units: wealth by nature, w in shares of the largest; in contract space on quantities.
    Source: arXiv 2512.01112 v2, whose published run is the projection alone (no further steps).
    Differs from the source in: of its objective only the dispersion about theta is kept, whose minimum is pro rata.
    Known for: the projection from zero gives x_i in proportion to w_i^2, so the rule meant to spread the loss concentrates it.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("vector-mirror-descent", 5, {"id": [1, 2], "pnl": [8, 4], "equity": [9, 9]}).tolist()
        [4.0, 1.0]
    """

    key = "vector-mirror-descent"
    unit = "wealth"
    steps = Param(0, low=0, high=1000, doc="gradient steps after the first projection", source="arXiv 2512.01112: none")
    pace = Param(0.5, low=0.0, high=1.0, doc="size of the first step", source="own choice")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        claims, gifts = sizes.astype(np.float64), caps.astype(np.float64)
        slopes = claims * (claims / claims.max())
        haircuts, even = np.zeros(len(caps)), amount / total(sizes)
        for turn in range(self.steps + 1):
            if turn:
                haircuts = haircuts - self.pace / sqrt(turn) * (haircuts - even)
            amounts = at_level(float(amount), claims * haircuts, slopes, gifts)
            haircuts = np.divide(amounts, claims, out=np.zeros(len(caps)), where=claims > 0)
        return amounts if caps.dtype.kind == "f" else rounded(amount, amounts, caps)
