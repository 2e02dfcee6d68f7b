"""The loss is shared by all open contracts."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import by_weight


class SocialisedLoss(Policy):
    """The same charge on every open contract; no position is closed.

    Formula: x_i = min(cap_i, delta |q_i|), sum(x) = amount; without caps delta = amount / sum(|q|).
    Units: wealth by nature; in contract space the same share of every position.
    Source: Drift v2, `resolve_perp_bankruptcy`: the loss is added to the cumulative funding of both sides (venue notes 3.8).
    Differs from the source in: nobody gives more than its endowment; Drift rounds delta up, here amounts add up. Who is a row of the
        table pays: give both sides for Drift's rule.
    Known for: a loss of 100 on 7 contracts long and 4 short costs 9.0909 per contract.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("socialised-loss", 11, {"id": [1, 2], "quantity": [7, -4], "pnl": [20, 20], "equity": [20, 20]}).tolist()
        [7.0, 4.0]
    """

    key = "socialised-loss"
    unit = "wealth"
    needs = ("quantity",)
    losers = True

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return by_weight(amount, np.abs(table.quantity), caps)
