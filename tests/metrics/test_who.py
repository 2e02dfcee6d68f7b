"""Who is deleveraged: small frames with known answers."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from adlabm.metrics.who import by_leverage, by_lights, by_profit_taking, who

TRADERS = pd.DataFrame(
    {
        "type": ["trader", "trader", "trader", "maker"],
        "profit_taking": ["none", "fixed", "none", None],
        "leverage_entry": [1.0, 8.0, 40.0, np.nan],
        "leverage_peak": [2.0, 60.0, 60.0, np.nan],
        "adl_hits": [0, 2, 1, 5],
        "adl_notional": [Decimal(0), Decimal(300), Decimal(100), Decimal(999)],
        "haircut": [Decimal(0), Decimal(30), Decimal(-10), Decimal(9)],
    }
)
EVENTS = pd.DataFrame(
    {
        "kind": ["adl", "adl", "liquidation", "adl"],
        "lights": [5, 5, None, 3],
        "quantity": [-2.0, 1.0, 3.0, -1.0],
        "price": [100.0, 100.0, 90.0, 100.0],
        "amount": [Decimal(4), Decimal(1), None, Decimal(-1)],
    }
)


def test_profit_taking():
    table = by_profit_taking(TRADERS)
    assert table.loc["none"].to_dict() == pytest.approx(
        {"traders": 2, "deleveraged": 1, "hit_rate": 0.5, "adl_notional": 100, "notional_share": 0.25, "haircut": -10, "haircut_rate": -0.1}
    )
    assert table["traders"].sum() == 3


def test_leverage_bands_hold_every_trader_once():
    table = by_leverage(TRADERS)
    assert table["traders"].sum() == 3
    assert table["adl_notional"].sum() == 400
    assert table.loc[8.0, "deleveraged"] == 1
    assert table.loc[0.5, "hit_rate"] == 0
    assert by_leverage(TRADERS, column="leverage_peak").loc[60.0, "traders"] == 2


def test_lights():
    table = by_lights(EVENTS)
    assert table.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert table.loc[5].to_dict() == {"events": 2, "adl_notional": 300, "notional_share": 0.75, "haircut": 5}
    assert table.loc[0, "events"] == 0


def test_a_run_without_adl():
    tables = who(TRADERS.assign(adl_hits=0, adl_notional=0.0, haircut=0.0), EVENTS[EVENTS["kind"] == "liquidation"])
    assert tables["leverage"]["notional_share"].isna().all()
    assert tables["lights"]["events"].sum() == 0
