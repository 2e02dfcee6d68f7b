"""What venues differ in when they reckon liquidation and bankruptcy prices: the table [[margin]] of a venue file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from adlabm.schema import Table, problem

Share = Literal["all", "value", "maintenance"]


class MarginRule(Table):
    """One row: `contracts` and `mode` say for which positions it holds; a position takes the first row that fits it.

    `maintenance_at`: whether maintenance margin is of the notional at the mark, or frozen at the entry price.
    `closing_fee`: share of the notional that is asked on top of maintenance margin, for closing; `closing_fee_at`: the price at which it is
    taken. A fee taken at the bankruptcy price is part of that price too.
    `liquidation_share`, `bankruptcy_share`: what of a cross account's equity stands behind one position when the price in question is
    reckoned: all of it, with the other positions held at their marks, or its share by notional value or by maintenance margin.
    """

    contracts: Literal["all", "linear", "inverse"] = "all"
    mode: Literal["all", "cross", "isolated"] = "all"
    maintenance_at: Literal["mark", "entry"] = "mark"
    closing_fee: Annotated[float, Field(strict=True, ge=0, le=0.1)] = 0.0
    closing_fee_at: Literal["mark", "bankruptcy"] = "mark"
    liquidation_share: Share = "all"
    bankruptcy_share: Share = "all"

    def fits(self, inverse: bool, isolated: bool) -> bool:
        """Whether the row holds for such a position."""
        return self.contracts in ("all", "inverse" if inverse else "linear") and self.mode in ("all", "isolated" if isolated else "cross")


def _whole(rules: tuple[MarginRule, ...]) -> tuple[MarginRule, ...]:
    """Rows of which the last, and no other, fits every position."""
    for row, rule in enumerate(rules):
        fits_all = rule.contracts == rule.mode == "all"
        if fits_all != (row == len(rules) - 1):
            raise problem("must fit all contracts and modes in its last row and in no other; leave contracts and mode out there", row)
    return rules


MarginRules = Annotated[tuple[MarginRule, ...], Field(strict=False, min_length=1), AfterValidator(_whole)]


def rule_for(rules: Sequence[MarginRule], inverse: bool, isolated: bool) -> MarginRule:
    """The first row that fits; the last one fits all."""
    return next(rule for rule in rules if rule.fits(inverse, isolated))
