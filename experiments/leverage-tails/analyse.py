"""E1: the same Gaussian index under traders whose leverage is cut at 1, 2, ..., 100: tails and clustering of the perpetual's returns.

Kinds of market: `trading` is `market.toml`; in `holding` everybody keeps a side and the only orders are liquidations and re-entries; in
`null` nobody moves the price.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import adlabm as ad
from adlabm.reports.style import BLUE, GREY, ORANGE, RED, WIDE, styled
from adlabm.validate.statistics import acf, hill

CAPS = (1, 2, 5, 10, 30, 100)
SEEDS = 4
SETS = ["ticks=14400"]
RESULTS = Path(__file__).parents[2] / "results" / "leverage-tails"
LAGS = np.arange(1, 31)
MARKET = Path(__file__).with_name("market.toml")


def scenario(cap: float, kind: str) -> ad.Scenario:
    """The market with every leverage cut at `cap`."""
    base = ad.Scenario.load(MARKET, sets=SETS)
    traders = [_cut(each, max(cap, 1.01)) for each in base.resolved()["traders"]]
    if kind == "holding":
        keep = {"signal": {"rule": "side"}, "profit_taking": {"rule": "none"}, "stop": {"rule": "none"}, "reaction": {"rule": "ignore"}}
        keep |= {"pace_s": 14_400.0, "reentry_s": 14_400.0}
        traders = [{**each, **keep, "opening": 1.0} for each in traders if each["name"] != "arbitrage"]
    return ad.Scenario.load(MARKET, sets=[*SETS, ("price.formation", "external" if kind == "null" else "depth")], traders=traders)


def _cut(group: dict[str, Any], cap: float) -> dict[str, Any]:
    """A group whose leverage, law or target, is at most `cap`."""
    rule = dict(group["leverage"])
    for key in ("leverage", "cap"):
        if isinstance(rule.get(key), dict):
            law = rule[key]
            high = min(law.get("high") or cap, cap)
            rule[key] = {**law, "high": high, "low": min(law.get("low") or 0.01, high)}
        elif key in rule:
            rule[key] = min(rule[key], cap)
    return {**group, "leverage": rule}


def measure(cap: float, kind: str, seed: int) -> dict[str, float]:
    """Tail exponents of 5-minute returns, clustering of 1-minute returns, and whether the worst falls are liquidations."""
    model = ad.AdlModel(scenario(cap, kind), rng=seed).run()
    series = model.tables().series.to_pandas()
    series = series[series["contract"] == "BTCUSDT"]
    trade, forced = series["trade"].to_numpy(float), series["liquidated"].to_numpy(float)
    minute = np.diff(np.log(trade))
    five = np.diff(np.log(trade[4::5]))
    worst = five <= np.quantile(five, 0.01)
    at = forced[5 : 5 * (len(five) + 1)].reshape(-1, 5).sum(axis=1) > 0
    memory = acf(np.abs(minute), LAGS)
    return {
        "hill": hill(np.abs(five), 0.05),
        "hill_falls": hill(-five, 0.05),
        "volatility": float(five.std()),
        "worst_with_liquidation": float(at[worst].mean()),
        "all_with_liquidation": float(at.mean()),
        "liquidated_per_day": float(forced.sum() / series["open_interest_ex_maker"].to_numpy(float).mean() / 10),
        **{f"acf_{lag}": float(memory[lag - 1]) for lag in (1, 2, 3, 5, 10, 30)},
    }


def table(path: Path) -> pd.DataFrame:
    """One row per cap, kind and seed, kept as it comes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    done = {(row["cap"], row["kind"], row["seed"]) for row in rows}
    for seed in range(SEEDS):
        for cap, kind in [*((cap, kind) for cap in CAPS for kind in ("trading", "holding")), (100, "null")]:
            if (cap, kind, seed) not in done:
                rows.append({"cap": cap, "kind": kind, "seed": seed, **measure(cap, kind, seed)})
                pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
    return pd.DataFrame(rows)


@styled
def draw(runs: pd.DataFrame) -> Figure:
    """Tail exponent against the cap, and the memory of absolute returns."""
    figure = Figure(figsize=(WIDE, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    kinds = {kind: runs[runs["kind"] == kind] for kind in ("trading", "holding", "null")}
    left.axhspan(2, 4, color=GREY, alpha=0.12, lw=0)
    for kind, colour, label in (("trading", BLUE, "traders as they are"), ("holding", ORANGE, "only liquidations and re-entries trade")):
        left.plot(kinds[kind]["cap"], kinds[kind]["hill"], "o", color=colour, markersize=3, alpha=0.5)
        middle = kinds[kind].groupby("cap")["hill"].median()
        left.plot(middle.index, middle, color=colour, label=label)
    left.axhline(kinds["null"]["hill"].median(), color=RED, label="nobody moves the price")
    left.set(xscale="log", xlabel="highest leverage", ylabel="tail exponent of 5-minute returns", xticks=CAPS, xticklabels=CAPS)
    left.set_title("Tails (band: real markets)")
    left.legend(frameon=False, fontsize=8)
    lags = [1, 2, 3, 5, 10, 30]
    for kind, cap, colour, style in (
        *(("trading", 1, BLUE, ":"), ("trading", 100, BLUE, "-"), ("holding", 10, ORANGE, ":"), ("holding", 100, ORANGE, "-")),
        ("null", 100, RED, "-"),
    ):
        mine = kinds[kind][kinds[kind]["cap"] == cap]
        label = f"{kind}, leverage up to {cap}" if kind != "null" else "nobody moves the price"
        right.plot(lags, [mine[f"acf_{lag}"].median() for lag in lags], style, color=colour, label=label)
    right.set(xscale="log", xlabel="lag, minutes", ylabel="ACF of absolute 1-minute returns", xticks=lags, xticklabels=lags)
    right.set_title("Clustering")
    right.legend(frameon=False, fontsize=8)
    return figure


if __name__ == "__main__":
    runs = table(RESULTS / "runs.csv")
    found = runs.drop(columns="seed").groupby(["kind", "cap"]).median()
    found.to_csv(RESULTS / "summary.csv", float_format="%.4g")
    draw(runs).savefig(RESULTS / "tails.png", dpi=150, facecolor="white")
    sys.stdout.write(found.T.to_string() + "\n")
