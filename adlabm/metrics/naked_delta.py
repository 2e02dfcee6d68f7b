"""Who is left with an open risk because ADL closed one leg of a hedge?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from adlabm.metrics._columns import columns, number, picked


def naked_delta(held: Mapping[str, Any], closed: Mapping[str, Any], adverse_move: float = 0.0) -> pd.DataFrame:
    """Net exposure that ADL added to the accounts it hit.

    Formula: with b = sum of the account's deltas before and a = b + what ADL changed: `naked` = (|a| - |b|)^+,
    `damage` = naked x adverse move.

    Args:
        held: table before ADL with columns `account`, `delta` (signed notional, quote currency, weighted with beta where contracts
            differ; legs on other venues included), one row per leg.
        closed: table of the ADL fills with the same columns, the change of the account's delta (`closed_deltas` makes it of events).
        adverse_move: against the naked side, a fraction.

    Returns:
        One row per account in `closed`, by name: `before`, `after`, `naked`, `damage`.

    Source: practitioners after 10 October 2025 (hummingbot issue 3103); nobody has published a measurement.

    Example:
        >>> legs = {"account": ["maker", "maker"], "delta": [-100.0, 100.0]}
        >>> naked_delta(legs, {"account": ["maker"], "delta": [60.0]}, adverse_move=0.05).loc["maker"].to_dict()
        {'before': 0.0, 'after': 60.0, 'naked': 60.0, 'damage': 3.0}
    """
    move = number("adverse_move", adverse_move, low=0.0)
    before, change = _by_account(held), _by_account(closed)
    table = pd.DataFrame({"before": before.reindex(change.index, fill_value=0.0)})
    table["after"] = table["before"] + change
    table["naked"] = (table["after"].abs() - table["before"].abs()).clip(lower=0.0)
    table["damage"] = table["naked"] * move
    return table


def closed_deltas(events: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Accounts and changes of delta of a run's `adl` rows: quantity x mark; events as in events.parquet."""
    kind, trader, quantity, mark = picked(events, "kind", "trader", "quantity", "mark")
    rows = np.asarray(kind) == "adl"
    change, price = columns(quantity=np.asarray(quantity)[rows], mark=np.asarray(mark)[rows])
    return {"account": np.asarray(trader)[rows], "delta": change * price}


def _by_account(table: Mapping[str, Any]) -> pd.Series:
    account, delta = picked(table, "account", "delta")
    (amounts,) = columns(delta=delta)
    return pd.Series(amounts).groupby(np.asarray(account)).sum()
