"""ADL policies on a large table of candidates, as a ratio to one argsort of the scores."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from adlabm import registry
from adlabm.adl.candidates import Candidates
from adlabm.adl.scores import find_score

CANDIDATES, SHARE = 100_000, 0.1
EXACT = {"random-arrival": 2_000}
"""Rules whose exact answer takes longer than in proportion; measured on so many candidates."""


def candidates(n: int, seed: int = 0) -> Candidates:
    """Heavy-tailed winners: equities log-normal, leverage 1 to 50, returns up to 20 %, in whole contracts and quote currency."""
    rng = np.random.default_rng(seed)
    equity, leverage, gain = rng.lognormal(9.0, 1.5, n), rng.uniform(1, 50, n), rng.uniform(0.001, 0.2, n)
    quantity = np.maximum(np.floor(equity * leverage / 100.0), 1.0)
    entry = 100.0 * (1 + gain)
    pnl = quantity * (entry - 100.0)
    return Candidates(
        id=np.arange(n),
        quantity=-quantity,
        entry_price=entry,
        mark_price=np.full(n, 100.0),
        equity=equity + pnl,
        wallet=equity,
        pnl=pnl,
        maintenance_margin=0.005 * quantity * 100.0,
        opened_at=rng.permutation(n).astype(float),
        account=np.arange(n),
        contract=np.zeros(n, np.int64),
        bankruptcy_price=100.0 + (equity + pnl) / quantity,
        gain_since_default=pnl,
        matured_pnl=pnl,
    )


def ratios(repetitions: int) -> dict[str, tuple[int, float]]:
    """Policy -> (candidates, seconds of its allocation over seconds of an argsort of the generic scores), medians."""
    found = {}
    for key in registry.names("policies"):
        n = EXACT.get(key, CANDIDATES)
        table, policy = candidates(n), registry.find("policies", key)()
        scores = -find_score("generic")(table)
        sizes = np.abs(table.quantity) if policy.unit == "contracts" else table.endowments(policy.gains)
        amount = np.floor(SHARE * sizes.sum())
        sort = np.median([_time(lambda s=scores: np.argsort(s)) for _ in range(repetitions)])
        own = np.median([_time(lambda a=amount, p=policy, t=table: p.allocate(a, t)) for _ in range(repetitions)])
        found[key] = (n, float(own / sort))
    return found


def _time(call: Callable[[], object]) -> float:
    start = time.process_time_ns()
    call()
    return max(time.process_time_ns() - start, 1) / 1e9
