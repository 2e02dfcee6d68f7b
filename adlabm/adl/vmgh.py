"""Variation-margin gains haircutting of clearing houses."""

from __future__ import annotations

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion


class Vmgh(Policy):
    """The same haircut on what everybody has gained since the default.

    Formula: x_i = h G_i, h = min(1, amount / sum(G)), G = max(0, min(gain_since_default, equity)).
    Units: wealth by nature; in contract space the same share of every quantity.
    Source: ISDA, CCP Loss Allocation at the End of the Waterfall (2013); CPMI-IOSCO 2014.
    Differs from the source in: one row per beneficial owner is expected, gains netted; nobody gives more than its equity.
    Known for: counts from the default, not from entry, and accounts that closed since then still owe: closing and opening again does
        not help.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> allocate("vmgh", 30, {"id": [1, 2, 3], "gain_since_default": [50, 10, -5], "equity": [90, 90, 90]}).tolist()
        [25.0, 5.0, 0.0]
    """

    key = "vmgh"
    unit = "wealth"
    gains = "gain_since_default"

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        return in_proportion(amount, sizes, caps)
