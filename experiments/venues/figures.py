"""Figures of the comparison: how unequal policies are, on whom they fall, what a knob changes, how venues differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from adlabm import registry

SHOWN = ("queue", "fifo", "random", "contract-pro-rata", "pnl-pro-rata", "levelling", "constrained-equal-losses")
BANDS = {
    "leverage": ("up to 5x", "5 to 10x", "10 to 20x", "above 20x"),
    "profit": ("lowest", "2nd", "3rd", "highest"),
    "size": ("smallest", "2nd", "3rd", "largest"),
}

TITLES = {"leverage": "entry leverage", "profit": "profit of the run, quarters", "size": "equity, quarters"}
KNOB_COLUMNS = {"adl": "ADL / open interest", "fund_used": "used of the fund / open interest", "fall": "fall of the mark"}
VENUE_COLUMNS = {
    "adl": "ADL / open interest",
    "fund_used": "used of the fund / open interest",
    "liquidations_after_adl": "later liquidations / traders",
    "top10_share": "top 10's share of ADL",
}


def draw(tables: Mapping[str, pd.DataFrame], asked: Sequence[Any], out: Path) -> None:
    """Write all figures into `out`."""
    sns.set_theme(style="whitegrid", context="paper", palette="colorblind")
    for name, figure in {
        "lorenz": lorenz(asked),
        "burden": burden(tables["policies"]),
        "knobs": knobs(tables["knobs"]),
        "venues": venues(tables["venues"]),
    }.items():
        figure.savefig(out / f"{name}.png", dpi=150, bbox_inches="tight")
        plt.close(figure)


def lorenz(asked: Sequence[Any]) -> plt.Figure:
    """Lorenz curves of what candidates give, mean over the recorded requests; policies in contract space."""
    grid = np.linspace(0, 1, 101)
    figure, axes = plt.subplots(figsize=(5.6, 4.6))
    for n, key in enumerate(SHOWN):
        policy, curves = registry.find("policies", key)(), []
        for lots, table, caps, sizes in asked:
            given = np.sort(policy.allocate_lots(lots, table, caps, None, sizes))
            if given.sum():
                curves.append(np.interp(grid, np.linspace(0, 1, len(given) + 1), np.concatenate([[0], given.cumsum() / given.sum()])))
        axes.plot(grid, np.mean(curves, axis=0), label=key, ls=("-", "--", ":")[n % 3], lw=1.8)
    axes.plot([0, 1], [0, 1], color="0.6", lw=0.8, ls=":")
    axes.set(xlabel="share of the candidates, least burdened first", ylabel="share of the contracts closed", xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False, fontsize=8)
    axes.set_title("One question, many answers: how unequal each policy is", loc="left")
    return figure


def burden(policies: pd.DataFrame) -> plt.Figure:
    """Share of the haircut by leverage, profit and size, policy by policy."""
    figure, panels = plt.subplots(1, 3, figsize=(11, 0.27 * len(policies) + 1.6), sharey=True)
    for axes, (name, labels) in zip(panels, BANDS.items(), strict=True):
        cells = policies[[f"{name}_{part + 1}" for part in range(4)]].to_numpy()
        sns.heatmap(
            cells, ax=axes, vmin=0, vmax=1, cmap="rocket_r", annot=100 * cells, fmt=".0f", cbar=False,
            xticklabels=labels, yticklabels=policies.index, annot_kws={"size": 7},
        )  # fmt: skip
        axes.set_title(
            {"leverage": "entry leverage", "profit": "profit of the run, quarters", "size": "equity, quarters"}[name], fontsize=10
        )
        axes.set_xlabel("")
        axes.set_ylabel("")
        axes.tick_params(labelsize=8)
        axes.tick_params(axis="x", rotation=20)
    figure.suptitle("Who pays: share of the haircut, % (each policy, its own market)", x=0.01, ha="left")
    figure.tight_layout()
    return figure


def knobs(table: pd.DataFrame) -> plt.Figure:
    """ADL and fall with one knob turned, against the generic venue."""
    rows = table.reset_index()
    figure, panels = plt.subplots(1, 3, figsize=(11, 0.23 * len(rows) + 1.4), sharey=True)
    labels = rows["knob"].str.split(".").str[1] + " = " + rows["setting"]
    hues = rows["knob"].astype("category").cat.codes
    for axes, (column, title) in zip(panels, KNOB_COLUMNS.items(), strict=True):
        colours = [sns.color_palette("colorblind")[code % 10] for code in hues]
        axes.barh(np.arange(len(rows)), rows[column], color=colours, xerr=rows.get(f"{column}_se"), error_kw={"lw": 0.8})
        axes.axvline(rows.loc[0, column], color="0.3", lw=0.8, ls=":")
        axes.set_title(title, fontsize=10)
        axes.xaxis.set_major_formatter(lambda x, _: f"{100 * x:.3g} %")
    panels[0].set_yticks(np.arange(len(rows)), labels, fontsize=7)
    panels[0].set_ylim(len(rows) - 0.4, -0.6)
    figure.suptitle("One knob at a time; dotted: the generic venue", x=0.01, ha="left")
    figure.tight_layout()
    return figure


def venues(table: pd.DataFrame) -> plt.Figure:
    """ADL, fund use, further liquidations and concentration of every venue, by ADL."""
    rows = table.sort_values("adl")
    figure, panels = plt.subplots(1, 4, figsize=(11, 0.24 * len(rows) + 1.4), sharey=True)
    for axes, (column, title) in zip(
        panels,
        (
            ("adl", "ADL / open interest"),
            ("fund_used", "used of the fund / open interest"),
            ("liquidations_after_adl", "later liquidations / traders"),
            ("top10_share", "top 10's share of ADL"),
        ),
        strict=True,
    ):
        axes.barh(rows.index, rows[column], color=sns.color_palette("colorblind")[0], xerr=rows.get(f"{column}_se"), error_kw={"lw": 0.8})
        axes.set_title(title, fontsize=10)
        axes.xaxis.set_major_formatter(lambda x, _: f"{100 * x:.3g} %")
        axes.tick_params(axis="y", labelsize=8)
        axes.set_ylim(-0.6, len(rows) - 0.4)
    figure.suptitle("The same crash at every venue, as far as the engine runs its rules", x=0.01, ha="left")
    figure.tight_layout()
    return figure
