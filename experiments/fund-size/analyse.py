"""ADL, fall, losses and the fund over its size, for each of the five arms, from the runs of `adlabm sweep fund-size`."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import norm

from adlabm.reports.studies import below, line, means
from adlabm.reports.style import BLUE, GREEN, GREY, ORANGE, RED, SKY, styled
from adlabm.sweep.plan import Plan

SHOWN = {
    "adl": "ADL over open interest, %",
    "fall": "largest fall of the mark, %",
    "fund_loss": "lost by fund and nobody's, % of open interest",
}
COLOURS = {"ADL": BLUE, "ADL first": SKY, "absorb and hold": GREEN, "absorb and unwind": ORANGE, "sell at once": RED}
CASCADE_S, UNWIND_S = 300.0, 1800.0
FALLS = (0.05, 0.1, 0.15, 0.2, 0.3)


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Means by arm and fund size, over open interest at the start."""
    interest = runs["oi_start"]
    lost = (runs["fund_start"] - runs["fund_end"]).clip(lower=0) + runs["uncovered_loss"]
    rows = runs[["fund.share", "treatment", "seed"]].assign(
        adl=runs["adl_notional"] / interest,
        fall=runs["max_drawdown"],
        fund_loss=lost / interest,
        haircut=runs["haircut"] / interest,
        with_adl=(runs["adl_events"] > 0).astype(float),
        runaway=runs["runaway"],
    )
    return means(rows, ["treatment", "fund.share"], ["adl", "fall", "fund_loss", "haircut", "with_adl", "runaway"])


def predicted(shares: np.ndarray, without: float) -> np.ndarray:
    """ADL(f) = A - f (1 + cascade / unwind), not below zero, with A the ADL without a fund."""
    return np.maximum(without - shares * (1 + CASCADE_S / UNWIND_S), 0.0)


def liquidated_by(fall: float, mu: float = 1.55, sigma: float = 0.8, margin: float = 0.01) -> float:
    """G(d) = P(L >= 1 / (d + m)), ln L normal: share of the crowd's longs that a fall liquidates."""
    return float(norm.sf((log(1 / (fall + margin)) - mu) / sqrt(sigma**2)))


@styled
def draw(found: pd.DataFrame) -> Figure:
    """A panel per outcome, a line per arm."""
    figure = Figure(figsize=(10.4, 4.4), layout="constrained")
    for axes, (column, label) in zip(figure.subplots(1, 3), SHOWN.items(), strict=True):
        for arm, colour in COLOURS.items():
            part = found[found["treatment"] == arm].sort_values("fund.share")
            line(axes, 100 * part["fund.share"], part, column, colour, arm)
        axes.set(xlabel="fund at the start, % of open interest", ylabel=label, xscale="symlog")
        axes.set_xscale("symlog", linthresh=0.5)
        axes.set_xticks([0, 0.5, 1, 3, 10, 30], ["0", "0.5", "1", "3", "10", "30"])
    first = figure.axes[0]
    plain = found[found["treatment"] == "ADL"].sort_values("fund.share")
    grid = np.linspace(0, 0.5, 200)
    first.plot(100 * grid, 100 * predicted(grid, plain["adl"].iloc[0]), color=GREY, linestyle=":", label="predicted, ADL arm")
    below(first)
    figure.suptitle(f"How large a fund ends ADL ({found['populations'].max()} populations, bars: 95 %)", x=0.01, ha="left", weight="bold")
    return figure


def analysis(runs: pd.DataFrame, _: Plan) -> tuple[dict[str, pd.DataFrame], dict[str, Figure]]:
    """Means by arm and fund size, what theory says the crowd loses, and the figure."""
    found = table(runs)
    crowd = pd.DataFrame({"fall": FALLS, "liquidated": [liquidated_by(fall) for fall in FALLS]})
    return {"summary": found, "theory": crowd}, {"fund-size": draw(found)}
