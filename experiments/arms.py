"""A piece of advice: what it does to one who follows, to those who do not, and to everyone; shared by the studies of arms beside twins."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.effects import page
from adlabm.reports.studies import means
from adlabm.sweep.effects import effects
from adlabm.sweep.plan import Plan

ARMS = {
    "own-leverage": {
        "x1": "1x",
        "x2": "2x",
        "x5": "5x",
        "x20": "20x",
        "n2": "2x, same notional",
        "n5": "5x, same notional",
        "n20": "20x, same notional",
    },
    "prompt-profit-taking": {
        "take2": "target 2 %",
        "take5": "target 5 %",
        "take10": "target 10 %",
        "again5": "5 %, enters again",
        "random-short": "random, 2,000 s",
        "random-long": "random, 8,500 s",
    },
    "position-size": {"x10": "10 times", "x100": "100 times"},
    "watch-the-lights": {**{f"wait{s}": f"{s} s" for s in (0, 1, 5, 15, 60, 300, 600)}, "random": "random exit"},
}
"""Study -> arm -> its name in figures."""
MAIN = {"own-leverage": "x5", "prompt-profit-taking": "take5", "position-size": "x100", "watch-the-lights": "wait5"}
CONTROLS = {"null": "null twin", "placebo": "twice the equity"}
SIZES = ("traders.large.equity", "small", "large")


def analysis(name: str, runs: pd.DataFrame, plan: Plan) -> tuple[dict[str, pd.DataFrame], dict[str, Figure]]:
    """Effects, the market in every cell, and their figure."""
    arms = ARMS[name]
    controls = {arm: label for arm, label in CONTROLS.items() if f"metric:by-group.{arm}.closed" in runs}
    table = effects(runs, plan, "probe", [*arms, *controls])
    if name == "position-size":
        sizes = effects(runs, plan, SIZES[1], [SIZES[2]])
        table = pd.concat(
            [table, sizes[sizes["cell"].str.startswith(SIZES[0]) | (sizes["cell"] == sizes["cell"].iloc[0])]], ignore_index=True
        )
    market = pd.DataFrame({"cell": runs["cell"], "seed": runs["seed"], "fall": runs["max_drawdown"], "with_adl": runs["adl_events"] > 0})
    for key in ("adl", "liquidated"):
        market[f"{key}_over_oi"] = runs[f"{key}_notional"] / runs["oi_start"]
    levels = means(market, ["cell"], ["adl_over_oi", "liquidated_over_oi", "fall", "with_adl"])
    return {"effects": table, "market": levels}, {"effects": page(table, arms, controls, MAIN[name], plan.study.title)}
