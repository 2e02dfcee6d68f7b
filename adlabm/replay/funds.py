"""Does the fund of a venue come out of a crash as it did?"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adlabm.replay._day import Replay, markdown
from adlabm.replay._funds import predicted
from adlabm.replay._world import MODELLED, Case
from adlabm.reports.style import BLUE, GREY, RED, percent_axis, styled
from adlabm.settings import read_toml

CASES = Path(__file__).with_name("funds.toml")
PERMANENT, POPULATIONS = (0.2, 0.0, 0.5), range(2)
LIMITS = (
    "The path of the mark is a dozen knots from reports, not a recording; what it leaves out between them liquidates nobody here.",
    "Depth is modelled (2.5 % of open interest within 1 %, withdrawn as volatility rises); no recording of these books is public.",
    "Open interest and fund are of different dates in several cases; their ratio is an order of magnitude.",
    "Contracts are linear here; BitMEX's were inverse, where falling prices swell the losses of longs and their margin shrinks as well.",
    "One contract draws on the whole fund here; the real funds stood behind several.",
    "Leverage of 2018 to 2019 stands for 2020; the crowd of October 2025 was fitted to that day, the December crowd was measured after it.",
    "Venue files are of later years: Binance's fund of 2024 takes positions up to its own equity and leaves the rest to ADL; in May 2020"
    " it went on paying and was refilled.",
    "Reported draws are differences of daily balances, predicted ones are of the window; injections are not part of a prediction.",
    "Four cases; a hit may be luck, and the range over splits and populations is wide.",
)


def funds(data: Path | None = None, *, smoke: bool = False, progress: Callable[[int, int], None] | None = None) -> Replay:
    """Insurance funds in four crashes: the draw that the laboratory predicts against the one reported.

    Formula: the mark follows the path as in the replay market; draw = equity of the fund at the end, and at its lowest, over its start - 1.
    Units: shares of the fund at the start; ADL as a share of open interest.
    Source: market models 3.3 and 4.3; needs no data files.

    Args:
        data: not used.
        smoke: one split and one population.
        progress: called with (runs done, runs in all).
    """
    cases = read_toml(CASES, "fund cases")["cases"]
    splits, seeds = (PERMANENT[:1], POPULATIONS[:1]) if smoke else (PERMANENT, POPULATIONS)
    work = [(each, crowd, split, seed) for each in cases for crowd, split, seed in product(each["crowds"], splits, seeds)]
    rows = []
    for done, (each, crowd, split, seed) in enumerate(work, 1):
        rows.append(predicted(each, Case(each["venue"], each["fund"], crowd, split, MODELLED, seed)))
        if progress is not None:
            progress(done, len(work))
    return told(pd.DataFrame(rows), cases)


def told(runs: pd.DataFrame, cases: list[dict[str, Any]]) -> Replay:
    """The results in words, tables and a figure."""
    table = compared(runs, cases)
    text = "\n\n".join(
        [
            "## Predicted against reported",
            _words(table),
            markdown(table.round(4)),
            "## Cases",
            "\n".join(f"* **{each['name']}**: " + "; ".join(each["sources"]) + "." for each in cases),
        ]
    )
    caption = "Change of the fund: reported (grey), predicted over splits and populations (line; dot: median)."
    return Replay("Insurance funds in four crashes", text, LIMITS, {"runs": runs, "funds": table}, {"funds": (caption, _figure(table))}, ())


def compared(runs: pd.DataFrame, cases: list[dict[str, Any]]) -> pd.DataFrame:
    """Reported and predicted draws, a row per case and crowd: median and range over splits and populations."""
    rows = []
    for (name, crowd), own in runs.groupby(["case", "crowd"], sort=False):
        each = next(case for case in cases if case["name"] == name)
        rows.append(
            {
                "case": name,
                "crowd": crowd,
                "fund over open interest": each["fund"],
                "fall": own["real_fall"].iloc[0],
                "reported_low": each["draw"][0],
                "reported_high": each["draw"][1],
                "predicted": own["draw"].median(),
                "from": own["draw"].min(),
                "to": own["draw"].max(),
                "lowest": own["lowest"].median(),
                "null": own["null_draw"].median(),
                "ADL reported": "yes" if each["adl"] else "no",
                "ADL predicted": f"{(own['adl'] > 0).sum()} of {len(own)}",
                "ADL, of open interest": own["adl"].median(),
            }
        )
    return pd.DataFrame(rows)


def _words(table: pd.DataFrame) -> str:
    inside = int(((table["from"] <= table["reported_high"]) & (table["reported_low"] <= table["to"])).sum())
    signs = int((np.sign(table["predicted"]) == np.sign(table["reported_low"])).sum())
    return (
        "Inputs are what was known before each crash, but where a crowd says otherwise; nothing was fitted to the draws. The"
        " exogenous level is solved so that the mark follows the reported path, for three shares of lasting impact and two"
        f" populations. The reported draw meets the predicted range in {inside} of {len(table)} rows; the sign of the median is"
        f" right in {signs}. `predicted`, `from`, `to`: change of the fund to the end of the window; `lowest`: at its lowest; `null`:"
        " when nobody moves the mark."
    )


@styled
def _figure(table: pd.DataFrame) -> Figure:
    figure = Figure(figsize=(10.4, 3.6), layout="constrained")
    axes = figure.subplots()
    rows = range(len(table))
    axes.hlines(rows, table["from"], table["to"], color=BLUE, lw=2)
    axes.plot(table["predicted"], rows, "o", color=BLUE, ms=5, label="predicted, end of window")
    axes.plot(table["null"], rows, "x", color=RED, ms=6, label="nobody moves the mark")
    axes.hlines(rows, table["reported_low"] - 0.003, table["reported_high"] + 0.003, color="0.75", lw=18, zorder=0, label="reported")
    axes.axvline(0, color=GREY, lw=0.8)
    axes.set_yticks(rows, [f"{row.case}\n{row.crowd}" for row in table.itertuples()], fontsize=8)
    axes.invert_yaxis()
    axes.grid(axis="x")
    axes.set_xlabel("change of the fund")
    percent_axis(axes.xaxis)
    axes.legend(frameon=False, fontsize=8, loc="upper left", markerscale=0.8)
    return figure
