"""Who gains and who pays when positions are closed, debited, or kept with a recoverable loss, from the runs of `adlabm sweep keep-open`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import below, means, zero
from adlabm.reports.style import BLUE, GREEN, ORANGE, styled
from adlabm.sweep.effects import REGRET, outcome

DESIGNS = {"closed": BLUE, "debited": ORANGE, "recoverable": GREEN}
PATHS = ("V", "double", "fall")
SHOWN = {
    "regret": "regret of shorts, % of equity",
    "ring_fenced": "ring-fenced result, % of open interest",
    "second": "liquidated in 2nd half, % of open interest",
}


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Means by design and path, money over open interest at the start, wealth over equity."""
    words, interest = runs["treatment"].str.split(": ", expand=True), runs["oi_start"]
    rows = pd.DataFrame(
        {
            "seed": runs["seed"],
            "design": words[0],
            "path": words[1],
            "regret": outcome(runs, "short", REGRET),
            "short": outcome(runs, "short", "wealth"),
            "long": outcome(runs, "long", "wealth"),
            "ring_fenced": runs["metric:ring-fenced.pnl"] / interest,
            "fund": (runs["fund_end"] - runs["fund_start"]) / interest,
            "deficit": runs["deficit"] / interest,
            "haircut": runs["haircut"] / interest,
            "uncovered": runs["uncovered_loss"] / interest,
            "second": runs["metric:halves.second.liquidated"],
            "fall": runs["max_drawdown"],
        }
    )
    return means(rows, ["design", "path"], [name for name in rows if name not in ("seed", "design", "path")])


@styled
def draw(found: pd.DataFrame) -> Figure:
    """A panel per outcome, a bar per design."""
    figure = Figure(figsize=(10.4, 4.3), layout="constrained")
    panels = figure.subplots(1, 3)
    for axes, (column, label) in zip(panels, SHOWN.items(), strict=True):
        for n, (design, colour) in enumerate(DESIGNS.items()):
            part = found[found["design"] == design].set_index("path").loc[list(PATHS)]
            mean = 100 * part[column].to_numpy()
            reach = np.abs(100 * part[[f"{column}_low", f"{column}_high"]].to_numpy().T - mean)
            axes.bar(np.arange(3) + 0.26 * (n - 1), mean, 0.24, color=colour, yerr=reach, error_kw={"linewidth": 1.0}, label=design)
        zero(axes)
        axes.set_xticks(range(3), ["V", "double crash", "further fall"])
        axes.set_ylabel(label)
    below(panels[0], columns=3)
    figure.suptitle(f"Close or keep open ({found['populations'].max()} populations, bars: 95 %)", x=0.01, ha="left", weight="bold")
    return figure
