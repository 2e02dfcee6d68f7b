"""Rules that are plain Python objects: their parameters are the `Param`s of their class, checked when the object is made."""

from __future__ import annotations

from typing import Any, ClassVar

from adlabm.contracts import Param
from adlabm.errors import BadInput, unknown
from adlabm.registry import params_of


class Configured:
    """Sets one attribute per `Param` of its class: the value given by keyword, or the default.

    Attributes:
        key: name in scenarios and venues.
        noun: what the rule is called in messages.
    """

    key: ClassVar[str]
    noun: ClassVar[str]

    def __init__(self, **params: object) -> None:
        declared = params_of(type(self))  # type: ignore[arg-type]  # mypy asks the class for the hash of its instances
        for name in params:
            if name not in declared:
                raise unknown("parameter", name, declared, f"{self.noun} {self.key!r}")
        for name, param in declared.items():
            setattr(self, name, _admit(f"{self.key}.{name}", params.get(name, param.default), param))


def _admit(where: str, value: Any, param: Param) -> Any:
    low, high = param.low, param.high
    whole = isinstance(param.default, int)
    try:
        fits = (low is None or value >= low) and (high is None or value <= high) and (not whole or value == int(value))
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        kind = "be a whole number" if whole else "lie"
        raise BadInput(
            f"{where} is {value!r}; it must {kind} between {low if low is not None else '-inf'} and {high if high is not None else 'inf'}."
        )
    return value
