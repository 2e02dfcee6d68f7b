"""Do the deleveraged open their positions again?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from adlabm.metrics._columns import Column, columns


def undo_fraction(closed: ArrayLike, reopened: ArrayLike) -> Column:
    """Part of what ADL closed that its owner took up again within some time.

    Formula: min(|closed|, reopened) / |closed|, nan where nothing was closed.
    Units: closed (n,) contracts, signed; reopened (n,) >= 0 contracts that the owner traded back, in the direction of the position lost.
    Source: arXiv 2512.01112 v3, two-time data: mean 0.0137 within 60 s on 10 October 2025.

    Example:
        >>> undo_fraction([-10.0, 5.0], [4.0, 9.0]).tolist()
        [0.4, 1.0]
    """
    (lost,), (back,) = columns(closed=closed), columns(low=0.0, reopened=reopened)
    lost, back = columns(closed=np.abs(lost), reopened=back)
    return np.divide(np.minimum(lost, back), lost, out=np.full_like(lost, np.nan), where=lost > 0)
