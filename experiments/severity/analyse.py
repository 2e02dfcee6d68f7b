"""Loss of every severity rule against the best constant, from the runs of `adlabm sweep severity`."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import below, dots
from adlabm.reports.style import BLUE, GREY, ORANGE, styled
from adlabm.sweep.statistics import benjamini_hochberg, paired

CONSTANT = ("full", "static")


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Per fund and rule: the mean loss over open interest, and its difference to the best constant, paired by population."""
    lost = runs["haircut"] + (runs["fund_start"] - runs["fund_end"]) + runs["uncovered_loss"]
    runs = runs.assign(loss=lost / runs["oi_start"])
    rows = []
    for share, part in runs.groupby("fund.share"):
        wide = part.pivot(index="seed", columns="treatment", values="loss")
        constants = [name for name in wide if name.startswith(CONSTANT)]
        best = wide[constants].mean().idxmin()
        for name in runs["treatment"].unique():
            found = paired(wide[name], wide[best])
            row = {"fund.share": share, "rule": name, "dynamic": name not in constants, "loss": wide[name].mean(), "best_constant": best}
            rows.append(row | {"difference": found.estimate, "low": found.low, "high": found.high, "p": found.p, "populations": found.n})
    table = pd.DataFrame(rows)
    return table.assign(p_adjusted=benjamini_hochberg(table["p"].where(table["rule"] != table["best_constant"])))


@styled
def draw(found: pd.DataFrame) -> Figure:
    """Difference to the best constant, in basis points of open interest; below zero beats it."""
    figure = Figure(figsize=(10.4, 4.2), layout="constrained")
    for axes, (share, part) in zip(figure.subplots(1, 2, sharey=True), found.groupby("fund.share"), strict=True):
        for dynamic, colour in ((False, BLUE), (True, ORANGE)):
            rows = part.reset_index(drop=True)[lambda table, d=dynamic: table["dynamic"] == d]
            rows = rows.rename(columns={"difference": "effect"})
            dots(axes, rows.index, rows, colour, "dynamic" if dynamic else "constant", 1e4, across=True)
        axes.axvline(0, color=GREY, linewidth=0.8, zorder=0)
        axes.set(
            title=f"fund {100 * share:g} %, best constant: {part['best_constant'].iloc[0]}",
            xlabel="loss above the best constant, bp of open interest",
        )
        axes.set_yticks(range(len(part)), part["rule"])
        axes.grid(axis="x")
    figure.axes[0].invert_yaxis()
    below(figure.axes[0])
    return figure
