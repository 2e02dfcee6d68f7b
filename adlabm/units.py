"""Numbers as people write them: 0.1 means one tenth, also when it comes as a float."""

from decimal import Decimal, InvalidOperation
from numbers import Integral, Real

from adlabm.errors import BadInput

Number = Decimal | int | float | str


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
