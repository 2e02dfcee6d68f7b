"""What becomes of the burden when every coin has to pay for itself?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from adlabm.data.where import ORIGINS
from adlabm.replay._day import Day, Replay, markdown
from adlabm.reports.style import styled

FEW = 10
"""Coins with fewer deleveraged accounts show no haircut: it would tell the profit of single accounts."""
PUBLISHED = {
    "needed over realised profit, all coins": 0.0181,
    "needed over notional, all coins, basis points": 71.7,
    "coins without profit to give": 7,
    "haircut of the coin at 95 % over that at 5 %": 22,
    "notional inside the waves, US dollars": 1_466.3e6,
    "share of the notional inside the waves": 0.697,
    "share of the notional inside the waves, BTC": 0.600,
    "share of the notional inside the waves, ETH": 0.437,
    "share of the notional inside the waves, SOL": 0.422,
}
LIMITS = (
    "Only positions that were deleveraged are in the files: a pool is what the queue had chosen in a coin, not all its winners.",
    "The budget needed of a coin is the gap between mark and fill of its own ADL; pooled accounts would have been closed at other prices.",
    "Profit by coin is realised over many fills and netted over accounts, so losers in a coin reduce what it can give.",
    "Capacity and deficit of the clusters come from the queue model of arXiv 2512.01112, coin by coin; most clusters have no deficit.",
    f"Haircuts of coins with fewer than {FEW} accounts are used in the quantiles, but neither shown nor written.",
    "The notional inside the waves is contracts times the day's average ADL price of the coin: approximate.",
    "The path of prices is fixed, positions are not hedged across coins here. One event, one venue.",
)


def coins(data: Path | None = None) -> Replay:
    """Pools by coin against pooled accounts: which pools cannot pay, and how the haircut spreads over those that can.

    Formula: a pool is infeasible where its burden exceeds what its winners have; its haircut is burden over that; pooled, both are summed.
    Units: US dollars; haircuts without unit.
    Source: tables of arXiv 2512.01112 v3 (MIT); profit by coin from HyperReplay (non-commercial), where present.
    """
    day = Day(data)
    clusters = day.table("clusters")
    table = by_coin(day)
    short = clusters[clusters["residual_queue_usd"] > 0]
    asked = clusters[(clusters["deficit_usd"] > 0) & (clusters["residual_queue_usd"] == 0)]
    text = [
        "## Deficits against winners, cluster by cluster",
        f"{len(clusters):,} clusters of one coin each; {(clusters['deficit_usd'] > 0).sum():,} have a deficit and"
        f" {len(short):,} of these cannot pay it"
        f" ({clusters['residual_queue_usd'].sum():,.2f} of {clusters['deficit_usd'].sum():,.2f} stay uncovered, in"
        f" {short['coin'].nunique()} coins:"
        f" most in {', '.join(short.groupby('coin')['residual_queue_usd'].sum().nlargest(5).index)}). Pooled over coins"
        " and time the winners of"
        f" these clusters have {clusters['total_capacity_usd'].sum():,.2f} and nothing is infeasible.",
        markdown(
            spread("cluster", asked["deficit_usd"] / asked["total_capacity_usd"], clusters["deficit_usd"], clusters["total_capacity_usd"])
        ),
    ]
    pooled = np.nan
    if day.has("coins"):
        pooled = table["needed"].sum() / day.table("coins")["closed_pnl"].sum()
        text += profits(day, table)
    else:
        text += ["## Budget needed against profit", f"Left out: {ORIGINS[1].what} ({ORIGINS[1].source}) are not there; {ORIGINS[1].terms}."]
    caption = "Haircut by pool: the share of pools below it; dashed, the one haircut of pooled accounts."
    figures = {"spread": (caption, figure(table, asked, pooled))}
    shown = table.drop(columns="all_haircuts")
    return Replay("Pools by coin against pooled accounts", "\n\n".join(text), LIMITS, {"coins": shown}, figures, day.inputs)


def by_coin(day: Day) -> pd.DataFrame:
    """One row per coin: the clusters and, where profit is known, whether the profit covers the budget needed.

    `all_haircuts` serves quantiles and figures and is not written.
    """
    gaps = day.table("gaps")
    spelling = {name.upper(): name for name in gaps["coin"]}  # the clusters spell kPEPE and its like in capitals
    clusters = day.table("clusters").assign(infeasible_clusters=lambda t: t["residual_queue_usd"] > 0, clusters=1)
    clusters["coin"] = clusters["coin"].map(lambda name: spelling.get(name.upper(), name))
    names = {"deficit_usd": "deficit", "total_capacity_usd": "capacity", "residual_queue_usd": "residual"}
    table = clusters.groupby("coin")[["clusters", "infeasible_clusters", *names]].sum().rename(columns=names)
    table = (
        table.join(gaps.groupby("coin")["gap_usd_x_qty"].sum().rename("needed"), how="outer")
        .fillna(0)
        .reset_index(names="coin")
        .set_index("coin")
    )
    if not day.has("coins"):
        return table.assign(feasible=None, haircut=np.nan, all_haircuts=np.nan).reset_index()
    pools = day.table("coins").set_index("coin").reindex(table.index)
    profit = pools["closed_pnl"].where(pools["closed_pnl"] > 0)
    feasible = table["needed"] <= profit.fillna(0.0)
    haircuts = (table["needed"] / profit).where(feasible)
    return table.assign(feasible=feasible, haircut=haircuts.where(pools["num_users"] >= FEW), all_haircuts=haircuts).reset_index()


def profits(day: Day, table: pd.DataFrame) -> list[str]:
    """The second half of the text: the budget needed by coin against the profit that was realised in it."""
    pools, volumes = day.table("coins"), day.table("volumes").set_index("ticker")
    gaps, haircuts = day.table("gaps"), table["all_haircuts"].dropna()
    needed, profit, notional = table["needed"].sum(), pools["closed_pnl"].sum(), pools["adl_notional"].sum()
    value = (gaps["qty_contracts"] * gaps["coin"].map(volumes["avg_price"])).groupby(gaps["coin"]).sum()
    inside, notionals = float(value.sum()), pools.set_index("coin")["adl_notional"]
    covered = (value[coin] / notionals[coin] for coin in ("BTC", "ETH", "SOL"))
    low, high = haircuts.quantile([0.05, 0.95])
    values = (needed / profit, 1e4 * needed / notional, (pools["closed_pnl"] <= 0).sum(), high / low, inside, inside / notional, *covered)
    found = dict(zip(PUBLISHED, values, strict=True))
    rows = [(name, float(value), float(found[name]), float(found[name]) - value) for name, value in PUBLISHED.items()]
    unable = table[~table["feasible"].astype(bool)]
    return [
        "## Budget needed against profit, coin by coin",
        f"Infeasible: {', '.join(unable['coin'])} ({len(unable)} of {len(table)} coins), in sum"
        f" {unable['needed'].sum():,.2f} of {needed:,.2f}."
        " Accounts pooled over coins pay the whole at one haircut.",
        markdown(spread("coin", haircuts, table["needed"], pools["closed_pnl"])),
        markdown(pd.DataFrame(rows, columns=["figure", "published", "recomputed", "difference"]).round(6)),
    ]


def spread(pool: str, haircuts: pd.Series, burden: pd.Series, capacity: pd.Series) -> pd.DataFrame:
    """Quantiles of the haircut over feasible pools with a burden, and the one haircut of all pooled."""
    low, middle, high = haircuts.quantile([0.05, 0.5, 0.95])
    row = {"haircut by": pool, "pools": len(haircuts), "5 %": low, "median": middle, "95 %": high, "95 % over 5 %": high / low}
    return pd.DataFrame([row | {"largest": haircuts.max(), "pooled": burden.sum() / capacity.sum()}])


@styled
def figure(table: pd.DataFrame, asked: pd.DataFrame, pooled: float) -> Figure:
    """Distribution of haircuts over pools; dashed the one of all pools together, for the coins `pooled`."""
    drawn = Figure(figsize=(7.2, 4.0), layout="constrained")
    axes = drawn.subplots()
    clusters = asked["deficit_usd"] / asked["total_capacity_usd"]
    shown = {"clusters: deficit over capacity": (clusters, table["deficit"].sum() / table["capacity"].sum())}
    if table["all_haircuts"].notna().any():
        shown["coins: needed over profit"] = (table["all_haircuts"].dropna(), pooled)
    for colour, (label, (values, together)) in zip(sns.color_palette("colorblind"), shown.items(), strict=False):
        sns.ecdfplot(x=values, ax=axes, color=colour, label=label)
        axes.axvline(together, color=colour, ls="--", lw=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set(xlabel="haircut of the pool (log)", ylabel="share of pools")
    axes.legend(frameon=False)
    return drawn
