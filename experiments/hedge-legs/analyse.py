"""What lost hedge legs cost under each policy, from the runs of `adlabm sweep hedge-legs`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import below, means
from adlabm.reports.style import GREEN, GREY, RED, styled
from adlabm.sweep.plan import Plan
from adlabm.sweep.statistics import paired

POLICY = "adl.policy"
PATHS = {"V": GREEN, "fall": RED}
AGAIN = "fall: hedged again"


def outcomes(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per run: naked share of what was closed, hedge loss over open interest and over the deficit, and the market.

    Those who hedge again are not followed to the end, so their share and loss stay open.
    """
    interest, stays = runs["oi_start"], runs["treatment"] != AGAIN
    return runs[[POLICY, "seed"]].assign(
        path=runs["treatment"],
        share=runs["metric:hedge-loss.share"].where(stays),
        loss=(runs["metric:hedge-loss.loss"] / interest).where(stays),
        loss_over_deficit=(runs["metric:hedge-loss.loss"] / runs["deficit"]).where(stays),
        deficit=runs["deficit"] / interest,
        adl=runs["adl_notional"] / interest,
        hit=runs["metric:by-group.hedgers.hit_rate"],
        low_second=runs["metric:halves.second.low"],
        liquidated_second=runs["metric:halves.second.liquidated"],
    )


def again(rows: pd.DataFrame) -> pd.DataFrame:
    """By policy: what changes in the second half when hedgers sell anew, against *fall*, same populations."""
    found = []
    for policy, part in rows.groupby(POLICY, sort=False):
        worlds = {path: each.set_index("seed") for path, each in part.groupby("path")}
        for name in ("low_second", "liquidated_second"):
            effect = paired(worlds[AGAIN][name], worlds["fall"][name].reindex(worlds[AGAIN].index))
            row = {POLICY: policy, "outcome": name, "effect": effect.estimate, "low": effect.low, "high": effect.high}
            found.append(row | {"p": effect.p, "populations": effect.n})
    return pd.DataFrame(found)


@styled
def draw(found: pd.DataFrame) -> Figure:
    """Naked share by policy, and what the market did to it on either path."""
    figure = Figure(figsize=(10.4, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    order = found[found["path"] == "fall"].sort_values("share")[POLICY].to_list()
    for n, (path, colour) in enumerate(PATHS.items()):
        part = found[found["path"] == path].set_index(POLICY).loc[order]
        for axes, column, scale in ((left, "share", 100), (right, "loss", 100)):
            mean = scale * part[column].to_numpy()
            reach = np.abs(scale * part[[f"{column}_low", f"{column}_high"]].to_numpy().T - mean)
            axes.errorbar(mean, np.arange(len(order)) + 0.2 * n, xerr=reach, fmt="o", color=colour, markersize=4, capsize=2, label=path)
    right.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    left.set_yticks(np.arange(len(order)) + 0.1, order)
    left.set(xlabel="% of what ADL closes", title="short legs of hedgers", xlim=(0, None))
    right.set(xlabel="loss on the spot left over, % of open interest", title="what the market did to them")
    for axes in (left, right):
        axes.grid(axis="x")
    below(left, 0.12)
    figure.suptitle(f"Naked hedge legs ({found['populations'].max()} populations, bars: 95 %)", x=0.01, ha="left", weight="bold")
    return figure


def analysis(runs: pd.DataFrame, _: Plan) -> tuple[dict[str, pd.DataFrame], dict[str, Figure]]:
    """Means by policy and path, what hedging again does, and the figure."""
    rows = outcomes(runs)
    columns = [name for name in rows if name not in (POLICY, "seed", "path")]
    found = means(rows, [POLICY, "path"], columns)
    return {"summary": found, "again": again(rows)}, {"hedge-legs": draw(found)}
