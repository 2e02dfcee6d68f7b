"""How well does a score say beforehand who will be hit?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from adlabm.metrics._columns import columns


def skill(score: ArrayLike, hit: ArrayLike, event: ArrayLike, bins: int = 5) -> dict[str, float]:
    """Discrimination and accuracy of a score *within* events, averaged over events that hit some and spare some.

    Formula: `auc` = P(score of one hit > score of one spared) + half of ties (Mann and Whitney). `brier_skill` = 1 - sum (p - y)^2 /
    sum (ybar - y)^2, where p is the share hit in the candidate's of `bins` classes of equal rank, learnt from all *other* events, and
    ybar the share hit in its own event. Pooling events instead rewards a score for knowing when, not who.
    Units: score (n,) any, higher = more likely; hit (n,) 0 or 1; event (n,) labels.
    Source: Brier 1950; measurement notes 14.

    Example:
        >>> found = skill([1.0, 2.0, 3.0, 4.0] * 2, [0, 0, 1, 1] * 2, [0] * 4 + [1] * 4, bins=4)
        >>> found["auc"], found["brier_skill"], found["events"]
        (1.0, 1.0, 2)
    """
    values, outcome = columns(score=score, hit=hit)
    _, label = np.unique(np.asarray(event), return_inverse=True)
    aucs, parts = [], []
    for each in range(label.max(initial=-1) + 1):
        mine, y = values[label == each], outcome[label == each] > 0
        n, m = int(y.sum()), int((~y).sum())
        if n and m:
            rank = rankdata(mine)
            aucs.append((rank[y].sum() - n * (n + 1) / 2) / (n * m))
            parts.append((np.minimum(((rank - 0.5) / len(mine) * bins).astype(int), bins - 1), y.astype(float)))
    if len(parts) < 2:
        return {"auc": float(np.mean(aucs)) if aucs else math.nan, "brier_skill": math.nan, "events": len(parts)}
    count, hits = (
        np.array([np.bincount(c, w, minlength=bins) for c, w in ((c, y if k else np.ones(len(y))) for c, y in parts)]) for k in (0, 1)
    )
    others, of_them = count.sum(axis=0) - count, hits.sum(axis=0) - hits
    chance = of_them / np.maximum(others, 1)
    error = math.fsum(((chance[k][c] - y) ** 2).sum() for k, (c, y) in enumerate(parts))
    plain = math.fsum(((y.mean() - y) ** 2).sum() for _, y in parts)
    return {"auc": float(np.mean(aucs)), "brier_skill": float(1 - error / plain), "events": len(parts)}
