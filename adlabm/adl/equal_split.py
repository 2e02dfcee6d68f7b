"""The same number of contracts for every receiver, spilling over."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion


class EqualSplit(Policy):
    """An equal split among all receivers; what one cannot take spills over to the others.

    Formula: k_i = min(cap_i, lambda), sum(k) = amount, whole lots by lower id.
    Units: contracts by nature; in wealth space the same charge for everybody: the arithmetic of constrained-equal-losses.
    Source: Kraken's position assignment system (PAS), support.kraken.com 4819410136340.
    Differs from the source in: every candidate takes part, without opting in; a receiver's own maximum is its cap.
    Known for: size gives no voice: a trader of one lot takes as much as one of a thousand, as far as it can.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("equal-split", 10, {"id": [1, 2, 3], "quantity": [2, 30, 30]}).tolist()
        [2.0, 4.0, 4.0]
    """

    key = "equal-split"
    unit = "contracts"
    losers = True

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_proportion(amount, np.ones_like(caps), caps)
