"""What was missed by being closed, so much later?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from adlabm.metrics._columns import columns, picked


def markout(events: Mapping[str, Any], series: Mapping[str, Any], horizons: Sequence[int]) -> pd.DataFrame:
    """Every ADL fill at every horizon: the transfer at once, and the drift of the price afterwards.

    Formula: with q the quantity closed (signed), p its price: `haircut` = q (mark then - p), `drift` = q (mark later - mark then),
    `markout` = haircut + drift = q (mark later - p); the latter two are nan where the run ends first. Positive: missed.
    Units: quote currency; horizons in ticks; events and series as in events.parquet and series.parquet.
    Source: arXiv 2512.01112 v3 (decomposition).

    Example:
        >>> events = {"kind": ["adl"], "tick": [0], "trader": [7], "contract": ["A"], "quantity": [-2.0], "price": [9.0], "mark": [10.0]}
        >>> series = {"tick": [0, 1], "contract": ["A", "A"], "mark": [10.0, 13.0]}
        >>> markout(events, series, [1, 5])[["horizon", "haircut", "drift", "markout"]].to_dict("records")[0]
        {'horizon': 1, 'haircut': 2.0, 'drift': 6.0, 'markout': 8.0}
    """
    kind, *fields = picked(events, "kind", "tick", "trader", "contract", "quantity", "price", "mark")
    rows = np.asarray(kind) == "adl"
    tick, trader, contract, quantity, price, mark = (np.asarray(each)[rows] for each in fields)
    closed, paid, then = columns(quantity=-quantity.astype(np.float64), price=price, mark=mark)
    ticks, contracts, marks = picked(series, "tick", "contract", "mark")
    later = pd.Series(np.asarray(marks, np.float64), pd.MultiIndex.from_arrays([np.asarray(contracts), np.asarray(ticks)]))
    tables = []
    for horizon in horizons:
        wanted = pd.MultiIndex.from_arrays([contract, tick + horizon]) if len(tick) else later.index[:0]
        drift = closed * (later.reindex(wanted).to_numpy() - then)
        haircut = closed * (then - paid)
        row = {"trader": trader, "contract": contract, "tick": tick, "horizon": horizon}
        tables.append(pd.DataFrame({**row, "haircut": haircut, "drift": drift, "markout": haircut + drift}))
    return pd.concat(tables, ignore_index=True)


def markout_curve(table: pd.DataFrame) -> pd.DataFrame:
    """Sums of `markout` by horizon over the fills whose horizon the run reached; `fills` counts them."""
    known = table[table["markout"].notna()]
    return known.assign(fills=1).groupby("horizon")[["fills", "haircut", "drift", "markout"]].sum()
