"""What the order of events and a few settings decide in `crash`: one change at a time, the same populations and noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import adlabm as ad
from adlabm import registry
from adlabm.scenario import read_scenario

SEEDS = 7
RESULTS = Path(__file__).parents[2] / "results" / "sensitivity"
KNOTS = [[0, 1.0], [1800, 1.0], [2100, 0.90], [3000, 0.93], [9000, 0.94]]
ARBITRAGE = {
    "name": "arbitrage", "count": 20, "equity": 1e6, "notional": 5e7, "opening": 0.0, "pace_s": 60, "slice": 0.1,
    "signal": {"rule": "arbitrage"}, "leverage": {"rule": "target", "leverage": {"law": "uniform", "low": 3.0, "high": 5.0}},
}  # fmt: skip
"""Index arbitrageurs as in market models 6.2: 1 to 2 % of traders, 5 % of open interest, 3 to 5 times; `crash` itself has none."""
WITH_ARBITRAGE: tuple[str, Any] = ("traders", [*read_scenario(registry.find("scenarios", "crash"), "crash")["traders"], ARBITRAGE])
CHANGES: dict[str, list[tuple[str, Any]]] = {
    "as shipped": [],
    "half the tick (30 s)": [("tick_s", 30), ("ticks", 300)],
    "half the price tick": [("contracts.0.tick", "0.05"), ("contracts.1.tick", "0.005")],
    "move_limit 0.05 % a second": [("liquidation.move_limit", 0.0005)],
    "move_limit 0.2 % a second": [("liquidation.move_limit", 0.002)],
    "no move_limit": [("liquidation.move_limit", 0.0)],
    "rounds of 0.5 s": [("round_s", 0.5)],
    "rounds of 5 s": [("round_s", 5.0)],
    "depth.permanent 0": [("depth.permanent", 0.0)],
    "depth.permanent 0.5": [("depth.permanent", 0.5)],
    "depth.metaorder 1": [("depth.metaorder", 1.0)],
    "arbitrage with the others": [WITH_ARBITRAGE],
    "arbitrage before the others": [WITH_ARBITRAGE, ("price.arbitrage", "before")],
    "arbitrage after the others": [WITH_ARBITRAGE, ("price.arbitrage", "after")],
    "maker long 20 % of open interest": [("price.maker_inventory", 0.2)],
    "maker short 20 % of open interest": [("price.maker_inventory", -0.2)],
}
CONTRASTS = {
    "pro rata": [("adl.policy", "contract-pro-rata")],
    "fund 10 %": [("fund.share", 0.10)],
}
"""The conclusions: pro rata spreads what the queue concentrates; a larger fund deleverages less."""


def measure(changes: list[tuple[str, Any]], seed: int) -> dict[str, float]:
    """Outcomes of one run."""
    found = ad.AdlModel(ad.Scenario.load("crash", sets=changes), rng=seed).run().summary()
    start = float(found["oi_start"])
    return {
        "fall": found["max_drawdown"],
        "liquidated": float(found["liquidated_notional"]) / start,
        "adl": float(found["adl_notional"]) / start,
        "adl_traders": float(found["adl_traders"]),
        "gini": found["gini_adl_notional"] or np.nan,
        "runaway": float(found["runaway"]),
    }


def table(path: Path) -> pd.DataFrame:
    """One row per change, arm and seed, kept as it comes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    done = {(row["change"], row["arm"], row["seed"]) for row in rows}
    for seed in range(SEEDS):
        for change, sets in CHANGES.items():
            for arm, more in {"shipped": [], **CONTRASTS}.items():
                if (change, arm, seed) not in done:
                    rows.append({"change": change, "arm": arm, "seed": seed, **measure([*sets, *more], seed)})
        pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
    return pd.DataFrame(rows)


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """Medians over seeds, and in which share of the seeds that have both arms each conclusion of the shipped settings holds."""
    wide = runs.set_index(["change", "seed", "arm"]).unstack("arm")
    adl, traders, spread = wide["adl"], wide["adl_traders"], wide["gini"]
    held = {
        "crash deleverages": (adl["shipped"], 0.0),
        "pro rata closes more traders": (traders["pro rata"], traders["shipped"]),
        "pro rata is less concentrated": (spread["shipped"], spread["pro rata"]),
        "a fund of 10 % deleverages less": (adl["shipped"], adl["fund 10 %"]),
    }
    held = pd.DataFrame({name: (more > less).where(more.notna() & pd.notna(less)).astype(float) for name, (more, less) in held.items()})
    middle = runs[runs["arm"] == "shipped"].groupby("change")[["fall", "liquidated", "adl", "adl_traders", "runaway"]].median()
    return middle.join(held.groupby("change").mean()).loc[list(CHANGES)]


if __name__ == "__main__":
    found = summary(table(RESULTS / "runs.csv"))
    found.to_csv(RESULTS / "summary.csv", float_format="%.4g")
    print(found.T.to_string())
