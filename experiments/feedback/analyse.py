"""Transfer, drift and feedback of ADL, and whether it feeds the next wave, from the runs of `adlabm sweep feedback`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from adlabm.reports.studies import below
from adlabm.reports.style import BLUE, GREEN, GREY, ORANGE, RED, SKY, styled
from adlabm.sweep.plan import Plan
from adlabm.sweep.statistics import bca

POLICIES, HOLD, PATHS = ("queue", "profit pro rata"), "hold", ("rebound", "fall")
AXES = {
    "depth.permanent": "lasting impact",
    "depth.half_life_s": "half-life of the book, s",
    "traders.hedgers.equity.median": "hedgers' median equity",
    "fund.share": "fund over open interest",
}
CALLED = 0.9
BY = "metric:by-group"
COLUMNS = (
    "private",
    "haircut_notional",
    "feedback",
    "total",
    "feeds_first",
    "feeds_second",
    "deepens_first",
    "deepens_second",
    "adl",
    "runaway",
)


def outcomes(runs: pd.DataFrame) -> pd.DataFrame:
    """Per run: costs in shares of a short's equity against the world that holds, and what the crashes liquidate, over open interest.

    transfer + drift = W(exempt) - W(own) in this world; feedback = W(exempt; hold) - W(exempt; this world); total is their sum.
    """
    world = runs["treatment"].str.split(": ", expand=True)
    rows = runs[["replication", "seed", *AXES]].assign(world=world[0], path=world[1], runaway=runs["runaway"])
    rows["adl"] = runs["adl_notional"] / runs["oi_start"]
    own, exempt = runs[f"{BY}.short.wealth"], runs[f"{BY}.short-exempt.wealth"]
    rows["haircut_notional"], rows["private"], rows["exempt"] = runs[f"{BY}.short.haircut"], exempt - own, exempt
    rows["hedgers"], rows["longs"], rows["closed"] = runs[f"{BY}.hedgers.wealth"], runs[f"{BY}.long.wealth"], runs[f"{BY}.short.closed"]
    for half in ("first", "second"):
        rows[f"liquidated_{half}"] = runs[f"metric:halves.{half}.liquidated"]
        rows[f"low_{half}"] = runs[f"metric:halves.{half}.low"]
    keys = ["replication", "path", *AXES]
    held = rows[rows["world"] == HOLD].set_index(keys)
    base = rows[keys].merge(held.reset_index(), on=keys, how="left")
    rows["feedback"] = base["exempt"].to_numpy() - rows["exempt"].to_numpy()
    rows["total"] = rows["private"] + rows["feedback"]
    for half in ("first", "second"):
        rows[f"feeds_{half}"] = rows[f"liquidated_{half}"].to_numpy() - base[f"liquidated_{half}"].to_numpy()
        rows[f"deepens_{half}"] = base[f"low_{half}"].to_numpy() - rows[f"low_{half}"].to_numpy()
    return rows


def signs(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Per world and path: mean over the prior, its BCa intervals over points (each a mean over populations) and over populations (each a
    mean over points); how many points are above zero.

    `called`: the sign that holds in 90 % of the points, else "unresolved".
    """
    found = []
    for (world, path), part in rows[rows["world"] != HOLD].groupby(["world", "path"], sort=False):
        for column in columns:
            points = part.groupby(list(AXES))[column].mean()
            whole, crowds = bca(points), bca(part.groupby("seed")[column].mean())
            above, below_ = (points > 0).mean(), (points < 0).mean()
            called = "above" if above >= CALLED else "below" if below_ >= CALLED else "zero" if (points == 0).all() else "unresolved"
            row = {"world": world, "path": path, "outcome": column, "mean": whole.estimate, "low": whole.low, "high": whole.high}
            row |= {"populations_low": crowds.low, "populations_high": crowds.high}
            found.append(
                row
                | {"above_zero": above, "called": called, "points": len(points), "populations": part["seed"].nunique(), "runs": len(part)}
            )
    return pd.DataFrame(found)


