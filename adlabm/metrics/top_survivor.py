"""How large is the largest survivor next to the loss?"""

from __future__ import annotations

import math

from numpy.typing import ArrayLike

from adlabm.metrics._columns import columns, number


def top_survivor(survivors: ArrayLike, deficit: float, worst: float, budget: float) -> dict[str, float]:
    """The ratios PTSR and PMR of one round, each in both readings; their averages over rounds are the published figures.

    Formula: with s = max(survivors) and theta = min(B / D, 1):
    `ptsr_taken` = s / (theta D), `ptsr_remaining` = s / ((1 - theta) D), `pmr_taken` = s / (theta Delta),
    `pmr_remaining` = s / ((1 - theta) Delta); nan where the denominator is 0.
    Units: survivors (n,) endowments after ADL, deficit D, worst single loss Delta, budget B: quote currency.
    Source: arXiv 2512.01112: the text divides by what was taken, the published code by what remains.

    Example:
        >>> top_survivor([3.2, 1.6, 0.2], deficit=10.0, worst=8.0, budget=8.0)
        {'ptsr_taken': 0.4, 'ptsr_remaining': 1.6, 'pmr_taken': 0.5, 'pmr_remaining': 2.0}
    """
    (left,) = columns(low=0.0, survivors=survivors)
    missing, largest, taken = (number(name, value, low=0.0) for name, value in (("deficit", deficit), ("worst", worst), ("budget", budget)))
    theta = min(taken / missing, 1.0) if missing else math.nan
    rest = max(missing - taken, 0.0) / missing if missing else math.nan
    top = float(left.max(initial=0.0))
    shares = {"taken": theta, "remaining": rest}
    pairs = {f"{name}_{reading}": share * loss for name, loss in (("ptsr", missing), ("pmr", largest)) for reading, share in shares.items()}
    return {name: top / loss if loss > 0 else math.nan for name, loss in pairs.items()}
