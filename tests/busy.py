"""One small market in which everything happens within minutes: liquidations, takeovers, ADL, funding, stops, re-entries."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from adlabm.scenario import Scenario

TABLES: dict[str, Any] = {
    "ticks": 14,
    "round_s": 10.0,
    "contracts": [
        {"name": "BTC", "tick": "0.1", "lot": "0.001", "price": 100_000},
        {"name": "ETH", "tick": "0.01", "lot": "0.01", "price": 4_000, "index": {"process": "beta", "beta": 1.2, "sigma": 0.5}},
    ],
    "index": {"process": "scripted", "knots": [[0, 1.0], [120, 1.0], [420, 0.85], [840, 0.95]], "sigma": 0.5},
    "tiers": [{"floor": 0, "mmr": 0.005, "max_leverage": 100}, {"floor": 50_000, "mmr": 0.01, "max_leverage": 50}],
    "depth": {"share": 0.3},
    "funding": {"interval_s": 120.0},
    "fund": {"share": 0.002},
    "traders": [
        {
            "name": "longs",
            "count": 12,
            "equity": {"law": "loguniform", "low": 100.0, "high": 20_000.0},
            "mode": "isolated",
            "long_share": 1.0,
            "pace_s": 600.0,
            "reentry_s": 60.0,
            "signal": {"rule": "side"},
            "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 8.0, "high": 60.0}},
            "stop": {"rule": "fixed", "share": 0.9},
        },
        {
            "name": "shorts",
            "count": 10,
            "equity": 4_000.0,
            "contracts": ["BTC", "ETH"],
            "long_share": 0.0,
            "pace_s": 300.0,
            "withdraw": 0.5,
            "signal": {"rule": "side"},
            "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 2.0, "high": 15.0}},
            "profit_taking": {"rule": "ladder", "step": 0.02},
            "reaction": {"rule": "reduce", "lights": 2, "share": 0.5, "delay_s": 10.0},
        },
        {
            "name": "crowd",
            "count": 10,
            "equity": 1_500.0,
            "contracts": ["BTC", "ETH"],
            "pace_s": 240.0,
            "signal": {"rule": "noise"},
            "leverage": {"rule": "target", "leverage": 5.0},
            "reaction": {"rule": "flatten", "delay_s": 0.0},
        },
    ],
}


def busy(**changes: Any) -> Scenario:
    """The market; a table changes the keys that it names (None takes one away), anything else replaces what was there."""
    tables = deepcopy(TABLES)
    for key, value in changes.items():
        merged = {**tables.get(key, {}), **value} if isinstance(value, dict) else value
        tables[key] = {name: each for name, each in merged.items() if each is not None} if isinstance(value, dict) else merged
    return Scenario.from_dict(tables)
