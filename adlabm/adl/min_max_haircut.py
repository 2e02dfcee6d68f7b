"""The integer programme that keeps the largest haircut of any account smallest."""

from __future__ import annotations

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import in_proportion, total
from adlabm.errors import AdlabmError


class MinMaxHaircut(Policy):
    """Minimises the largest haircut over accounts, in whole lots.

    Formula: minimise M subject to sum(k) = amount, k_j whole in [0, cap_j], and for every account u: sum of k_j <= M sum of size_j.
    Units: contracts by nature; wealth may be split, so there the programme is its continuous relaxation: capped pro rata over accounts.
    Source: the oracle baseline of arXiv 2602.15182, solved by HiGHS (scipy.optimize.milp).
    Differs from the source in: a lot of one contract is worth the same to all, so its value drops out; the amount is met, not exceeded.
        Of the solutions with the smallest M one near to pro rata is taken, lower ids first; rows of an account share by size.
    Known for: where numbers are so large that a lot is below 1e-9 of an account, M is as exact as HiGHS's tolerances.

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
        _, account = np.unique(table.account, return_inverse=True)
        rows = [np.flatnonzero(account == each) for each in range(account.max() + 1)]
        held, most = (np.array([total(column[each]) for each in rows], caps.dtype) for column in (sizes, caps))
        order = np.arange(len(rows))
        taken = in_proportion(amount, held, most, order)
        if caps.dtype.kind == "i":
            room = most_at(amount, held, most, np.maximum(taken - 1, 0))
            taken = np.minimum(taken, room)
            taken = taken + in_proportion(amount - total(taken), room - taken, room - taken, order)
        amounts = np.zeros_like(caps)
        for number, each in enumerate(rows):
            amounts[each] = in_proportion(taken[number], sizes[each], caps[each], table.id[each])
        return amounts


def most_at(amount: int, held: Column, most: Column, least: Column) -> Column:
    """The lots that every account may give at the smallest possible largest haircut, int64.

    Nobody gives less than `least`, its quota rounded down or one below: raising somebody to there cannot raise the largest haircut. So the
    programme is about the few lots that are left: minimise m with y_u - m held_u / max(held) <= worst held_u - least_u, where `worst` is
    the largest haircut that `least` itself makes.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    open_ = np.flatnonzero(least < most)
    left, n = amount - total(least), len(open_)
    worst = max((least[held > 0] / held[held > 0]).tolist())
    limits = LinearConstraint(
        np.column_stack([np.eye(n), -held[open_] / held.max()]), ub=np.maximum(worst * held[open_] - least[open_], 0.0)
    )
    everything = LinearConstraint(np.append(np.ones(n), 0.0), left, left)
    solved = milp(
        np.append(np.zeros(n), 1.0),
        integrality=np.append(np.ones(n), 0),
        bounds=Bounds(0, np.append(np.minimum(most[open_] - least[open_], left), np.inf)),
        constraints=[limits, everything],
        options={"mip_rel_gap": 0.0, "presolve": False},  # the presolve of HiGHS in scipy 1.17 loses the optimum of some of these
    )
    if not solved.success:
        raise AdlabmError(f"The integer programme of policy 'min-max-haircut' was not solved: {solved.message}")
    given = least.copy()
    given[open_] += np.rint(solved.x[:-1]).astype(np.int64)
    worst = max(worst, max((given[open_] / held[open_]).tolist()))
    return np.maximum(given, np.clip(np.floor(worst * held * (1 + 1e-15)).astype(np.int64), least, most))
