"""What does the venue lose when the deleveraged leave?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import columns, number


def churn(
    haircuts: ArrayLike,
    endowments: ArrayLike,
    kappa: float = 5.0,
    funding_per_hour: float = 1.5e-5,
    fee: float = 4e-4,
    days: float = 730.0,
) -> dict[str, float]:
    """Accounts and revenue lost, beside the constants that decide them: `kappa` was never estimated from behaviour.

    Formula: p_i = 1 - exp(-kappa h_i); `leavers` = sum(p); `revenue_loss` = days (24 |f| + fee) sum(w p).
    Units: haircuts (n,) fractions; endowments (n,) quote currency, a proxy of the notional turned over once a day; f = funding_per_hour
    and fee: fractions of notional.
    Source: arXiv 2512.01112 v2 and v3 with these constants; its queue script has kappa = 8.

    Example:
        >>> lost = churn([0.1, 0.0], [1000.0, 1000.0])
        >>> round(lost["leavers"], 4), round(lost["revenue_loss"], 2), lost["kappa"]
        (0.3935, 218.3, 5.0)
    """
    cuts, sizes = columns(low=0.0, haircuts=haircuts, endowments=endowments)
    kappa, fee, days = number("kappa", kappa, low=0.0), number("fee", fee, low=0.0), number("days", days, low=0.0)
    leaving = -np.expm1(-kappa * cuts)
    daily = 24 * abs(number("funding_per_hour", funding_per_hour)) + fee
    return {
        "leavers": math.fsum(leaving),
        "revenue_loss": days * daily * math.fsum(sizes * leaving),
        "kappa": kappa,
        "revenue_per_day": daily,
        "days": days,
    }
