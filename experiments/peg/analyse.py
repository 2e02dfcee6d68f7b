"""The premium of a perpetual with and without basis traders and funding: summary.csv and peg.png in results/peg."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import adlabm as ad
from adlabm.reports.studies import write
from adlabm.reports.style import BLUE, GREY, ORANGE, RED, WIDE, styled

ARMS = {
    "basis traders and funding": (),
    "basis traders, no funding": ("funding.cap=0.0",),
    "funding, no basis traders": ("traders.basis.count=0",),
    "neither": ("funding.cap=0.0", "traders.basis.count=0"),
}
COLOURS = dict(zip(ARMS, (BLUE, GREY, ORANGE, RED), strict=True))
SEEDS = range(5)
DAY = 1440


def premium(sets: tuple[str, ...], seed: int) -> np.ndarray:
    """Trade price over index less one, by minute."""
    series = ad.AdlModel(ad.Scenario.load("peg", sets=sets), rng=seed).run().series_frame()
    return series["trade"].to_numpy(float) / series["index"].to_numpy(float) - 1.0


def half_life(x: np.ndarray) -> float:
    """Minutes in which half of a deviation is gone, by first-order autoregression; infinite for a random walk."""
    y = x - x.mean()
    kept = float((y[1:] * y[:-1]).sum() / (y[:-1] ** 2).sum())
    return float(np.log(0.5) / np.log(kept)) if 0 < kept < 1 else float("inf")


def table() -> tuple[pd.DataFrame, dict[str, list[np.ndarray]]]:
    """One row per arm and seed, and the premia."""
    rows, paths = [], {arm: [] for arm in ARMS}
    for arm, sets in ARMS.items():
        for seed in SEEDS:
            x = premium(sets, seed)
            paths[arm].append(x)
            late = x[DAY:]
            rows.append({"arm": arm, "seed": seed, "median": np.median(np.abs(late)), "sd": late.std(), "half_life_min": half_life(late)})
    return pd.DataFrame(rows), paths


@styled
def draw(paths: dict[str, list[np.ndarray]]) -> Figure:
    """Premia of the first three seeds, an arm to a panel."""
    figure = Figure(figsize=(WIDE, 5.2), layout="constrained")
    for axis, (arm, found) in zip(figure.subplots(2, 2, sharex=True, sharey=True).flat, paths.items(), strict=True):
        for x in found[:3]:
            axis.plot(np.arange(x.size) / 60, x, color=COLOURS[arm], linewidth=0.8, alpha=0.8)
        axis.set_title(arm)
        axis.yaxis.set_major_formatter("{x:.0%}")
    figure.supxlabel("hours", fontsize=9)
    return figure


if __name__ == "__main__":
    runs, found = table()
    write("peg", {"summary": runs}, {"peg": draw(found)})
    print(runs.groupby("arm", sort=False).median().to_string())