def rankings(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of prior points, by path, in which the order of the policies by private cost is also their order by total cost."""
    found = []
    for path, part in rows[rows["world"].isin(POLICIES)].groupby("path", sort=False):
        points = part.groupby([*AXES, "world"])[["private", "total"]].mean().unstack()
        order = [points[kind].to_numpy().argsort(axis=1, kind="stable") for kind in ("private", "total")]
        best = [points[kind].idxmin(axis=1) for kind in ("private", "total")]
        same = (order[0] == order[1]).all(axis=1).mean()
        row = {"path": path, "points": len(points), "same_order": same, "same_best": (best[0] == best[1]).mean()}
        found.append(row | {f"best_{kind}": best[n].mode().iloc[0] for n, kind in enumerate(("private", "total"))})
    return pd.DataFrame(found)


def drivers(rows: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rank correlation, over the points of the prior, of what the queue does with each of its parameters."""
    found = []
    for path, part in rows[rows["world"] == "queue"].groupby("path", sort=False):
        points = part.groupby(list(AXES)).mean(numeric_only=True).reset_index()
        for column in ("private", "feedback", "feeds_second", "deepens_second"):
            for axis, label in AXES.items():
                rank = spearmanr(points[axis], points[column])
                found.append({"path": path, "outcome": column, "parameter": label, "rank_correlation": rank.statistic, "p": rank.pvalue})
    return pd.DataFrame(found)


@styled
def draw(rows: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """The decomposition for every world, what is liquidated in the second crash, and the sign map of feedback."""
    figure = Figure(figsize=(10.4, 8.6), layout="constrained")
    top, bottom = figure.subplots(2, 2)
    worlds = [*POLICIES, "sell"]
    for axes, path in zip(top, PATHS, strict=True):
        for n, (column, colour) in enumerate({"private": BLUE, "feedback": ORANGE, "total": RED}.items()):
            part = table[(table["path"] == path) & (table["outcome"] == column)].set_index("world").reindex(worlds)
            mean = 100 * part["mean"].to_numpy()
            reach = np.abs(100 * part[["low", "high"]].to_numpy().T - mean)
            label = {"private": "transfer + drift (path as it is)", "feedback": "feedback (another path)", "total": "total"}[column]
            axes.bar(
                np.arange(len(worlds)) + 0.26 * (n - 1), mean, 0.24, color=colour, yerr=reach, error_kw={"linewidth": 1.0}, label=label
            )
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.set_xticks(range(len(worlds)), worlds, fontsize=8.5)
        axes.set(title=f"What it costs a short, second crash after a {path}", ylabel="% of equity, against an insurer who holds")
    below(top[0], 0.1, 2)
    left, right = bottom
    for n, path in enumerate(PATHS):
        part = table[(table["path"] == path) & (table["outcome"] == "feeds_second")].set_index("world").reindex(worlds)
        mean = 100 * part["mean"].to_numpy()
        reach = np.abs(100 * part[["low", "high"]].to_numpy().T - mean)
        left.errorbar(np.arange(len(worlds)) + 0.12 * n, mean, reach, fmt="o", color=(SKY, GREEN)[n], label=f"after a {path}", capsize=2)
    left.axhline(0, color=GREY, linewidth=0.8)
    left.set_xticks(range(len(worlds)), worlds, fontsize=8.5)
    left.set(title="More liquidated in the second crash than under holding", ylabel="points of open interest")
    below(left, 0.1)
    queue = rows[rows["world"] == "queue"]
    points = queue.groupby([*AXES, "path"])["feedback"].mean().reset_index()
    reach = points["feedback"].abs().max() or 1.0
    for path, mark, size in zip(PATHS, "o^", (170, 45), strict=True):
        part = points[points["path"] == path]
        shown = right.scatter(
            part["depth.permanent"], part["traders.hedgers.equity.median"] / 1e3, c=100 * part["feedback"], marker=mark, s=size,
            cmap="PuOr", vmin=-100 * reach, vmax=100 * reach, edgecolor="black", linewidth=0.5, label=f"after a {path}",
        )  # fmt: skip
    figure.colorbar(shown, ax=right, label="feedback, % of a short's equity")
    right.set(title="Sign map of feedback under the queue", xlabel="lasting share of impact", ylabel="hedgers' median equity, thousand")
    below(right, 0.16)
    size = f"{table['points'].max()} points of the prior, populations: {table['populations'].max()}, bars: 95 % over the prior"
    figure.suptitle(f"Does ADL feed back? ({size})", x=0.01, ha="left", weight="bold")
    return figure


def analysis(runs: pd.DataFrame, _: Plan) -> tuple[dict[str, pd.DataFrame], dict[str, Figure]]:
    """Signs over the prior, whether the ranking survives, what drives feedback, and their figure."""
    each = outcomes(runs)
    found = signs(each, COLUMNS)
    return {"signs": found, "rankings": rankings(each), "drivers": drivers(each)}, {"feedback": draw(each, found)}
