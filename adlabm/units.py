"""Conversions between what people write and the whole numbers of the ledger.

Prices are whole ticks, quantities whole lots, money whole micro-units (1e-6 of the quote currency), rates whole billionths. Everything
goes through Decimal: 0.1 means one tenth, also when it comes as a float.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation
from numbers import Integral, Real

from adlabm.errors import BadInput

LIMIT = 2**62  # as in kernels/integers.py, which would load the compiler
MICRO = 10**6
NANO = 10**9

Number = Decimal | int | float | str

_EXACT = Context(prec=60, traps=[InvalidOperation, Inexact])
_WIDE = Context(prec=60, traps=[InvalidOperation])


def decimal(value: Number, name: str = "value") -> Decimal:
    """The number as people write it: the shortest decimal of a float, the text of a string."""
    try:
        if isinstance(value, Integral):
            number = Decimal(int(value))
        else:
            number = Decimal(repr(float(value))) if isinstance(value, Real) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        number = Decimal("nan")
    if isinstance(value, bool) or not number.is_finite():
        raise BadInput(f"The {name} must be a finite number, not {value!r}.")
    return number


def _whole(value: Number, unit: Number, name: str, unit_name: str, exact: bool) -> int:
    """``value / unit`` as a whole number below LIMIT in magnitude; to the nearest (half to even) when not exact."""
    number, step = decimal(value, name), decimal(unit, unit_name)
    if step <= 0:
        raise BadInput(f"The {unit_name} must be above 0, not {unit}.")
    try:
        quotient = (_EXACT if exact else _WIDE).divide(number, step)
    except Inexact:
        quotient = _WIDE.divide(number, step)
        whole = False
    else:
        whole = not exact or quotient == quotient.to_integral_value()
    if not abs(quotient) < LIMIT - 1:
        raise BadInput(f"The {name} {value} is too large: it must stay below 2^62 steps of {step:f} ({unit_name}).")
    nearest = int(quotient.to_integral_value(ROUND_HALF_EVEN))
    if not whole:
        raise BadInput(f"The {name} {value} is not a whole multiple of the {unit_name} {step:f}; the nearest is {nearest * step:f}.")
    return nearest


def to_micro(amount: Number, name: str = "amount", exact: bool = True) -> int:
    """Quote currency -> micro-units; with ``exact=False`` to the nearest."""
    return _whole(amount, Decimal(1) / MICRO, name, "micro-unit", exact)


def from_micro(micro: int) -> Decimal:
    """Micro-units -> quote currency, exact."""
    return Decimal(int(micro)).scaleb(-6, _EXACT)


def to_ticks(price: Number, tick: Number, name: str = "price", exact: bool = True) -> int:
    """Price in quote currency -> whole ticks; with ``exact=False`` to the nearest."""
    return _whole(price, tick, name, "tick", exact)


def from_ticks(ticks: int, tick: Number) -> Decimal:
    """Whole ticks -> price in quote currency, exact."""
    return _EXACT.multiply(Decimal(int(ticks)), decimal(tick, "tick"))


def to_lots(quantity: Number, lot: Number, name: str = "quantity", exact: bool = True) -> int:
    """Quantity in contracts -> whole lots; with ``exact=False`` to the nearest."""
    return _whole(quantity, lot, name, "lot", exact)


def from_lots(lots: int, lot: Number) -> Decimal:
    """Whole lots -> quantity in contracts, exact."""
    return _EXACT.multiply(Decimal(int(lots)), decimal(lot, "lot"))


def to_nano(rate: Number, name: str = "rate", exact: bool = True) -> int:
    """Rate (a share, e.g. 0.0005) -> whole billionths; with ``exact=False`` to the nearest."""
    return _whole(rate, Decimal(1) / NANO, name, "billionth", exact)


def from_nano(nano: int) -> Decimal:
    """Whole billionths -> rate, exact."""
    return Decimal(int(nano)).scaleb(-9, _EXACT)


def contract_unit(tick: Number, lot: Number, name: str = "contract") -> int:
    """Value in micro-units of one lot moving by one tick: ``tick * lot * 1e6``, a whole number from 1.

    Raises:
        BadInput: tick or lot is not positive, or their product is not a whole number of micro-units.
    """
    tick_size, lot_size = decimal(tick, "tick"), decimal(lot, "lot")
    if tick_size <= 0 or lot_size <= 0:
        raise BadInput(f"Tick and lot of {name!r} must be above 0, not {tick} and {lot}.")
    unit = _WIDE.multiply(_WIDE.multiply(tick_size, lot_size), Decimal(MICRO))
    if unit < 1 or unit != unit.to_integral_value():
        raise BadInput(
            f"Tick x lot of {name!r} is {tick_size:f} x {lot_size:f} = {unit / MICRO:f}, which is not a whole number of micro-units"
            " (0.000001); choose a larger tick or lot."
        )
    if unit >= LIMIT:
        raise BadInput(f"Tick x lot of {name!r} is {unit / MICRO:f}, which is too large; choose a smaller tick or lot.")
    return int(unit)
