"""Every candidate has the same share of its position closed."""

from __future__ import annotations

from adlabm.adl.apportionment import SHIFTS, by_divisor
from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion
from adlabm.contracts import Param
from adlabm.errors import unknown

ROUNDINGS = ("none", "hamilton", *SHIFTS)


class ContractProRata(Policy):
    """The same share of every position.

    Formula: k_i = Q |q_i| / sum(|q|), or min(eta |q_i|, cap_i) with tighter caps. Whole lots by `rounding`: hamilton, largest remainders;
        webster and dhondt, lot by lot to the largest |q_i| / (k_i + 1/2) and |q_i| / (k_i + 1). Ties: lower id.
    Units: contracts by nature; in wealth space the same share of every endowment.
    Source: ADL notes 1.2; Balinski and Young, Fair Representation, for the roundings.
    Differs from the source in: `none` leaves fractions of a lot on a table; inside the market, where lots are whole, it is hamilton.
    Known for: hamilton: |k_i - quota_i| < 1 lot, but one more lot in total can take a lot from somebody (Alabama paradox); webster and
        dhondt: never that, but a quota may be left by more than a lot.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> [allocate("contract-pro-rata", lots, {"id": [1, 2, 3], "quantity": [6, 6, 2]}).tolist() for lots in (10, 11)]
        [[4.0, 4.0, 2.0], [5.0, 5.0, 1.0]]
    """

    key = "contract-pro-rata"
    unit = "contracts"
    rounding = Param("hamilton", doc="none, hamilton, webster or dhondt", source="ADL notes 1.2")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        if self.rounding not in ROUNDINGS:
            raise unknown("rounding", self.rounding, ROUNDINGS, f"ADL policy {self.key!r}")
        self.divisible = self.rounding == "none"

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        if caps.dtype.kind == "i" and self.rounding in SHIFTS:
            return by_divisor(amount, sizes, caps, SHIFTS[self.rounding])
        return in_proportion(amount, sizes, caps)
