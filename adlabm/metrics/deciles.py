"""On which tenth of the traders does ADL fall?"""

from __future__ import annotations

import numpy as np
import pandas as pd

PARTS = 10


def deciles(traders: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Share of the burden by tenths of the traders, ordered by `leverage` at entry and by `profit` (of the run, before the haircut).

    Columns of each: `closed`, share of the notional closed; `haircut`, share of the haircuts above zero; `hit_rate`, share of the tenth
    that was hit. Rows 1 (least) to 10; ties are broken by identity. Shares are nan where nothing was taken.
    Units: none; traders as in traders.parquet.
    Source: own.

    Example:
        >>> rows = {"identity": range(20), "type": "trader", "leverage_entry": 1.0, "pnl": range(20), "adl_hits": 0, "adl_notional": 0.0}
        >>> table = pd.DataFrame(rows | {"haircut": [0.0] * 19 + [4.0]})
        >>> deciles(table)["profit"]["haircut"].tolist()[-2:]
        [0.0, 1.0]
    """
    people = traders[traders["type"] == "trader"].sort_values("identity")
    money = people[["pnl", "haircut", "adl_notional"]].astype(float)
    orders = {"leverage": people["leverage_entry"].astype(float), "profit": money["pnl"] + money["haircut"]}
    rows = pd.DataFrame({"closed": money["adl_notional"], "haircut": money["haircut"].clip(lower=0), "hit_rate": people["adl_hits"] > 0})
    found = {}
    for name, values in orders.items():
        place = values.rank(method="first").sub(1).mul(PARTS).floordiv(len(people)).add(1).astype(int)
        sums, sizes = rows.astype(float).groupby(place).sum(), place.value_counts().sort_index()
        shares = sums[["closed", "haircut"]] / sums[["closed", "haircut"]].sum().replace(0.0, np.nan)
        found[name] = shares.assign(hit_rate=sums["hit_rate"] / sizes).rename_axis(name)
    return found
