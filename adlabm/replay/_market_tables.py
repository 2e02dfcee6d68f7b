"""What the market of a day says, as tables: how the day can be split, what is predicted, what ADL policies do with feedback."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adlabm.replay._course import Course
from adlabm.replay._study import Found
from adlabm.replay._target import Target
from adlabm.replay._world import Case, Seen

BASELINE = ["venue", "fund", "crowd"]
SPLIT = [*BASELINE, "permanent", "makers"]
AGREED = 0.9
"""Share of populations and splits in which a sign must hold to be called one."""

REAL = pd.DataFrame(
    [
        ("hyperliquid", "adl", "ADL, of open interest", 0.152, 0.152),
        ("hyperliquid", "forced", "liquidated, of open interest", 0.25, 0.40),
        ("hyperliquid", "adl_over_forced", "ADL over liquidated", 0.38, 0.62),
        ("hyperliquid", "interest_change", "change of open interest", -0.54, -0.54),
        ("hyperliquid", "gap_bp", "mark against fill of ADL, basis points", 71.7, 71.7),
        ("hyperliquid", "top10", "share of the ten largest in ADL", 0.458, 0.458),
        ("hyperliquid", "waves", "waves of ADL", 16.0, 28.0),
        ("hyperliquid", "first_adl_s", "first ADL after 21:15:00, s", 61.7, 64.0),
        ("hyperliquid", "adl_minutes", "first to last ADL, minutes", 10.9, 10.9),
        ("binance", "fund_change", "change of the fund", -0.153, -0.153),
        ("binance", "interest_change", "change of open interest (all venues, 12 h)", -0.22, -0.22),
    ],
    columns=["venue", "key", "quantity", "low", "high"],
)
"""What is reported of 10 October 2025 and was not put in: intervals where the definition leaves one. Source: measurement 18, market models
4.3, ADL notes 4.2 to 4.4."""


def first_baseline(found: Found) -> dict[Case, tuple[Course, Seen]]:
    """The drawn courses and runs of the first baseline, one per split."""
    first = next(iter(found.drawn))
    return {case: each for case, each in found.drawn.items() if all(getattr(case, name) == getattr(first, name) for name in BASELINE)}


def courses(target: Target, found: Found) -> pd.DataFrame:
    """What was solved for, tick by tick: level (quote currency) and gross depth (over its calm value), beside the day's mark and depth."""
    ends = target.start_ms + (np.arange(target.ticks) + 1) * round(1000 * target.tick_s)
    day = {"time_ms": ends, "mark": target.mark, "net_bid": target.net[:, 0], "net_ask": target.net[:, 1]}
    parts = [
        pd.DataFrame(
            {
                "permanent": case.permanent,
                "makers": case.makers,
                **day,
                "simulated": run.mark,
                "level": course.level,
                "gross_bid": course.gross[:, 0],
                "gross_ask": course.gross[:, 1],
            }
        )
        for case, (course, run) in first_baseline(found).items()
    ]
    return pd.concat(parts, ignore_index=True)


def splits(found: Found) -> pd.DataFrame:
    """Every baseline and split, medians over populations: misfit, falls of the mark and of the level, largest lift."""
    names = ["misfit_rms_bp", "misfit_max_bp", "real_fall", "shock_fall", "shock_at_low", "lift", "forced", "adl"]
    return found.fits.groupby(SPLIT, sort=False)[names].median().round(4).reset_index()


def predictions(found: Found) -> pd.DataFrame:
    """Reported against predicted, by baseline: median and range over splits and populations, and the null model's median."""
    rows = []
    for base, own in found.fits.groupby(BASELINE, sort=False):
        null = found.null.merge(pd.DataFrame([base], columns=BASELINE))
        for each in REAL[REAL["venue"] == base[0]].itertuples():
            values = own[each.key].astype(float)
            low, middle, high = values.min(), values.median(), values.max()
            rows.append(
                {
                    **dict(zip(BASELINE, base, strict=True)),
                    "quantity": each.quantity,
                    "reported_low": each.low,
                    "reported_high": each.high,
                    "predicted": middle,
                    "lowest": low,
                    "highest": high,
                    "null": null[each.key].astype(float).median(),
                    "overlaps": bool(low <= each.high and high >= each.low),
                }
            )
    return pd.DataFrame(rows)


def by_policy(found: Found) -> pd.DataFrame:
    """Every policy at every venue, medians over populations and splits in percent of open interest, and the sign of the feedback where it
    holds in AGREED of them."""
    names = ["adl", "needed", "transfer", "drift", "feedback_held", "overshoot_held", "feedback_sold", "overshoot_sold", "ring_fenced"]
    groups = found.policies.groupby([*BASELINE, "policy"], sort=False)
    table = (100 * groups[names].median()).round(3)
    table["fall"] = (100 * groups["fall"].median()).round(2)
    for world in ("held", "sold"):
        table[f"sign_{world}"] = groups[f"feedback_{world}"].agg(sign)
    return table.reset_index()


def sign(values: pd.Series) -> str:
    """+ or - where the sign holds in AGREED of the cells, 0 where all are zero, else ?."""
    if (values == 0).all():
        return "0"
    shares = {"+": (values > 0).mean(), "-": (values < 0).mean()}
    return next((name for name, share in shares.items() if share >= AGREED), "?")


def fixed_and_full(found: Found) -> pd.DataFrame:
    """Does the order of policies survive feedback? Rank correlation over policies of the fixed path's answer with each answer that has
    feedback, cell by cell; median, lowest and highest."""
    policies = found.policies[~found.policies["policy"].str.startswith("none")]
    rows = []
    for base, own in policies.groupby(BASELINE, sort=False):
        for world in ("held", "sold"):
            cells = [
                cell["fixed_path"].corr(cell[f"overshoot_{world}"], method="spearman")
                for _, cell in own.groupby(["permanent", "makers", "population"])
                if cell["fixed_path"].nunique() > 1
            ]
            spread = own.groupby("policy")[f"overshoot_{world}"].median()
            rows.append(
                {
                    **dict(zip(BASELINE, base, strict=True)),
                    "instead of ADL": world,
                    "cells": len(cells),
                    "rank correlation": float(np.median(cells)) if cells else np.nan,
                    "lowest": min(cells, default=np.nan),
                    "highest": max(cells, default=np.nan),
                    "policies differ by, %": 100 * float(spread.max() - spread.min()),
                }
            )
    return pd.DataFrame(rows).round(3)
