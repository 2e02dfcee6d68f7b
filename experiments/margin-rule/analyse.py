"""Fall and ADL over the crowd's leverage by margin rule and size of the hedgers, from the runs of `adlabm sweep margin-rule`."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import below, line, means
from adlabm.reports.style import BLUE, GREEN, styled
from adlabm.sweep.plan import Plan
from adlabm.sweep.statistics import paired

HEDGERS = "traders.hedgers.equity.median"
SIZES = {48_000.0: "hedgers a tenth as large", 480_000.0: "hedgers as in crash", 1_920_000.0: "hedgers four times as large"}
RULES = {"fixed": BLUE, "scaled": GREEN}
SHOWN = {"fall": "largest fall of the mark, %", "adl": "ADL over open interest, %", "crowd": "wealth of the crowd, % of equity"}
OUTCOMES = ("fall", "adl", "liquidated", "crowd", "runaway")


def outcomes(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per run: rule, leverage, hedgers, and what happened, over open interest at the start."""
    words, interest = runs["treatment"].str.split(": ", expand=True), runs["oi_start"]
    return runs[["seed"]].assign(
        hedgers=runs[HEDGERS],
        rule=words[0],
        leverage=words[1].astype(float),
        fall=runs["max_drawdown"],
        adl=runs["adl_notional"] / interest,
        liquidated=runs["liquidated_notional"] / interest,
        crowd=runs["metric:by-group.crowd.wealth"],
        runaway=runs["runaway"],
    )


def contrasts(rows: pd.DataFrame) -> pd.DataFrame:
    """Every rule less `fixed` in the same market and noise, by hedgers and leverage."""
    found = []
    for (hedgers, leverage), part in rows.groupby(["hedgers", "leverage"]):
        worlds = {rule: each.set_index("seed") for rule, each in part.groupby("rule")}
        for rule in ("target", "scaled"):
            for name in OUTCOMES:
                effect = paired(worlds[rule][name], worlds["fixed"][name].reindex(worlds[rule].index))
                row = {"hedgers": hedgers, "leverage": leverage, "rule": rule, "outcome": name, "effect": effect.estimate}
                found.append(row | {"low": effect.low, "high": effect.high, "p": effect.p, "populations": effect.n})
    return pd.DataFrame(found)


@styled
def draw(found: pd.DataFrame) -> Figure:
    """A row per outcome, a column per size of the hedgers, a line per rule; *target* runs away, up or down, and is left to the table."""
    figure = Figure(figsize=(10.4, 8.2), layout="constrained")
    panels = figure.subplots(len(SHOWN), 3, sharey="row", sharex=True)
    for column, (size, words) in enumerate(SIZES.items()):
        for row, (name, label) in enumerate(SHOWN.items()):
            axes = panels[row, column]
            for rule, colour in RULES.items():
                part = found[(found["hedgers"] == size) & (found["rule"] == rule)].sort_values("leverage")
                line(axes, part["leverage"], part, name, colour, rule)
            axes.set(title=words if row == 0 else "", ylabel=label if column == 0 else "")
            axes.set_xlabel("median leverage of the crowd" if name == "crowd" else "")
    for axes in panels[:2].flat:
        axes.set_ylim(bottom=0)
    below(panels[-1, 0], 0.22)
    figure.suptitle(
        f"Margin that follows volatility ({found['populations'].max()} populations, bars: 95 %)", x=0.01, ha="left", weight="bold"
    )
    return figure


def analysis(runs: pd.DataFrame, _: Plan) -> tuple[dict[str, pd.DataFrame], dict[str, Figure]]:
    """Means by rule, leverage and hedgers; the rules against `fixed`; their figure."""
    rows = outcomes(runs)
    found = means(rows, ["hedgers", "rule", "leverage"], OUTCOMES)
    return {"summary": found, "contrasts": contrasts(rows)}, {"margin-rule": draw(found)}
