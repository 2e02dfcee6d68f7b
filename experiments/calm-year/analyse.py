"""A calm year in numbers, from the runs of `adlabm sweep calm-year`."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import means
from adlabm.sweep.plan import Plan


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Means over populations, one row per number."""
    rows = pd.DataFrame(
        {
            "seed": runs["seed"],
            "all": "all",
            "liquidations_per_trader": runs["liquidations"] / runs["traders"],
            "liquidated_over_oi": runs["liquidated_notional"] / runs["oi_start"],
            "adl_over_liquidated": runs["adl_notional"] / runs["liquidated_notional"],
            "adl_traders_share": runs["adl_traders"] / runs["traders"],
            "fund_end_over_start": runs["fund_end"] / runs["fund_start"],
            "fund_gain_over_liquidated": (runs["fund_end"] - runs["fund_start"]) / runs["liquidated_notional"],
            "uncovered_over_oi": runs["uncovered_loss"] / runs["oi_start"],
            "max_drawdown": runs["max_drawdown"],
            "index_fall": runs["index_fall"],
            "oi_end_over_start": runs["oi_end"] / runs["oi_start"],
        }
    )
    names = [name for name in rows if name not in ("seed", "all")]
    found = means(rows, ["all"], names).iloc[0]
    return pd.DataFrame(
        {
            "number": names,
            "mean": found[names].to_list(),
            "low": [found[f"{n}_low"] for n in names],
            "high": [found[f"{n}_high"] for n in names],
        }
    ).assign(smallest=[rows[n].min() for n in names], largest=[rows[n].max() for n in names], populations=int(found["populations"]))


def analysis(runs: pd.DataFrame, _: Plan) -> tuple[dict[str, pd.DataFrame], dict[str, Figure]]:
    """Numbers of the year."""
    found = table(runs)
    return {"summary": found}, {}
