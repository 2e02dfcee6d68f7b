"""How much is missing, and does the same account count more than once?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from adlabm.metrics._columns import columns


def deficit(equity: ArrayLike, account: ArrayLike | None = None) -> dict[str, float]:
    """Losses beyond equity, as they are and with every account counted once.

    Formula: `total` = sum((-e)^+); `worst` = max((-e)^+); `by_account` = sum over accounts of their largest (-e)^+ (nan without accounts).
    Units: equity (n,) quote currency, a row per loser and wave, before fund and ADL act; account (n,) names. A run has its deficit in
    its summary.
    Source: arXiv 2512.01112 and its data: one account, counted in nine waves, makes 98 % of the published sum.

    Example:
        >>> deficit([-5.0, -5.0, -1.0, 3.0], account=["a", "a", "b", "c"])
        {'total': 11.0, 'worst': 5.0, 'by_account': 6.0}
    """
    losses = np.maximum(-columns(equity=equity)[0], 0.0)
    once = math.nan if account is None else math.fsum(pd.Series(losses).groupby(np.asarray(account)).max())
    return {"total": math.fsum(losses), "worst": float(losses.max(initial=0.0)), "by_account": once}
