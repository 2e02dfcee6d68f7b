"""A queue in random order: the neutral baseline."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.draws import draws
from adlabm.adl.shares import best_first, in_order
from adlabm.contracts import Param


class Random(Policy):
    """One after the other in an order drawn by lot, the last one partly.

    Formula: order by (u_i, id ascending), u_i uniform on (0, 1), a pure function of seed and id; then as the queue.
    Units: contracts by nature; in wealth space the same order empties endowments.
    Source: a neutral baseline of the ADL notes (1.6); the mean over orders is the random-arrival rule (O'Neill 1982).
    Known for: fair before the draw, and only then.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> sorted(allocate("random", 5, {"id": [1, 2, 3], "quantity": [4, 4, 4]}).tolist())
        [0.0, 1.0, 4.0]
    """

    key = "random"
    unit = "contracts"
    seed = Param(0, low=0, high=2**64 - 1, doc="seed of the order outside a market; inside, the run's seed decides", source="own choice")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        places = rng(table.id) if rng else draws(self.seed, self.key, table.id)
        return in_order(best_first(-places, table.id), amount, caps)
