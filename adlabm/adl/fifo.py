"""First opened, first closed."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import best_first, in_order


class Fifo(Policy):
    """One after the other, the oldest position first, the last one partly.

    Formula: order by (opened_at ascending, id ascending); then as the queue.
    Units: contracts by nature; in wealth space the same order empties endowments.
    Source: a neutral baseline of the ADL notes (1.6); no venue is known to use it.
    Known for: needs neither prices nor margin, and punishes patience.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("fifo", 5, {"id": [1, 2, 3], "quantity": [4, 4, 4], "opened_at": [30, 10, 20]}).tolist()
        [0.0, 4.0, 1.0]
    """

    key = "fifo"
    unit = "contracts"
    needs = ("opened_at",)

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_order(best_first(-table.opened_at, table.id), amount, caps)
