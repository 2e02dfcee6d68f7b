"""A queue in random order: the neutral baseline."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import best_first, in_order
from adlabm.contracts import Param


class Random(Policy):
    """One after the other in an order drawn by lot, the last one partly.

    Formula: order by (u_i, id ascending), u_i uniform on (0, 1), a pure function of seed and id; then as the queue.
    Units: contracts by nature; in wealth space the same order empties endowments.
    Source: dYdX v4 starts its list at a random place; the mean over orders is the random-arrival rule (O'Neill 1982).
    Differs from the source in: every order is equally likely, not only the rotations of a list.
    """

    key = "random"
    unit = "contracts"
    seed = Param(0, low=0, high=2**64 - 1, doc="order of the draw outside a market; inside, the run's seed decides", source="own choice")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        draws = (rng or self.draws)(table.id)
        return in_order(best_first(-draws, table.id), amount, caps)

    def draws(self, ids: Column) -> Column:
        """Uniform numbers keyed by identity: by the identity itself where it is a 32-bit whole number, else by a hash of its text."""
        from adlabm.streams import RunKey, Stream, name_word, uniforms  # compiles kernels: only for who draws

        if ids.dtype.kind != "i" or ((ids < 0) | (ids >= 2**32)).any():
            ids = np.array([name_word(str(each)) for each in ids.tolist()], np.int64)
        return uniforms(RunKey.from_seed(self.seed), Stream.POLICY, name_word(self.key), ids)
