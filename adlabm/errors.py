"""What can go wrong, one class each.

Every message is one sentence that says what is wrong, where (file and key), what is allowed, the nearest valid name and how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class AdlabmError(ValueError):
    """Base of all errors that adlabm raises on purpose; the command line prints the message and exits with code 2."""


class BadInput(AdlabmError):
    """A scenario, venue, file or argument that cannot be used as given."""


class UnknownName(BadInput):
    """A rule, venue, scenario, contract or key that does not exist."""


class InfeasibleBudget(AdlabmError):
    """An ADL policy cannot take the whole amount from the candidates.

    Attributes:
        amounts: what it can take, float64[n] in the order of the candidates.
        shortfall: what is left, in the unit of the request.
    """

    def __init__(self, message: str, amounts: Any = None, shortfall: Any = None) -> None:
        super().__init__(message)
        self.amounts = amounts
        self.shortfall = shortfall


class BrokenRule(AdlabmError):
    """A rule does not do what the contract of its family asks for."""


class BrokenConservation(AdlabmError):
    """The ledger no longer adds up: a defect of the program, never of the input."""


class TooManyRounds(AdlabmError):
    """A tick needed more rounds than `max_rounds`."""


class Overflow(AdlabmError):
    """An amount would leave the range of a 64-bit integer."""


def did_you_mean(name: object, allowed: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the nearest of `allowed`, or an empty string where nothing is near."""
    near = get_close_matches(str(name), list(allowed), n=1, cutoff=0.5)
    return f" (did you mean {near[0]!r}?)" if near else ""


def unknown(what: str, name: object, allowed: Iterable[str], where: str = "") -> UnknownName:
    """The error for a name that is not among `allowed`, e.g. ``unknown("policy", "quue", names, "adl.policy")``."""
    allowed = sorted(allowed)
    place = f" at {where}" if where else ""
    choices = f"use one of: {', '.join(allowed)}" if allowed else "none exists yet"
    return UnknownName(f"There is no {what} {name!r}{place}{did_you_mean(name, allowed)}; {choices}.")
