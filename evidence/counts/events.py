"""No event of the ledger makes or loses money, and no tick breaks a rule of the exchange."""

from __future__ import annotations

from random import Random
from typing import Any

from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from evidence.count import Case, Count


def tables(number: int) -> dict[str, Any]:
    """An order book in which some thousand traders trade at every tick, the levered among them, on an index that gaps or falls."""
    r = Random(number)
    crowd = {
        "name": "crowd",
        "count": r.choice((300, 1000, 5000)),
        "equity": {"law": "loguniform", "low": 300.0, "high": 5000.0},
        "mode": r.choice(("cross", "isolated")),
        "pace_s": 30.0,
        "withdraw": r.choice((0.0, 0.5)),
        "signal": {"rule": "noise"},
        "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 1.0, "high": r.choice((3.0, 3.0, 5.0))}},
    }
    levered = {
        "name": "levered",
        "count": r.choice((50, 200)),
        "equity": {"law": "loguniform", "low": 300.0, "high": 5000.0},
        "mode": r.choice(("cross", "isolated")),
        "pace_s": 300.0,
        "signal": {"rule": "noise"},
        "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 5.0, "high": r.choice((20.0, 50.0))}},
    }
    fall, within = r.choice((0.97, 0.9, 0.8)), r.choice((0.0, 60.0, 1800.0))
    return {
        "ticks": 240,
        "round_s": 60.0,
        "contracts": [{"name": "BTC", "tick": "0.1", "lot": "0.001", "price": 100_000}],
        "index": {"process": "scripted", "knots": [[0, 1.0], [7200, 1.0], [7200 + within, fall], [14_400, 1.0]], "sigma": 0.5},
        "funding": {"interval_s": 60.0},
        "depth": {"share": 0.3},
        "price": {"formation": "orderbook", "order": r.choice((0.005, 0.02))},
        "fund": {"share": 0.0},
        "traders": [crowd, levered],
    }


def case(number: int) -> Case:
    """One market; `--check` stops it at the first event or tick that breaks a rule."""
    model = AdlModel(Scenario.from_dict(tables(number)), rng=number, check=True)
    while model.running:
        model.step()
        model.records.postings.clear()  # nobody folds this journal, and it would fill the memory
    summary = model.summary()
    return Case(int(model.state.clock[col.K_SERIAL]), facts={"liquidations": summary["liquidations"], "ADL": summary["adl_events"]})


COUNT = Count(
    unit="events",
    scope="After every event `sum(balance) - sum(entry value) + fund + fees + rounding = deposits + opening fund + uncovered loss`, to "
    "the unit; at every tick a recount equals the running totals, lots sum to zero, nobody outside liquidation is below zero, and "
    "nobody sleeps below maintenance or past an exit. An event is one booking with all its sides: a fill in the book, a fee with "
    "its fill, a payment of funding, a deposit, a liquidation, a takeover, an ADL.",
    floor=10**7,
    target=10**9,
    case=case,
    share=4,
    tell=lambda facts: f"Among them {facts['liquidations']:,} liquidations and {facts['ADL']:,} ADL fills.",
)
