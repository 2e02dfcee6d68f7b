"""Effects of spreading over more coins, from the runs of `adlabm sweep diversify`."""

from __future__ import annotations

from dataclasses import asdict
from itertools import product

import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import below, line, means
from adlabm.reports.style import BLUE, GREEN, ORANGE, RED, styled
from adlabm.sweep.plan import Plan
from adlabm.sweep.statistics import benjamini_hochberg, paired

COUNTS, COINS = (1, 2, 5, 10), 10
MEASURES = {
    "closed": "share of the notional closed by ADL, %",
    "hit_rate": "hit at all, %",
    "liquidated": "liquidated, %",
    "wealth": "wealth over equity, %",
}
COLOURS = {
    ("isolated", "correlation 0.9"): BLUE,
    ("isolated", "correlation 0"): GREEN,
    ("cross", "correlation 0.9"): ORANGE,
    ("cross", "correlation 0"): RED,
}


def expected(runs: pd.DataFrame, mode: str, count: int, measure: str) -> pd.Series:
    """What a holder of so many coins expects who does not know which will crash: k/10 with it, 1 - k/10 without it."""
    with_it = runs[f"metric:by-group.{mode}-{count}.{measure}"]
    if count == COINS:
        return with_it
    return with_it * count / COINS + runs[f"metric:by-group.{mode}-{count}-other.{measure}"] * (1 - count / COINS)


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per market, adoption, mode, number of coins and measure: the mean and its difference to one isolated coin.

    Kinds: `private` compares within a market, `total` with the same market where nobody follows.
    """
    rows = []
    ordered = runs.sort_values("seed")
    alone = dict(iter(ordered[ordered["adoption"] == 0].groupby("treatment")))
    for (market, adoption), part in ordered.groupby(["treatment", "adoption"], sort=False):
        for kind, other in {"private": part, "total": alone[market]}.items():
            for measure, mode, count in product(MEASURES, ("isolated", "cross"), COUNTS):
                mine = expected(part, mode, count, measure)
                found = paired(mine, expected(other, "isolated", 1, measure), part["seed"])
                row = {"market": market, "adoption": adoption, "kind": kind, "mode": mode, "coins": count, "measure": measure}
                rows.append(row | {"mean": mine.mean(), **asdict(found)})
    table = pd.DataFrame(rows).rename(columns={"estimate": "effect", "n": "populations"})
    table = table[(table["kind"] == "private") | (table["adoption"] > 0)]
    return table.assign(p_adjusted=benjamini_hochberg(table["p"].where((table["coins"] > 1) | (table["mode"] == "cross"))))


@styled
def draw(runs: pd.DataFrame) -> Figure:
    """Means over the number of coins, nobody following."""
    figure = Figure(figsize=(10.4, 6.8), layout="constrained")
    here = runs[runs["adoption"] == 0]
    for axes, (measure, label) in zip(figure.subplots(2, 2).ravel(), MEASURES.items(), strict=True):
        for n, ((mode, market), colour) in enumerate(COLOURS.items()):
            part = here[here["treatment"] == market]
            rows = pd.concat([part[["seed"]].assign(coins=count, value=expected(part, mode, count, measure)) for count in COUNTS])
            line(axes, [place + 0.06 * n for place in range(4)], means(rows, ["coins"], ["value"]), "value", colour, f"{mode}, {market}")
        axes.set_xticks(range(4), [str(count) for count in COUNTS])
        axes.set(xlabel="coins held", ylabel=label)
    below(figure.axes[2], columns=2)
    figure.suptitle(f"Spreading the same notional ({runs['seed'].nunique()} populations, bars: 95 %)", x=0.01, ha="left", weight="bold")
    return figure


def analysis(runs: pd.DataFrame, _: Plan) -> tuple[dict[str, pd.DataFrame], dict[str, Figure]]:
    """Effects and their figure."""
    return {"effects": table(runs)}, {"effects": draw(runs)}
