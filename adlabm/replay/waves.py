"""Do the published figures of Hyperliquid's ADL waves follow from the published tables, and what becomes of them?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from adlabm.replay._claims import claims
from adlabm.replay._day import Day, Replay, markdown
from adlabm.replay._published import UNKNOWN, WAVES, compared
from adlabm.replay._waves import by_wave, recomputed, totals, waves_of
from adlabm.reports.style import money_axis, styled

LIMITS = (
    "Sixteen waves of one event at one venue; they cover 31,152 of 34,983 fills and about 70 % of the notional, and"
    " the largest fill is outside.",
    "A check of sums and metrics, not of how any policy splits: what each policy took in a wave is read, not simulated.",
    "The path of prices is fixed: what another rule would have done to prices, and so to later waves, is not in these tables.",
    "Budgets produced are measured until a wave ends, 0 to 44 s after its first fill, and hold the drift of prices meanwhile.",
    "Deficits are dominated by one loss, which public repositories attribute to the venue's own liquidation vault;"
    " whether it is one loss or nine cannot"
    " be told from the tables, so both are shown, and none at all.",
    "Waves without a deficit have no severity; where the repeated loss is left out, the first wave drops out of path,"
    " bound and severity losses.",
    "The largest haircuts of the integer programme, the reference of the fairness regret, are read as published and are not minima.",
)


def waves(data: Path | None = None) -> Replay:
    """The published figures of the ADL waves of 10 October 2025, recomputed; then with the repeated loss counted once, and left out.

    Formula: overshoot, tracking, fairness regret, path and bound as in the metrics of these names; severities by the online-gradient rule.
    Units: US dollars; severities without unit.
    Source: tables of arXiv 2512.01112 v3 and 2602.15182 (MIT).
    """
    day = Day(data)
    table = by_wave(day)
    sums = totals(table)
    found = recomputed(day, table, sums)
    text = "\n\n".join(
        [
            "## Published, recomputed, difference",
            markdown(compared(found)),
            f"Not recomputable: {'; '.join(UNKNOWN)}.",
            "## The waves as printed, in dollars",
            markdown(printed(table)),
            "## Which published claims survive",
            "\n".join(claims(table, sums, found)),
            "## Every policy of the tables",
            "`tracking` is the sum of |produced - needed|; `total` adds the fairness regret; all in dollars. Only the"
            " bound depends on how often the"
            " repeated loss is counted.",
            markdown(policies(sums)),
            "## Severity, with the repeated loss as published, once, left out",
            "`severity_loss` is the sum of D |theta - theta*|: for `static` of the best constant, for"
            " `online-gradient` of steps of the best size, by start.",
            markdown(controllers(sums)),
        ]
    )
    figures = {
        "overshoot": (
            "Overshoot by wave against its duration: in sum, waves of one time stamp undershoot and longer ones overshoot.",
            overshoot_figure(table),
        ),
        "severity": ("What severity rules lose, by their start, with the repeated loss counted in three ways.", severity_figure(sums)),
    }
    return Replay("The ADL waves of 10 October 2025, recomputed", text, LIMITS, {"waves": table, "totals": sums}, figures, day.inputs)


def printed(table: pd.DataFrame) -> pd.DataFrame:
    """Recomputed values of production by wave, and the largest difference from the printed ones."""
    real = waves_of(table, "prod").merge(WAVES, on="wave", suffixes=("", "_printed"), validate="1:1")
    names = ["needed", "produced", "overshoot"]
    off = pd.DataFrame({name: real[name] - real[f"{name}_printed"] for name in names}).abs().max(axis=1)
    return real[["wave", "seconds", *names]].assign(largest_difference=off)


def policies(sums: pd.DataFrame) -> pd.DataFrame:
    """One row per policy: its errors, and its total loss as a share of the three bounds."""
    rows = sums[sums["total"].notna()]
    shares = rows.pivot(index="policy", columns="counted", values="share_of_bound").add_prefix("of bound, ")
    names = ["policy", "net", "tracking", "fairness_regret", "fairness_excess", "total"]
    money = rows[rows["counted"] == "as published"][names].round(2).replace(-0.0, 0.0)
    return money.merge(shares[["of bound, as published", "of bound, once", "of bound, left out"]], on="policy")


def controllers(sums: pd.DataFrame) -> pd.DataFrame:
    """Severity rules: loss, and bound."""
    rows = sums[sums["theta"].notna()]
    return rows[["counted", "policy", "theta", "severity_loss", "path", "bound"]]


@styled
def overshoot_figure(table: pd.DataFrame) -> Figure:
    """Signed overshoot of every wave over its duration; both axes linear near zero and logarithmic beyond."""
    real = waves_of(table, "prod").assign(kind=lambda t: np.where(t["seconds"] == 0, "one time stamp", "longer"))
    figure = Figure(figsize=(7.2, 4.0), layout="constrained")
    axes = figure.subplots()
    sns.scatterplot(real, x="seconds", y="overshoot", hue="kind", style="kind", palette="colorblind", s=70, ax=axes)
    axes.set_yscale("symlog", linthresh=1e4)
    axes.axhline(0, color="0.4", lw=0.8)
    for wave, x, y in zip(real["wave"], real["seconds"], real["overshoot"], strict=True):
        axes.annotate(str(wave), (x, y), (5, 3), textcoords="offset points", fontsize=7.5)
    axes.set(xlabel="duration of the wave, s", ylabel="produced less needed, US dollars")
    money_axis(axes)
    axes.set(xlim=(-2, 48), ylim=(-1e7, 1e8))
    axes.legend(title=None, frameon=False, loc="lower right")
    return figure


@styled
def severity_figure(sums: pd.DataFrame) -> Figure:
    """Loss of online gradient steps by start, against the best constant."""
    rows = controllers(sums)
    figure = Figure(figsize=(7.2, 4.0), layout="constrained")
    axes = figure.subplots()
    colours = sns.color_palette("colorblind")
    for colour, (counted, own) in zip(colours, rows.groupby("counted", sort=False), strict=False):
        steps, best = own[own["policy"] == "online-gradient"], own[own["policy"] == "static"]
        sns.lineplot(steps, x="theta", y="severity_loss", marker="o", color=colour, ax=axes, label=f"online gradient, {counted}")
        axes.axhline(best["severity_loss"].iloc[0], color=colour, ls="--", lw=1, label=f"best constant, {counted}")
    axes.set_yscale("log")
    money_axis(axes)
    axes.set(xlabel="severity it starts from", ylabel="loss, US dollars (log)")
    axes.legend(frameon=False, fontsize=7.5, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
