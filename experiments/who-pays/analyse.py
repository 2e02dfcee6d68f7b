"""Who bears ADL under each policy, by tenths of leverage and profit, from the runs of `adlabm sweep who-pays`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import means
from adlabm.reports.style import styled

POLICY, TENTHS = "adl.policy", range(1, 11)


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Means by policy: the burden of every tenth (share of the notional closed; in wealth space of the haircut) and its concentration."""
    rows = runs[[POLICY, "seed"]].assign(
        adl=runs["adl_notional"] / runs["oi_start"], haircut=runs["haircut"] / runs["oi_start"], hit=runs["adl_traders"] / runs["traders"]
    )
    rows = rows.assign(gini=runs["gini_adl_notional"], top10=runs["top10_share_adl_notional"], fall=runs["max_drawdown"])
    measure = np.where(runs["adl_notional"] > 0, "closed", "haircut")
    for order in ("leverage", "profit"):
        for tenth in TENTHS:
            both = {key: runs[f"metric:deciles.{order}.{tenth}.{key}"] for key in ("closed", "haircut")}
            rows[f"{order}_{tenth}"] = np.where(measure == "closed", both["closed"], both["haircut"])
    queue_free = runs[runs[POLICY] == "random"].set_index("seed")["gini_adl_notional"]
    rows["gini_excess"] = rows["gini"] - runs["seed"].map(queue_free)
    return means(rows, [POLICY], [name for name in rows if name not in (POLICY, "seed")])


@styled
def draw(found: pd.DataFrame) -> Figure:
    """Two heat maps: share of the burden by tenth of leverage and of profit."""
    figure = Figure(figsize=(10.4, 0.3 * len(found) + 1.6), layout="constrained")
    order = found.sort_values("leverage_10", ascending=False)
    for axes, (name, label) in zip(
        figure.subplots(1, 2, sharey=True), {"leverage": "leverage at entry", "profit": "profit of the run"}.items(), strict=True
    ):
        cells = 100 * order[[f"{name}_{tenth}" for tenth in TENTHS]].to_numpy()
        axes.imshow(cells, aspect="auto", cmap="magma_r", vmin=0, vmax=60)
        for (y, x), value in np.ndenumerate(cells):
            if np.isfinite(value):
                axes.text(x, y, f"{value:.0f}", ha="center", va="center", fontsize=7.5, color="white" if value > 30 else "black")
        axes.set_xticks(range(10), [str(tenth) for tenth in TENTHS])
        axes.set_yticks(range(len(order)), order[POLICY], fontsize=8)
        axes.grid(visible=False)
        axes.set(title=f"by tenth of {label}", xlabel="tenth, 10 = highest")
    figure.suptitle(f"Who pays: share of the burden, % ({found['populations'].max()} populations)", x=0.01, ha="left", weight="bold")
    return figure
