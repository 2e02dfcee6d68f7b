"""Tail exponent of returns against the funds' cap on leverage: summary.csv and tails.png in results/leveraged-funds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import adlabm as ad
from adlabm.reports.studies import write
from adlabm.reports.style import BLUE, GREY, HALF, RED, WIDE, styled

CAPS = (1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0)
SEEDS = range(5)
WARM = 2000
TOP = 0.025


def hill(returns: np.ndarray, top: float = TOP) -> float:
    """Hill's exponent of the largest absolute returns. Source: Hill (1975), Annals of Statistics 3(5)."""
    size = np.sort(np.abs(returns))[::-1]
    k = int(top * size.size)
    return float(1.0 / np.log(size[:k] / size[k]).mean())


def returns(cap: float, seed: int, ticks: int = 20_000) -> tuple[np.ndarray, dict]:
    """One-tick log returns of the trade price after the warm-up, and the run's summary; a cap of 0 is a market without funds."""
    slope = {"law": "loguniform", "low": 5.0 / max(cap, 1.0), "high": 50.0 / max(cap, 1.0)}
    sets: list[tuple[str, object]] = [("traders.0.signal.beta", slope), ("traders.0.leverage.leverage", max(cap, 1.0)), ("ticks", ticks)]
    if cap == 0:
        sets.append(("traders.0.pace_s", 1e9))
    model = ad.AdlModel(ad.Scenario.load("leveraged-funds", sets=sets), rng=seed).run()
    trade = model.series_frame()["trade"].to_numpy(float)
    return np.diff(np.log(trade))[WARM:], model.summary()


def table() -> pd.DataFrame:
    """One row per cap and seed."""
    rows = []
    for cap in (0.0, *CAPS):
        for seed in SEEDS:
            found, summary = returns(cap, seed)
            middle = np.quantile(np.abs(found), 0.5) / 0.6745
            down, up = hill(-found[found < 0]), hill(found[found > 0])
            row = {"cap": cap, "seed": seed, "hill": hill(found), "hill_down": down, "hill_up": up, "quiet_sd": middle, "sd": found.std()}
            rows.append(row | {"liquidations": summary["liquidations"], "largest": np.abs(found).max()})
    return pd.DataFrame(rows)


@styled
def draw(runs: pd.DataFrame) -> Figure:
    """Every seed a dot, medians joined."""
    figure = Figure(figsize=(WIDE, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    levered = runs[runs["cap"] > 0]
    for axis, column, colour in ((left, "hill", BLUE), (right, "quiet_sd", RED)):
        axis.plot(levered["cap"], levered[column], "o", color=colour, alpha=0.5, markersize=4)
        axis.plot(*zip(*levered.groupby("cap")[column].median().items(), strict=True), color=colour)
        axis.axhline(runs.loc[runs["cap"] == 0, column].median(), color=GREY, linestyle="--")
        axis.set_xlabel("cap on the funds' leverage")
    left.set_title("Hill exponent of one-tick returns, largest 2.5 %")
    right.set_title("Standard deviation in quiet times (median based)")
    left.annotate("no funds", (CAPS[-1], runs.loc[runs["cap"] == 0, "hill"].median()), color=GREY, fontsize=8, ha="right", va="bottom")
    figure.set_size_inches(2 * HALF, 3.6)
    return figure


if __name__ == "__main__":
    found = table()
    write("leveraged-funds", {"summary": found}, {"tails": draw(found)})
    print(found.groupby("cap").median().round(4).to_string())
