"""Partial tear-up of clearing houses."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion


class PartialTearUp(Policy):
    """The same share of every opposite position, of winners and losers alike, ends.

    Formula: k_i = amount |q_i| / sum(|q|), whole lots by largest remainders (tie: lower id).
    Units: contracts by nature; in wealth space the same share of every endowment.
    Source: CPMI-IOSCO, Recovery of financial market infrastructures (2014); ISDA 2013.
    Differs from the source in: the price is the venue's choice; clearing houses tear up at the last mark, without any further loss.
    Known for: no score, no profit and no leverage plays a part.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("partial-tear-up", 5, {"id": [1, 2, 3], "quantity": [-10, -6, -4]}).tolist()
        [3.0, 1.0, 1.0]
    """

    key = "partial-tear-up"
    unit = "contracts"
    losers = True

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_proportion(amount, sizes, caps)
