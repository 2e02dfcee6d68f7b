"""What did it cost to be liable to ADL, all else equal?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from adlabm.errors import BadInput


def policy_regret(exempt: ArrayLike, own: ArrayLike) -> pd.DataFrame:
    """Wealth of twins whom ADL spares less that of those whom it may hit, by horizon.

    Formula: mean over pairs of exempt - own, with the standard error of that mean; pairs whose run ended before a horizon are left out.
    Units: exempt, own (pairs, horizons) or (pairs,) quote currency, nan where unknown.
    Source: own; twins of one lot identify the private effect only, as nobody else meets another market.

    Returns:
        One row per horizon, in the order given: `pairs`, `mean`, `standard_error` (nan below two pairs).

    Example:
        >>> policy_regret([[5.0, 9.0], [7.0, float("nan")]], [[4.0, 6.0], [4.0, 6.0]]).to_dict("records")
        [{'pairs': 2, 'mean': 2.0, 'standard_error': 1.0}, {'pairs': 1, 'mean': 3.0, 'standard_error': nan}]
    """
    spared, liable = np.asarray(exempt, np.float64), np.asarray(own, np.float64)
    if spared.shape != liable.shape or spared.ndim not in (1, 2):
        raise BadInput(f"'exempt' has the shape {spared.shape}, 'own' {liable.shape}; give both as pairs, or pairs by horizons.")
    rows = []
    for column in (spared - liable).reshape(len(spared), -1).T:
        known = column[np.isfinite(column)]
        n = len(known)
        mean = math.fsum(known) / n if n else math.nan
        error = math.sqrt(math.fsum((known - mean) ** 2) / (n - 1) / n) if n > 1 else math.nan
        rows.append({"pairs": n, "mean": mean, "standard_error": error})
    return pd.DataFrame(rows)
