"""dYdX's offsetting from a random start."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.draws import draws
from adlabm.adl.shares import in_order
from adlabm.contracts import Param


class DydxOffset(Policy):
    """Down the list of holders from a random place, each to the end, the last one partly.

    Formula: order s, s + 1, ..., n, 1, ..., s - 1 of the identities, s uniform; x_(k) = min(size_(k), amount - sum of x before k).
    Units: contracts by nature; in wealth space the same order empties endowments.
    Source: dydxprotocol/v4-chain, clob/keeper/deleveraging.go (March 2026).
    Differs from the source in: no limit of 500 accounts an attempt; a holder whose bankruptcy price does not overlap is one with cap 0.
    Known for: neither profit nor leverage counts; neighbours in the list are hit together.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> sorted(allocate("dydx-offset", 5, {"id": [1, 2, 3], "quantity": [4, 4, 4]}).tolist())
        [0.0, 1.0, 4.0]
    """

    key = "dydx-offset"
    unit = "contracts"
    losers = True
    seed = Param(0, low=0, high=2**64 - 1, doc="seed of the start outside a market; inside, the run's seed decides", source="own choice")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        first = table.id[:1]
        place = rng(first) if rng else draws(self.seed, self.key, first)
        return in_order(np.roll(np.arange(len(caps)), -int(place[0] * len(caps))), amount, caps)
