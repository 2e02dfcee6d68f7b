"""How did each group of traders fare?"""

from __future__ import annotations

import pandas as pd


def by_group(traders: pd.DataFrame, events: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Means over the traders of each group, whatever their side and whether they won or lost.

    Columns: `hit_rate`, share hit by ADL at least once; `closed`, share of the opening contracts closed by ADL; `haircut`, over opening
    notional; `liquidated`, share liquidated at least once; `wealth`, equity at the end over all that was paid in.
    Formula: the opening notional is leverage_entry x equity_start; `closed` values contracts at the first mark of the run.
    Traders without a position at the opening count as 0 in `closed` and `haircut`.
    Units: none; tables with the columns of traders.parquet, events.parquet and series.parquet.
    Source: own.

    Example:
        >>> trader = {"identity": [3], "type": ["trader"], "group": ["probe"], "leverage_entry": [2.0], "equity_start": [50.0]}
        >>> result = {"equity_end": [60.0], "deposits": [0.0], "liquidations": [0], "adl_hits": [1], "haircut": [4.0]}
        >>> fill = {"kind": ["adl"], "trader": [3], "contract": ["A"], "quantity": [5.0]}
        >>> marks = {"contract": ["A"], "mark": [10.0]}
        >>> by_group(pd.DataFrame(trader | result), pd.DataFrame(fill), pd.DataFrame(marks)).loc["probe"].to_dict()
        {'hit_rate': 1.0, 'closed': 0.5, 'haircut': 0.04, 'liquidated': 0.0, 'wealth': 1.2}
    """
    people = traders[traders["type"] == "trader"].set_index("identity")
    adl = events[events["kind"] == "adl"]
    first = series.groupby("contract")["mark"].first()
    closed = (adl["quantity"].astype(float).abs() * adl["contract"].map(first).astype(float)).groupby(adl["trader"]).sum()
    start = people["equity_start"].astype(float)
    notional = (people["leverage_entry"].astype(float) * start).where(lambda amount: amount > 0)
    rows = pd.DataFrame(
        {
            "hit_rate": people["adl_hits"] > 0,
            "closed": (closed.reindex(people.index, fill_value=0.0) / notional).fillna(0.0),
            "haircut": (people["haircut"].astype(float) / notional).fillna(0.0),
            "liquidated": people["liquidations"] > 0,
            "wealth": people["equity_end"].astype(float) / (start + people["deposits"].astype(float)),
        }
    )
    return rows.astype(float).groupby(people["group"]).mean()
