"""The integer programme that keeps the largest haircut of any account smallest."""

from __future__ import annotations

import numpy as np

from adlabm.adl.apportionment import SHIFTS, by_divisor
from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion


class MinMaxHaircut(Policy):
    """Minimises the largest haircut over accounts, in whole lots.

    Formula: minimise M subject to sum(k) = amount, k_j whole in [0, cap_j], and for every account u: sum of k_j <= M sum of size_j.
    Units: contracts by nature; wealth may be split, so there the programme is its continuous relaxation: capped pro rata over accounts.
    Source: the oracle baseline of arXiv 2602.15182.
    Differs from the source in: a lot of one contract is worth the same to all, so its value drops out; the amount is met, not exceeded.
        There CBC searches; here each lot goes to the account whose haircut it raises least (D'Hondt's method), which is known to reach
        the same M (Balinski and Young): exact, the same on every machine, and quick where a solver takes minutes. The tests ask HiGHS.
    Known for: the smallest largest haircut that whole lots allow; ties go to the lower account, the rows of an account share by size.

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> table = {"id": [1, 2, 3, 4], "account": ["a", "a", "b", "c"], "quantity": [60, 40, 1, 1]}
        >>> allocate("min-max-haircut", 2, table).tolist()
        [1.0, 1.0, 0.0, 0.0]
    """

    key = "min-max-haircut"
    unit = "contracts"
    needs = ("account",)

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        accounts, account, counts = np.unique(table.account, return_inverse=True, return_counts=True)
        held, most = np.zeros(len(accounts), sizes.dtype), np.zeros(len(accounts), caps.dtype)
        np.add.at(held, account, sizes)
        np.add.at(most, account, caps)
        whole = caps.dtype.kind == "i"
        taken = by_divisor(amount, held, most, SHIFTS["dhondt"]) if whole else in_proportion(amount, held, most)
        amounts = np.minimum(taken[account], caps)
        for number in np.flatnonzero(counts > 1):
            rows = np.flatnonzero(account == number)
            amounts[rows] = in_proportion(taken[number], sizes[rows], caps[rows])
        return amounts
