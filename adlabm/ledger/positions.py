"""Positions as users give them, checked, and brought to one form: an inverse contract is a linear one of opposite sign in 1 / price.

Linear, q contracts (signed) entered at e: U = q (p - e) in quote currency, notional |q| p. Inverse, q contracts of one unit of quote
currency: U = q (1/e - 1/p) coins, notional |q| / p coins, which is linear in x = 1/p with -q contracts. What follows in this folder is
written once, in x. A contract is one unit of the underlying (linear) or of quote currency (inverse): where the venue's contract is
another amount, multiply by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adlabm.errors import BadInput, did_you_mean, unknown

REQUIRED = ("contract", "quantity", "entry_price")
ALLOWED = (*REQUIRED, "mark_price", "maintenance_margin_rate", "maintenance_amount", "inverse", "fee")


def profit(quantity: float, entry_price: float, price: float, inverse: bool = False) -> float:
    """Profit of a position: q (p - e) in quote currency, or q (1/e - 1/p) coins of an inverse contract; quantity is signed.

    Source: bitmex.com/app/perpetualContractsGuideExamples.

    Example:
        >>> profit(15_000, 750, 800, inverse=True)
        1.25
    """
    return quantity * (1 / entry_price - 1 / price) if inverse else quantity * (price - entry_price)


@dataclass(frozen=True)
class Position:
    """A checked position in x, which is the price of a linear contract and 1 / price of an inverse one.

    Attributes:
        quantity: signed, float; the sign is turned round for an inverse contract.
        entry, mark: in x; mark is None where it was not given.
        rate, amount: of the maintenance margin, where the user gave them instead of the venue's tiers.
        fee: closing fee as a share of the notional, None for the venue's own.
    """

    contract: str
    inverse: bool
    quantity: float
    entry: float
    mark: float | None
    rate: float | None
    amount: float
    fee: float | None

    def profit(self, x: float) -> float:
        """Unrealised profit in settlement currency at x."""
        return self.quantity * (x - self.entry)

    def notional(self, x: float) -> float:
        """Notional in settlement currency at x."""
        return abs(self.quantity) * x


def read_position(given: Mapping[str, Any], where: str, is_inverse: Callable[[str], bool]) -> Position:
    """The position of a mapping; `is_inverse` tells a contract's own kind, which the mapping may override."""
    _check(given, where)
    inverse = given.get("inverse", is_inverse(given["contract"]))
    optional = {key: float(given[key]) if key in given else None for key in ("mark_price", "maintenance_margin_rate", "fee")}
    return Position(
        contract=given["contract"],
        inverse=inverse,
        quantity=float(given["quantity"]) * (-1 if inverse else 1),
        entry=in_x(float(given["entry_price"]), inverse),
        mark=None if optional["mark_price"] is None else in_x(optional["mark_price"], inverse),
        rate=optional["maintenance_margin_rate"],
        amount=float(given.get("maintenance_amount", 0.0)),
        fee=optional["fee"],
    )


def in_x(price: float, inverse: bool) -> float:
    """x of a price, and (it is its own inverse) the price of an x: 1 / price of an inverse contract."""
    if not inverse:
        return price
    return 1 / price if price else math.inf


def _check(given: Mapping[str, Any], where: str) -> None:
    if not isinstance(given, Mapping):
        raise BadInput(f"{where} is {given!r}; a position is a mapping with {', '.join(REQUIRED)}.")
    for key in REQUIRED:
        if key not in given:
            raise BadInput(f"{where} has no {key!r}{did_you_mean(key, given)}; a position needs {', '.join(REQUIRED)}.")
    for key, value in given.items():
        if key not in ALLOWED:
            raise unknown("position key", key, ALLOWED, where)
        if key == "contract" and not isinstance(value, str):
            raise BadInput(f"{where}.contract is {value!r}; it must be the contract's name.")
        if key == "inverse" and not isinstance(value, bool):
            raise BadInput(f"{where}.inverse is {value!r}; it must be true or false.")
        if key not in ("contract", "inverse"):
            check_number(f"{where}.{key}", value)
    for key in ("entry_price", "mark_price"):
        if given.get(key, 1.0) <= 0:
            raise BadInput(f"{where}.{key} is {given[key]:g}; a price must be above zero.")
    for key in ("maintenance_margin_rate", "fee"):
        if not 0 <= given.get(key, 0.0) < 1:
            raise BadInput(f"{where}.{key} is {given[key]:g}; a rate must be at least 0 and below 1.")
    if given["quantity"] == 0:
        raise BadInput(f"{where}.quantity is 0; give contracts, above zero for a long and below for a short.")
    if "maintenance_amount" in given and "maintenance_margin_rate" not in given:
        raise BadInput(f"{where} has a 'maintenance_amount' without 'maintenance_margin_rate'; give both or neither.")


def check_number(where: str, value: Any) -> None:
    """Raise `BadInput` unless the value is a finite number."""
    try:
        finite = math.isfinite(value)
    except (TypeError, OverflowError):
        finite = False
    if not finite:
        raise BadInput(f"{where} is {value!r}; it must be a finite number.")


def asked(positions: Sequence[Position], contract: str) -> list[Position]:
    """The positions in `contract`: one, or a long and a short in hedge mode."""
    found = [position for position in positions if position.contract == contract]
    if not found:
        raise unknown("position in contract", contract, {position.contract for position in positions}, "contract")
    if len(found) > 1 and (len(found) > 2 or found[0].quantity * found[1].quantity > 0):
        raise BadInput(f"The account has {len(found)} positions in {contract!r}; net them into one, or into one long and one short.")
    return found
