"""What does ADL cost those whose hedge lies outside the venue?"""

from __future__ import annotations

import pandas as pd

from adlabm.metrics.naked_delta import closed_deltas, naked_delta


def hedge_loss(traders: pd.DataFrame, events: pd.DataFrame, series: pd.DataFrame, signal: str = "carry") -> pd.Series:
    """Exposure that ADL opened in delta-neutral traders, and what the market did to it until the end of the run.

    Formula: `naked`, the sum of `naked_delta` over traders with this signal, who were neutral before: each contract that ADL closes at
    the mark leaves one of spot; `loss` = - sum of q (mark at the end - mark of the event) over their ADL rows, q the signed change, a gain
    is negative; `share`, naked over all that ADL closed.
    Units: quote currency; tables with the columns of traders.parquet, events.parquet and series.parquet.
    Source: market models 6.4 (hidden hedge loss of carry traders) and experiment E7; nobody has published a measurement.
    Differs from the source in: the trader does not hedge again before the end.

    Example:
        >>> people = pd.DataFrame({"identity": [3, 4], "signal": ["carry", "side"]})
        >>> rows = {"kind": ["adl", "adl"], "trader": [3, 4], "contract": ["A", "A"], "quantity": [2.0, 1.0], "mark": [90.0, 90.0]}
        >>> hedge_loss(people, pd.DataFrame(rows), pd.DataFrame({"contract": ["A"], "mark": [80.0]})).to_dict()
        {'naked': 180.0, 'loss': 20.0, 'share': 0.6666666666666666}
    """
    neutral = set(traders.loc[traders["signal"] == signal, "identity"])
    adl = events[events["kind"] == "adl"]
    theirs = adl[adl["trader"].isin(neutral)]
    naked = float(naked_delta({"account": [], "delta": []}, closed_deltas(theirs))["naked"].sum())
    last = series.groupby("contract")["mark"].last()
    change = theirs["contract"].map(last).astype(float) - theirs["mark"].astype(float)
    closed = float((adl["quantity"].astype(float).abs() * adl["mark"].astype(float)).sum())
    loss = 0.0 - float((theirs["quantity"].astype(float) * change).sum())
    return pd.Series({"naked": naked, "loss": loss, "share": naked / closed if closed > 0 else 0.0})
