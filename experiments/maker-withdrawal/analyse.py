"""Fall and ADL over the exponent of withdrawal, by leverage, from the runs of `adlabm sweep maker-withdrawal`."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import below, line, means
from adlabm.reports.style import BLUE, ORANGE, RED, styled

MU = "traders.holders.leverage.leverage.mu"
COLOURS = {1.25: BLUE, 1.55: ORANGE, 1.85: RED}
MEDIANS = {1.25: "median leverage 3.5", 1.55: "4.7", 1.85: "6.4"}


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Means by exponent and leverage."""
    rows = runs[["depth.withdrawal", MU, "seed"]].assign(
        adl=runs["adl_notional"] / runs["oi_start"],
        fall=runs["max_drawdown"],
        liquidated=runs["liquidated_notional"] / runs["oi_start"],
        runaway=runs["runaway"].astype(float),
    )
    return means(rows, ["depth.withdrawal", MU], ["adl", "fall", "liquidated", "runaway"])


@styled
def draw(found: pd.DataFrame) -> Figure:
    """Fall and ADL, a line per leverage."""
    figure = Figure(figsize=(10.4, 3.9), layout="constrained")
    panels = figure.subplots(1, 3)
    labels = {"fall": "largest fall of the mark, %", "liquidated": "liquidated over open interest, %", "adl": "ADL over open interest, %"}
    for axes, (column, label) in zip(panels, labels.items(), strict=True):
        for mu, colour in COLOURS.items():
            rows = found[found[MU] == mu].sort_values("depth.withdrawal")
            line(axes, rows["depth.withdrawal"], rows, column, colour, MEDIANS[mu])
        axes.set(xlabel="exponent of withdrawal", ylabel=label, ylim=(0, None))
    below(panels[0])
    figure.suptitle(f"Makers who withdraw ({found['populations'].max()} populations, bars: 95 %)", x=0.01, ha="left", weight="bold")
    return figure
