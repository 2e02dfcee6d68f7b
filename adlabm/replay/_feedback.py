"""What ADL cost those it hit, against the same day without ADL: transfer, drift and feedback."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adlabm.replay._world import Seen

WITHOUT = {
    "held": (("fund.share", 1.0), ("fund.unwind_s", 1e9)),
    "sold": (("fund.share", 1.0),),
}
"""Worlds without ADL: a fund as large as open interest takes every position over, and holds it, or sells it at the venue's rate."""
GAP_MS = 5_000
"""Fills further apart belong to two waves (the gap of arXiv 2512.01112)."""


def terms(run: Seen, without: Mapping[str, Seen]) -> dict[str, float]:
    """The cost of ADL to those it hit, split by cause; shares of open interest.

    Formula: needed = sum of max((bankruptcy price - mark) q, 0), the deficit of the fills at the mark, q being what the deleveraged traded;
        haircut = sum (close price - mark) q; transfer = haircut - needed; drift = sum (mark - last mark) q, along the run's own path;
        fixed_path = transfer + drift; for each world without ADL: cost = sum over those hit of (profit there - profit here),
        overshoot = cost - needed = transfer + drift + feedback, which defines feedback. A debit (wealth space) needs what it takes.
    Units: money over the opening open interest; positive: lost.
    Source: own, after the two-pass replay of arXiv 2512.01112 v3, which holds the path fixed and so has no feedback.
    """
    fills = run.adl
    quantity, mark = fills["quantity"].to_numpy(), fills["mark"].to_numpy()
    missing = np.maximum((fills["bankruptcy_price"].to_numpy() - mark) * quantity, 0.0)
    needed = float(np.where(quantity == 0, fills["amount"], missing).sum())
    transfer = float(fills["amount"].sum()) - needed
    drift = float((quantity * (mark - run.mark[-1])).sum())
    found = {"needed": needed, "transfer": transfer, "drift": drift, "fixed_path": transfer + drift}
    hit = np.unique(fills["trader"])
    for name, world in without.items():
        overshoot = float((world.pnl[hit] - run.pnl[hit]).sum()) - needed
        found |= {f"feedback_{name}": overshoot - transfer - drift, f"overshoot_{name}": overshoot}
    return {name: value / run.interest for name, value in found.items()}


def market(run: Seen) -> dict[str, float]:
    """What the rules did to the market; shares of open interest but for `fall`, `hit` (of traders), `top10` (of ADL notional)."""
    summary = run.tables.summary
    ring = run.tables.traders["type"].to_numpy(zero_copy_only=False) == "ring-fenced"
    return {
        "adl": run.share("adl_notional"),
        "forced": run.forced,
        "fall": summary["max_drawdown"],
        "hit": run.adl["trader"].nunique() / summary["traders"],
        "top10": np.nan if summary["top10_share_adl_notional"] is None else summary["top10_share_adl_notional"],
        "interest_end": run.share("oi_end"),
        "fund_change": float(summary["fund_end"]) / float(summary["fund_start"]) - 1,
        "ring_fenced": float(run.pnl.to_numpy()[ring].sum()) / run.interest,
        "uncovered": run.share("uncovered_loss"),
    }


def waves(run: Seen) -> pd.Series:
    """Times of the ADL waves: first fill of each, ms after the start."""
    times = run.adl["time"].sort_values(ignore_index=True)
    return times[times.diff().fillna(np.inf) > GAP_MS]
