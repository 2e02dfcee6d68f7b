"""Runs `crash` under four scores, looks at every holder every minute, and scores the lights as a forecast of who is hit."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import adlabm as ad
from adlabm.adl.lights import lights
from adlabm.adl.shares import best_first
from adlabm.exchange.candidates import EQUITY, IDENTITY, LOTS, PROFIT, positions_of
from adlabm.kernels.columns import ACCOUNTS_PER_OWNER
from adlabm.metrics.skill import skill
from adlabm.reports.studies import below, means, write
from adlabm.reports.style import BLUE, GREEN, GREY, ORANGE, RED, styled

SCORES = ("generic", "binance", "hyperliquid-doc", "pnl")
FORECASTS = {"lights": RED, "profit": BLUE, "leverage": ORANGE, "size": GREEN, "chance": GREY}
HORIZONS = (1, 10, 60)
START_S = 3600


class Watch:
    """What every holder shows after every tick: lights, return, leverage and size of each position."""

    def __init__(self) -> None:
        self.seen: list[pd.DataFrame] = []

    def collect(self, model: ad.AdlModel) -> None:
        """Note one tick."""
        for contract in range(len(model.config.contracts)):
            for side in (1, -1):
                pool = positions_of(model, contract, side, losers=True)
                if len(pool):
                    self.seen.append(_look(model, pool, contract))


def _look(model: ad.AdlModel, pool: Any, contract: int) -> pd.DataFrame:
    ranked = best_first(model.exchange.ranking(pool.table), pool.table.id)
    winners = ranked[pool.seen[PROFIT][ranked] > 0]
    worth = np.abs(pool.table.quantity) * pool.table.mark_price
    return pd.DataFrame(
        {
            "tick": model.tick - 1,
            "contract": model.config.contracts[contract].name,
            "trader": pool.seen[IDENTITY] // ACCOUNTS_PER_OWNER,
            "side": np.sign(pool.seen[LOTS]),
            "lights": lights(winners, pool.seen[LOTS]),
            "profit": pool.seen[PROFIT] / np.maximum(np.abs(pool.table.quantity * pool.table.entry_price), 1e-9),
            "leverage": worth / np.maximum(pool.seen[EQUITY] / 1e6, 1e-9),
            "size": worth,
        }
    )


def one(score: str, seed: int) -> list[dict[str, float]]:
    """The skill of every forecast at every horizon in one run; the fall comes an hour after the opening."""
    knots = [[0, 1.0], [START_S, 1.0], [START_S + 300, 0.9], [START_S + 1200, 0.93], [START_S + 3600, 0.94]]
    sets = [("adl.score", score), ("index.knots", knots), ("ticks", (START_S + 3600) // 60)]
    watch = Watch()
    model = ad.AdlModel(ad.Scenario.load("crash", sets=sets), rng=seed)
    model.datacollector = watch
    events = model.run().events_frame()
    hits = events.loc[events["kind"] == "adl", ["tick", "contract", "trader", "quantity"]]
    seen = pd.concat(watch.seen, ignore_index=True)
    seen["chance"] = np.random.default_rng(seed).random(len(seen))
    rows = []
    for horizon in HORIZONS:
        units = []
        for (tick, contract), fills in hits.groupby(["tick", "contract"]):
            side = -np.sign(fills["quantity"].iloc[0])
            open_then = seen[(seen["tick"] == tick - horizon) & (seen["contract"] == contract) & (seen["side"] == side)]
            units.append(open_then.assign(event=f"{tick} {contract}", hit=open_then["trader"].isin(fills["trader"]).astype(float)))
        table = pd.concat(units) if units else seen.iloc[:0].assign(event="", hit=0.0)
        for name in FORECASTS:
            rows.append(
                {"score": score, "seed": seed, "horizon": horizon, "forecast": name, **skill(table[name], table["hit"], table["event"])}
            )
    return rows


@styled
def draw(found: pd.DataFrame) -> Figure:
    """AUC over the horizon, a panel per score."""
    figure = Figure(figsize=(10.4, 6.2), layout="constrained")
    panels = figure.subplots(2, 4, sharey="row")
    for column, score in enumerate(SCORES):
        for row, (measure, label) in enumerate({"auc": "AUC within the event", "brier_skill": "Brier skill within the event"}.items()):
            axes = panels[row, column]
            for n, (name, colour) in enumerate(FORECASTS.items()):
                part = found[(found["score"] == score) & (found["forecast"] == name)].set_index("horizon").loc[list(HORIZONS)]
                y = part[measure].to_numpy()
                reach = np.abs(part[[f"{measure}_low", f"{measure}_high"]].to_numpy().T - y)
                axes.errorbar(np.arange(3) + 0.05 * n, y, reach, fmt="o-", color=colour, label=name, markersize=4, capsize=2)
            axes.axhline(0.5 if measure == "auc" else 0.0, color=GREY, linewidth=0.8, zorder=0)
            axes.set_xticks(range(3), [str(horizon) for horizon in HORIZONS])
            axes.set(title=score if row == 0 else "", xlabel="minutes before", ylabel=label if column == 0 else "")
    below(panels[1, 0], 0.25)
    figure.suptitle(f"Who will be hit? ({found['populations'].max()} populations, bars: 95 %)", x=0.01, ha="left", weight="bold")
    return figure


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    seeds = parser.parse_args().seeds
    runs = pd.DataFrame([row for score in SCORES for seed in range(seeds) for row in one(score, seed)])
    summary = means(runs, ["score", "horizon", "forecast"], ["auc", "brier_skill", "events"])
    write("lights", {"summary": summary}, {"lights": draw(summary)})
    print(
        summary[["score", "horizon", "forecast", "auc", "auc_low", "auc_high", "brier_skill", "populations"]]
        .round(3)
        .to_string(index=False)
    )
