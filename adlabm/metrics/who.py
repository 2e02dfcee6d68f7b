"""Who gets deleveraged? Tables by leverage, by profit-taking rule and by the lights shown before.

Only traders count, neither the maker nor ring-fenced accounts. Notional and haircut are in quote currency.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

BANDS = (0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, np.inf)
MONEY = ["adl_notional", "haircut"]


def who(traders: pd.DataFrame, events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All three tables: `leverage`, `profit_taking`, `lights`."""
    return {"leverage": by_leverage(traders), "profit_taking": by_profit_taking(traders), "lights": by_lights(events)}


def by_leverage(traders: pd.DataFrame, bands: Sequence[float] = BANDS, column: str = "leverage_entry") -> pd.DataFrame:
    """One row per leverage band (low, high], in the columns of `burden`; `column` may be `leverage_peak`."""
    return burden(traders, pd.cut(traders[column].astype(float), list(bands), include_lowest=True).rename(column))


def by_profit_taking(traders: pd.DataFrame) -> pd.DataFrame:
    """One row per profit-taking rule, in the columns of `burden`."""
    return burden(traders, traders["profit_taking"])


def burden(traders: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """What ADL took from each group.

    Columns: `traders`, `deleveraged` (those hit at least once), `hit_rate` = deleveraged / traders, `adl_notional`, `notional_share` of all
    groups, `haircut`, `haircut_rate` = haircut / adl_notional. Rates are nan where nothing was taken.
    """
    people = traders["type"] == "trader"
    rows = traders.loc[people, MONEY].astype(float).assign(traders=1, deleveraged=(traders.loc[people, "adl_hits"] > 0).astype(int))
    table = rows.groupby(group[people], observed=False).sum()
    whole = table["adl_notional"].sum()
    table["hit_rate"] = table["deleveraged"] / table["traders"]
    table["notional_share"] = table["adl_notional"] / whole if whole else np.nan
    table["haircut_rate"] = table["haircut"] / table["adl_notional"]
    return table[["traders", "deleveraged", "hit_rate", "adl_notional", "notional_share", "haircut", "haircut_rate"]]


def by_lights(events: pd.DataFrame) -> pd.DataFrame:
    """One row per number of lights at the moment of ADL, 0 to 5.

    Columns: `events`, `adl_notional` = |quantity| x price, `notional_share`, `haircut`.

    Example:
        >>> row = {"kind": ["adl"], "lights": [5], "quantity": [-2.0], "price": [9.0], "amount": [1.0]}
        >>> by_lights(pd.DataFrame(row)).loc[5].to_dict()
        {'events': 1.0, 'adl_notional': 18.0, 'notional_share': 1.0, 'haircut': 1.0}
    """
    adl = events[events["kind"] == "adl"]
    rows = pd.DataFrame(
        {
            "lights": adl["lights"].astype(float),
            "events": 1,
            "adl_notional": adl["quantity"].astype(float).abs() * adl["price"].astype(float),
            "haircut": adl["amount"].astype(float),
        }
    )
    table = rows.groupby("lights").sum().reindex(pd.RangeIndex(6, name="lights"), fill_value=0)
    whole = table["adl_notional"].sum()
    table.insert(2, "notional_share", table["adl_notional"] / whole if whole else np.nan)
    return table
