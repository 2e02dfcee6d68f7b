"""A calm year in numbers, from the runs of `adlabm sweep calm-year`."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from adlabm.sweep.plan import Plan
from adlabm.sweep.statistics import Interval, bca, wilson

COLLAPSED = 0.9
"""A mark that has fallen by more is no calm year: what follows (prices near nothing, multiplied on the way back) measures nothing."""


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per number: shares of all years (Wilson), then means over the years that did not collapse (BCa), one population a year."""
    collapsed = runs["max_drawdown"] > COLLAPSED
    counted = {"years_with_adl": runs["adl_events"] > 0, "years_collapsed": collapsed}
    shares = [{"number": name, **_row(wilson(int(years.sum()), len(years)), years.astype(float))} for name, years in counted.items()]
    calm = runs[~collapsed]
    values = {
        "liquidations_per_trader": calm["liquidations"] / calm["traders"],
        "liquidated_over_oi": calm["liquidated_notional"] / calm["oi_start"],
        "adl_over_liquidated": calm["adl_notional"] / calm["liquidated_notional"],
        "adl_traders_share": calm["adl_traders"] / calm["traders"],
        "fund_end_over_start": calm["fund_end"] / calm["fund_start"],
        "fund_gain_over_liquidated": (calm["fund_end"] - calm["fund_start"]) / calm["liquidated_notional"],
        "uncovered_over_oi": calm["uncovered_loss"] / calm["oi_start"],
        "max_drawdown": calm["max_drawdown"],
        "index_fall": calm["index_fall"],
        "oi_end_over_start": calm["oi_end"] / calm["oi_start"],
    }
    return pd.DataFrame([*shares, *({"number": name, **_row(bca(each), each)} for name, each in values.items())])


def _row(found: Interval, values: pd.Series) -> dict[str, float]:
    ends = {"smallest": values.min(), "largest": values.max()}
    return {"mean": found.estimate, "low": found.low, "high": found.high, **ends, "populations": len(values)}


def analysis(runs: pd.DataFrame, _: Plan) -> tuple[dict[str, pd.DataFrame], dict[str, Figure]]:
    """Numbers of the year."""
    found = table(runs)
    return {"summary": found}, {}
