"""What can still go wrong after ADL?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import columns


def residual_exposure(notional: ArrayLike, equity: ArrayLike, shocks: ArrayLike) -> dict[str, float]:
    """Open interest, leverage and expected deficit at the next move of the price.

    Formula: `open_interest` = sum(N^+); leverage |N| / e over accounts with a position and e > 0: `leverage_median`, `leverage_p90`,
    `leverage_max` (nan for none); `expected_deficit` = mean over shocks z of sum((-(e + N z))^+), for one side sum(|N| psi(1 / leverage)).
    Units: notional (n,) net, signed: below zero for a short; equity (n,) quote currency; shocks (m,) returns of the price, equally likely.
    Source: arXiv 2512.01112 (psi(u) = E[(u + Z)^-]).

    Example:
        >>> residual_exposure([100.0, -100.0], [10.0, 50.0], shocks=[-0.2, 0.2])
        {'open_interest': 100.0, 'leverage_median': 6.0, 'leverage_p90': 9.2, 'leverage_max': 10.0, 'expected_deficit': 5.0}
    """
    sizes, money = columns(notional=notional, equity=equity)
    (moves,) = columns(shocks=shocks)
    held = (sizes != 0) & (money > 0)
    leverage = np.abs(sizes[held]) / money[held]
    losses = [math.fsum(np.maximum(-(money + sizes * move), 0.0)) for move in moves]
    return {
        "open_interest": math.fsum(np.maximum(sizes, 0.0)),
        "leverage_median": float(np.quantile(leverage, 0.5)) if len(leverage) else math.nan,
        "leverage_p90": float(np.quantile(leverage, 0.9)) if len(leverage) else math.nan,
        "leverage_max": float(leverage.max()) if len(leverage) else math.nan,
        "expected_deficit": math.fsum(losses) / len(losses) if losses else math.nan,
    }
