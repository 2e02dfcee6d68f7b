"""How would the same burden have fallen on those who were deleveraged, had another rule split it?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from adlabm.replay._accounts import MEASURES, OPTIONS, redistribution, rules, tiers, wealth_policies
from adlabm.replay._day import Day, Replay, markdown
from adlabm.replay._waves import deficits
from adlabm.reports.style import BLUE, styled

PHANTOMS = (0.0, 0.5, 1.0, 2.0, 5.0)
"""Profit of winners that were not selected, in multiples of the observed."""
TITLE = "Redistribution of a given burden among those deleveraged"
LIMITS = (
    "Only accounts that were deleveraged are in the file, so no rule can pick anybody else: the comparison is among"
    " those whom the queue had chosen.",
    "Unselected winners are invented: likenesses of the selected ones in size, leverage and return. The real ones differ in all three.",
    "`closed_pnl` is realised over many fills, not profit at risk at one moment.",
    "There are no rows by position, hence no sequence, no partial closes, no lots and no price impact.",
    "Account value is cash-like and of one moment; the upper tail of leverage is numerical (values near zero). Equity"
    " here is that value plus profit.",
    "The deficits behind three of the budgets are dominated by the venue's own vault, one of them counts it nine times.",
    "The budget needed comes from waves that cover 69.7 % of the notional.",
    "The path of prices is fixed: no feedback of the rule on prices or on later waves.",
    "The true score of the venue is not published: every queue here is a model of it, ordered by return and leverage as the file has them.",
    f"Random arrival is the mean of {OPTIONS['random-arrival']['orders']} drawn orders, so those it touches are a floor; it is not ranked.",
    "The account file may be used for non-commercial purposes only; nothing here identifies an account, and nobody should try.",
    "One event, one venue.",
)


def accounts(data: Path | None = None) -> Replay:
    """The deleveraged accounts of 10 October 2025 as winners: every wealth-space policy on four budgets, with phantom profit behind them.

    Formula: w = max(closed_pnl, 0); each policy splits the budget in wealth space, ties by score then address; the measures are of the
        19,337 observed accounts, whatever phantom winners pay.
    Units: budgets US dollars; phantom in multiples of the observed profit; the rest counts and shares.
    Source: HyperReplay (non-commercial) for the accounts, tables of arXiv 2512.01112 v3 (MIT) for the budgets.
    """
    day = Day(data)
    table = day.table("accounts")
    amounts = budgets(day)
    rows = redistribution(table, amounts, PHANTOMS)
    main = rows[(rows["phantom"] == 0) & (rows["budget"] == amounts["needed"])]
    lacking = "; ".join(f"`{key}` ({', '.join(columns)})" for key, columns in wealth_policies().items() if columns)
    profit = table["closed_pnl"].clip(lower=0).sum()
    text = "\n\n".join(
        [
            f"{len(table):,} accounts with a profit of {profit:,.2f} US dollars in {(table['closed_pnl'] > 0).sum():,}"
            " of them. A rule decides who of"
            " these gives up how much of it; how much in sum is given by the budget. Rows stand in alphabetical order.",
            "## Budgets, US dollars",
            markdown(
                pd.DataFrame(
                    {"budget": list(amounts), "amount": list(amounts.values()), "of profit": [b / profit for b in amounts.values()]}
                )
            ),
            f"Left out, as the file lacks what they read: {lacking}.",
            "## The budget needed, no phantom profit",
            markdown(_shown(main)),
            "## Accounts touched, by phantom profit (budget needed)",
            markdown(_over(rows, amounts["needed"], "touched")),
            "## Largest haircut, by phantom profit (budget needed)",
            markdown(_over(rows, amounts["needed"], "max_haircut")),
            "## Gini of losses, by phantom profit (budget needed)",
            markdown(_over(rows, amounts["needed"], "gini_loss")),
            "## What can be ranked",
            "Groups from the lowest value to the highest. A line is drawn between two groups only where all rules on"
            " one side lie below all on the"
            " other for every budget and every phantom profit from 0 to 5 times the observed; within a group no order is claimed.",
            "\n".join(f"* `{measure}`: {_groups(tiers(rows, measure))}" for measure in MEASURES),
        ]
    )
    figures = {
        "ranges": (
            "Measures by rule: the dot is the budget needed without phantom profit, the line spans all budgets and phantom profits.",
            _ranges(rows, main),
        ),
        "phantom": (
            "Accounts touched when unselected winners stand beside them (budget needed); the rules left out touch the"
            " same ones throughout.",
            _phantom(rows, amounts["needed"]),
        ),
    }
    return Replay(TITLE, text, LIMITS, {"accounts": rows}, figures, day.inputs)


def budgets(day: Day) -> dict[str, float]:
    """The four burdens by name, US dollars."""
    by_count = {name: float(values.sum()) for name, values in deficits(day.table("losers")).items()}
    return {
        "needed": float(day.table("policies")["budget_needed"].sum()),
        "deficit counted once": by_count["once"],
        "negative-equity rows": float(day.table("clusters")["deficit_usd"].sum()),
        "published deficit": by_count["as published"],
    }


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"rule": rules(rows)}).join(rows[list(MEASURES)].round(6))


def _over(rows: pd.DataFrame, budget: float, measure: str) -> pd.DataFrame:
    own = rows[rows["budget"] == budget].assign(rule=rules)
    return own.pivot(index="rule", columns="phantom", values=measure).rename(columns="{:g}".format).round(6).reset_index()


def _groups(found: list[list[str]]) -> str:
    return " < ".join(f"{{{', '.join(group)}}}" for group in found) if len(found) > 1 else "nothing: every line would be crossed somewhere"


@styled
def _ranges(rows: pd.DataFrame, main: pd.DataFrame) -> Figure:
    figure = Figure(figsize=(10.4, 4.4), layout="constrained")
    shown = {
        "touched": "accounts touched",
        "max_haircut": "largest haircut",
        "top10_share": "top ten's share",
        "gini_loss": "Gini of losses",
    }
    for axes, (measure, label) in zip(figure.subplots(1, len(shown), sharey=True), shown.items(), strict=True):
        spread = rows.assign(rule=rules).groupby("rule")[measure].agg(["min", "max"])
        axes.hlines(spread.index, spread["min"], spread["max"], color="0.6", lw=1.6)
        sns.scatterplot(main.assign(rule=rules), x=measure, y="rule", ax=axes, color=BLUE, s=34, zorder=3)
        axes.set(xlabel=label, ylabel="")
        axes.set_xscale("log" if measure == "touched" else "linear")
        axes.xaxis.set_major_formatter("{x:g}")
    axes.invert_yaxis()
    return figure


@styled
def _phantom(rows: pd.DataFrame, budget: float) -> Figure:
    own = rows[rows["budget"] == budget].assign(rule=rules)
    own = own[own.groupby("rule")["touched"].transform("nunique") > 1]
    figure = Figure(figsize=(8.4, 4.0), layout="constrained")
    axes = figure.subplots()
    sns.lineplot(own, x="phantom", y="touched", hue="rule", style="rule", dashes=False, markers=True, palette="colorblind", ax=axes)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set(xlabel="unselected profit, multiples of the observed", ylabel="accounts touched, of 19,337 (log)")
    axes.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
