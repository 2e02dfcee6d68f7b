"""On how few does it fall? Concentration of an amount over accounts."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adlabm.errors import BadInput
from adlabm.sums import exact_sum


def concentration(values: ArrayLike) -> dict[str, float]:
    """The usual measures in one row: `n`, `gini`, `hhi`, `effective_n` (1 / HHI), `jain`, `top_1`, `top_10`, `top_100`, `top_1_percent`.

    Units: values (n,) >= 0 of any unit: losses, haircuts or what survives; the measures have none. nan where there is nothing.
    Source: arXiv 2512.01112 v3 and HyperReplay report them.

    Example:
        >>> row = concentration([1.0, 2.0, 7.0])
        >>> row["gini"], row["top_1"], round(row["effective_n"], 3)
        (0.4, 0.7, 1.852)
    """
    amounts = _ascending(values)
    whole = exact_sum(amounts)
    index = _hhi(amounts, whole)
    return {
        "n": len(amounts),
        "gini": _gini(amounts, whole),
        "hhi": index,
        "effective_n": 1 / index,
        "jain": 1 / (len(amounts) * index) if len(amounts) else math.nan,
        "top_1": _top_share(amounts, whole, 1),
        "top_10": _top_share(amounts, whole, 10),
        "top_100": _top_share(amounts, whole, 100),
        "top_1_percent": _top_share(amounts, whole, math.ceil(0.01 * len(amounts))),
    }


def gini(values: ArrayLike) -> float:
    """sum((2 k - n - 1) x_(k)) / (n sum(x)), x ascending, k from 1: 0 for equal amounts, (n - 1) / n for one payer; nan for nothing."""
    amounts = _ascending(values)
    return _gini(amounts, exact_sum(amounts))


def hhi(values: ArrayLike) -> float:
    """Herfindahl-Hirschman index sum((x / sum(x))^2), from 1 / n to 1; nan for nothing."""
    amounts = _ascending(values)
    return _hhi(amounts, exact_sum(amounts))


def top_share(values: ArrayLike, k: int) -> float:
    """Share of the `k` largest in the sum; nan for nothing."""
    amounts = _ascending(values)
    return _top_share(amounts, exact_sum(amounts), k)


def lorenz(values: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of the Lorenz curve, (n + 1,) each, from (0, 0) to (1, 1): share of accounts, poorest first, and their share of the amount.

    Source: Lorenz 1905, Publications of the American Statistical Association 9 (70), 209.
    """
    amounts = _ascending(values)
    whole = exact_sum(amounts)
    if whole <= 0:
        raise BadInput("A Lorenz curve needs an amount above zero; all values are zero or there are none.")
    shares = np.concatenate(([0.0], np.cumsum(amounts) / whole))
    shares[-1] = 1.0
    return np.linspace(0.0, 1.0, len(amounts) + 1), shares


def _gini(amounts: NDArray[np.float64], whole: float) -> float:
    weights = 2.0 * np.arange(1, len(amounts) + 1) - len(amounts) - 1
    return exact_sum(weights * amounts) / (len(amounts) * whole) if whole > 0 else math.nan


def _hhi(amounts: NDArray[np.float64], whole: float) -> float:
    return exact_sum((amounts / whole) ** 2) if whole > 0 else math.nan


def _top_share(amounts: NDArray[np.float64], whole: float, k: int) -> float:
    return exact_sum(amounts[max(len(amounts) - k, 0) :]) / whole if whole > 0 else math.nan


def _ascending(values: ArrayLike) -> NDArray[np.float64]:
    amounts = np.sort(np.asarray(values, np.float64), axis=None)
    if len(amounts) and not (amounts[0] >= 0 and math.isfinite(amounts[-1])):
        raise BadInput("Concentration is defined for finite amounts at or above zero; leave out or negate the others.")
    return amounts
