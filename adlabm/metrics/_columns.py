"""Columns that metrics read: numbers of one length, or one sentence that says what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.errors import BadInput, did_you_mean

Column = NDArray[np.float64]


def columns(*, low: float = -np.inf, high: float = np.inf, **values: Any) -> tuple[Column, ...]:
    """Every argument as finite float64[n] between `low` and `high`, all of one length; single numbers count as columns of one."""
    found = {name: np.atleast_1d(np.asarray(column, np.float64)) for name, column in values.items()}
    for name, column in found.items():
        bad = ~np.isfinite(column) | (column < low) | (column > high)
        if column.ndim != 1 or bad.any():
            where = f"is {column[bad][0]:g} in row {np.flatnonzero(bad)[0]}" if column.ndim == 1 else f"has {column.ndim} dimensions"
            raise BadInput(f"{name!r} {where}; give one finite number{_between(low, high)} per row.")
    lengths = {name: len(column) for name, column in found.items()}
    if len(set(lengths.values())) > 1:
        raise BadInput(f"The columns differ in length ({lengths}); give every row all of them.")
    return tuple(found.values())


def number(name: str, value: float, low: float = -np.inf, high: float = np.inf) -> float:
    """One finite number between `low` and `high`."""
    if not (np.isfinite(value) and low <= value <= high):
        raise BadInput(f"{name!r} is {value:g}; it must be a finite number{_between(low, high)}.")
    return float(value)


def picked(table: Mapping[str, Any], *names: str) -> list[Any]:
    """The columns `names` of a DataFrame or mapping."""
    for name in names:
        if name not in table:
            raise BadInput(f"The table has no column {name!r}{did_you_mean(name, table)}; this metric needs {', '.join(names)}.")
    return [table[name] for name in names]


def _between(low: float, high: float) -> str:
    bounds = {(True, True): "", (False, True): f" at or above {low:g}", (True, False): f" at or below {high:g}"}
    return bounds.get((bool(np.isinf(low)), bool(np.isinf(high))), f" from {low:g} to {high:g}")
