"""The contracts of the rule families."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Param:
    """One parameter of a rule.

    Attributes:
        default: value where the scenario gives none; its type is the type of the parameter.
        low, high: bounds, inclusive (None: unbounded).
        unit: unit in words, e.g. "s" or "share".
        doc: one line for people.
        source: where the default comes from.
    """

    default: Any
    low: float | None = None
    high: float | None = None
    unit: str = ""
    doc: str = ""
    source: str = ""
