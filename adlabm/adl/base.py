"""The contract of an ADL policy, and the bookkeeping that all policies share."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from sys import float_info
from typing import ClassVar

import numpy as np

from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import covers, rising, total
from adlabm.configured import Configured
from adlabm.errors import BadInput, BrokenRule, InfeasibleBudget, unknown

UNITS = ("contracts", "wealth")
Draws = Callable[[Column], Column]
MOST = float_info.max
TINY = 1e-300
"""Below it, floats have no digits to be compared."""


class Policy(Configured):
    """Decides from whom an amount is taken. A subclass sets `key`, `unit` and `needs`, its `Param`s, and writes `split`.

    In contract space the amount is contracts and the size of a candidate is |quantity|; in wealth space it is money and the size is the
    endowment max(0, min(gain, equity)). A policy runs in either: outside its natural `unit` it uses the other size, nothing else changes.

    Attributes:
        key: name in scenarios and venues.
        unit: natural unit, "contracts" or "wealth".
        needs: columns that `split` reads, besides the sizes.
        gains: column of the gains that ADL may take in wealth space.
        losers: whether positions without profit are candidates too (inside the market).
        charges_deficit: whether, inside the market and in contract space, what closed positions still owe is charged to the side that
            is left, in proportion to its contracts.
        divisible: whether contracts are split into fractions of a lot; inside the market lots are whole all the same.
    """

    noun = "ADL policy"
    unit: ClassVar[str] = "contracts"
    needs: tuple[str, ...] = ()
    gains: ClassVar[str] = "pnl"
    losers: bool = False
    charges_deficit: bool = False
    divisible: bool = False

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        """Amounts in table order with 0 <= x <= caps and sum(x) = amount; asked only where 0 < amount < sum(caps).

        Whole numbers (int64, with an int amount) must come back as exact whole numbers, float64 as float64. The rows always come by
        identity ascending, so no result depends on the order in which they were given.
        """
        raise NotImplementedError

    def limits(self, table: Candidates) -> Column | None:
        """Largest haircut of every candidate, a share of its size in [0, 1]; None where all may be taken."""
        return None

    def columns(self, unit: str | None = None) -> tuple[str, ...]:
        """The columns that a table must have for this policy in `unit`."""
        sizes = ("quantity",) if self._space(unit) == "contracts" else (self.gains, "equity")
        return tuple(dict.fromkeys((*self.needs, *sizes)))

    def allocate(
        self,
        amount: float,
        table: Candidates,
        *,
        lot: float = 1.0,
        cap: Column | None = None,
        rng: Draws | None = None,
        unit: str | None = None,
    ) -> Column:
        """Allocate `amount` (contracts, or quote currency in wealth space).

        Args:
            amount: finite, at or above zero.
            table: the candidates, n rows.
            lot: smallest number of contracts; in wealth space it plays no part.
            cap: float64[n], most that each candidate can give (default and upper bound: its size).
            rng: uniform draws keyed by identity, for policies that draw.
            unit: "contracts" or "wealth" (default: the policy's own).

        Returns:
            float64[n] in table order; in contract space whole multiples of `lot`, unless the policy is `divisible`.

        Raises:
            InfeasibleBudget: the candidates cannot give the whole amount; `.amounts` and `.shortfall` say what they can.
        """
        unit = self._space(unit)
        if not (isinstance(amount, Real) and isinstance(lot, Real) and 0 <= amount <= MOST and 0 < lot <= MOST):
            raise BadInput(
                f"Policy {self.key!r} cannot allocate {amount} in lots of {lot}; the amount must be finite and >= 0, the lot > 0."
            )
        sizes = np.abs(table.quantity) if unit == "contracts" else table.endowments(self.gains)
        cap = sizes if cap is None else np.clip(cap, 0.0, sizes)
        if unit == "contracts" and not self.divisible:
            request, caps, lots = (whole_lots(values, lot) for values in (np.array([amount]), cap, sizes))
            amounts = np.minimum(self.allocate_lots(int(request[0]), table, caps, rng, lots) * lot, cap)
        else:
            amounts = self._fill(float(amount), sizes, cap, table, rng)
        if amount - amounts.sum() > 1e-12 * amount + (1e-9 * lot if unit == "contracts" else 0.0):
            shortfall = float(amount) - total(amounts)
            raise InfeasibleBudget(
                f"Policy {self.key!r} can take {total(amounts):g} of the {amount:g} asked for ({unit}); {shortfall:g} is left uncovered.",
                amounts,
                shortfall,
            )
        return amounts

    def allocate_lots(self, lots: int, table: Candidates, caps: Column, rng: Draws | None = None, sizes: Column | None = None) -> Column:
        """Contract space inside the market: whole lots, exactly `lots` or all that the caps allow; never raises for want of candidates.

        Args:
            lots: to be closed.
            table: the candidates.
            caps: int64[n], most lots that each can give.
            rng: uniform draws keyed by identity.
            sizes: int64[n], lots each one holds (default: the caps).

        Returns:
            int64[n] in table order.
        """
        sizes = caps if sizes is None else sizes
        return self._fill(int(lots), sizes, np.clip(caps, 0, sizes), table, rng)

    def allocate_micro(self, amount: int, table: Candidates, caps: Column, rng: Draws | None = None, sizes: Column | None = None) -> Column:
        """Wealth space inside the market: micro-units, caps and sizes too; otherwise as `allocate_lots`."""
        return self.allocate_lots(amount, table, caps, rng, sizes)

    def _fill(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        """All that the caps allow, nothing, or the policy's split of the rows by identity."""
        shares = self.limits(table)
        if shares is not None:
            caps = np.minimum(caps, (shares * sizes).astype(caps.dtype))
        if not covers(caps, amount):
            return caps.copy()
        if amount <= 0:
            return np.zeros_like(caps)
        if rising(table.id):
            return self._kept(self.split(amount, sizes, caps, table, rng), amount, caps)
        order, read = np.argsort(table.id, kind="stable"), {*self.columns("contracts"), *self.columns("wealth")}
        amounts = np.empty_like(caps)
        amounts[order] = self._kept(self.split(amount, sizes[order], caps[order], table.take(order, read), rng), amount, caps[order])
        return amounts

    def _kept(self, amounts: Column, amount: float, caps: Column) -> Column:
        """The split, refused where the rule breaks its promise."""
        kind, slack = caps.dtype.kind, 0 if caps.dtype.kind == "i" else 1e-9 * amount + 1e-15 * caps.sum() + TINY
        if getattr(amounts, "shape", None) != caps.shape or amounts.dtype.kind != kind:
            words = "whole numbers" if kind == "i" else "float64"
            raise BrokenRule(f"ADL policy {self.key!r} must split into {len(caps)} {words}, one a row; mend its `split`.")
        if (amounts < 0).any() or (amounts > caps + slack).any() or abs(amounts.sum() - amount) > slack:
            found = f"{amounts.sum()}, from {amounts.min()} to {amounts.max()} a row"
            cure = "the parts must lie between 0 and the caps and add up; mend its `split`"
            raise BrokenRule(f"ADL policy {self.key!r} split {amount} into {found}; {cure}.")
        return amounts

    def _space(self, unit: str | None) -> str:
        if unit not in (None, *UNITS):
            raise unknown("unit", unit, UNITS, f"ADL policy {self.key!r}")
        return unit or self.unit


def whole_lots(quantities: Column, lot: float) -> Column:
    """The whole lots in quantities >= 0, int64; forgives the rounding of decimal fractions (0.3 / 0.1 is 3 lots)."""
    lots = np.floor(quantities / lot * (1 + 1e-15) + 1e-9)
    if len(lots) and not lots.max() < 2**62 / len(lots):
        raise BadInput(f"A quantity of {quantities.max():g} in lots of {lot:g} is beyond 64-bit arithmetic; use a larger lot.")
    return lots.astype(np.int64)
