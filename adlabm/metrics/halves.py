"""What happened in the first and in the second half of a run?"""

from __future__ import annotations

import pandas as pd


def halves(series: pd.DataFrame) -> pd.DataFrame:
    """One row per half of the ticks, `first` and `second`, for runs with two crashes.

    Columns: `liquidated`, `deleveraged`: notional in the half over the open interest at the first tick; `low`: lowest mark of the first
    contract in it over its mark at the first tick.
    Units: none; series as in series.parquet (`liquidated` and `deleveraged` count a tick each).
    Source: own.

    Example:
        >>> two = {"tick": [0, 1], "contract": ["A", "A"], "mark": [10.0, 8.0], "open_interest": [100.0, 80.0]}
        >>> halves(pd.DataFrame(two | {"liquidated": [5.0, 20.0], "deleveraged": [0.0, 1.0]})).loc["second"].to_dict()
        {'liquidated': 0.2, 'deleveraged': 0.01, 'low': 0.8}
    """
    totals = series.groupby("tick")[["open_interest", "liquidated", "deleveraged"]].sum().astype(float)
    mark = series[series["contract"] == series["contract"].iloc[0]].set_index("tick")["mark"]
    middle = len(totals) // 2
    rows = {}
    for name, start, end in (("first", 0, middle), ("second", middle, len(totals))):
        change = totals.iloc[start:end].sum() / totals["open_interest"].iloc[0]
        rows[name] = {
            "liquidated": change["liquidated"],
            "deleveraged": change["deleveraged"],
            "low": mark.iloc[start:end].min() / mark.iloc[0],
        }
    return pd.DataFrame(rows).T
