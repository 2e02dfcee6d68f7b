"""Small markets that, together, use every rule there is: name -> scenario. `python -m tests.golden.markets` writes their results down."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, get_args

from adlabm import registry
from adlabm.errors import Overflow
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.sweep.store import content_hash
from adlabm.venue import Adl
from tests.oracle.worlds import world

FILE = Path(__file__).with_name("results.toml")
Tables = dict[str, Any]
HEAD = (
    "# Digest, journal and summary of the markets in tests/golden/markets.py. A result changes on purpose, and with a line in CHANGELOG.md."
)

CONTRACTS = [
    {"name": "BTC", "tick": "0.5", "lot": "0.001", "price": 60_000},
    {"name": "ETH", "tick": "0.25", "lot": "0.02", "price": 4_000, "index": {"process": "beta", "beta": 1.3, "sigma": 0.8}},
]
KNOTS = [[0, 1.0], [300, 1.02], [600, 0.99], [660, 0.93], [900, 0.95], [1200, 0.90], [1500, 0.97], [1800, 1.01], [2400, 1.08]]
TIERS = [{"floor": floor, "mmr": rate, "max_leverage": 0.5 / rate} for floor, rate in ((0, 0.005), (20_000, 0.02), (100_000, 0.08))]
BUSY: dict[str, Tables] = {
    **{key: {"rate": 200_000.0, "deviation": 0.02} for key in ("merton", "bates", "svcj")},
    "kou": {"rate": 200_000.0, "down": 0.02, "up": 0.02},
    "hawkes": {"base": 10.0, "deviation": 0.02},
    "garch": {"step_s": 60.0, "sigma": 5.0},
    "reverting": {"sigma": 50.0, "half_life_s": 600.0},
}
"""What makes the processes of the index do in forty minutes what they do in months."""
EAGER: dict[str, Tables] = {
    "hazard": {"rate": 100.0, "k": 0.1},
    "backoff": {"factor": 1.5, "share": 0.3},
    "online-gradient": {"share": 0.4},
    "threshold": {"least": 1_000.0},
}
"""What makes rules act in forty minutes, and unlike their likes."""
SLOPE = [[0, 1.0], [300, 1.02], [600, 0.99], [900, 0.955], [1500, 0.90], [1800, 0.97], [2100, 1.01], [2400, 1.08]]


def group(name: str, count: int = 12, **tables: Any) -> Tables:
    """Traders who look every two minutes."""
    own = {
        "name": name,
        "count": count,
        "equity": {"law": "loguniform", "low": 200.0, "high": 20_000.0},
        "pace_s": 120.0,
        "holding_s": 3600.0,
        "reentry_s": 240.0,
        "signal": {"rule": "noise"},
        "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 2.0, "high": 40.0}},
    }
    return own | tables


def market(*groups: Tables, **tables: Any) -> Tables:
    """Forty minutes on two contracts that fall and rise; tables of `tables` are laid over the usual ones."""
    usual: Tables = {
        "ticks": 40,
        "round_s": 5.0,
        "contracts": CONTRACTS,
        "index": {"process": "scripted", "knots": KNOTS, "sigma": 0.8},
        "depth": {"share": 0.1},
        "funding": {"interval_s": 600.0},
        "fund": {"share": 0.002},
        "traders": [*groups, group("others", 20, contracts=["BTC", "ETH"])],
    }
    for name, table in tables.items():
        usual[name] = {**usual.get(name, {}), **table} if isinstance(table, dict) else table
    return usual


def of_rules() -> dict[str, Tables]:
    """A market for every rule of traders and exchanges."""
    own = {
        "signals": lambda key: group("own", signal={"rule": key}),
        "leverage": lambda key: group("own", leverage={"rule": key}),
        "profit_taking": lambda key: group("own", profit_taking={"rule": key, **EAGER.get(key, {})}),
        "stops": lambda key: group("own", stop={"rule": key}),
        "reactions": lambda key: group("own", count=30, reaction={"rule": key}),
    }
    found = {f"{family}/{key}": market(make(key)) for family, make in own.items() for key in registry.names(family)}
    leverage = {"rule": "fixed", "leverage": {"law": "uniform", "low": 5.0, "high": 20.0}}
    large = group("large", 40, contracts=["BTC", "ETH"], equity={"law": "loguniform", "low": 2_000.0, "high": 100_000.0}, leverage=leverage)
    slope = {"index": {"knots": SLOPE}, "depth": {"share": 0.5}}
    found |= {
        f"engines/{key}": market(large, liquidation={"engine": key, "fee": 0.003}, tiers=TIERS, **slope)
        for key in registry.names("engines")
    }
    found |= {f"fund/{key}": market(fund={"rule": key}) for key in registry.names("fund")}
    found |= {
        f"triggers/{key}": market(
            large, fund={"trigger": key, "start": 0.05, "stop": 0.02, "share": 0.005}, adl={"unit": "contracts"}, **slope
        )
        for key in registry.names("triggers")
    }
    found |= {f"policies/{key}": market(adl={"policy": key}, fund={"rule": "pay"}) for key in registry.names("policies")}
    found |= {
        f"severities/{key}": market(
            adl={"policy": "pnl-pro-rata", "severity": key, "unit": "wealth", **EAGER.get(key, {})},
            fund={"rule": "pay", "share": 0.01},
            depth={"share": 0.3},
        )
        for key in registry.names("severities")
    }
    drawn = set(registry.names("index")) - {"beta", "historic", "bootstrap", "scripted"}
    return found | {f"index/{key}": market() | {"index": {"process": key, **BUSY.get(key, {})}} for key in sorted(drawn)}


def of_settings() -> dict[str, Tables]:
    """Markets with what can be set besides rules."""
    resting = group("resting", 30, limit=0.002, slice=0.5)
    makers = group(
        "makers", 4, limit=0.004, pace_s=60.0, opening=0.0, signal={"rule": "maker"}, leverage={"rule": "target", "leverage": 3.0}
    )
    arbitrage = group("arbitrage", 4, equity=50_000.0, pace_s=60.0, signal={"rule": "arbitrage"})
    moody = group("moody", 20, attention=0.9, holding_s=240.0, gamble=1.5, withdraw=0.5, copula=-0.4, mode="isolated")
    withdrawing = group("withdrawing", 30, withdraw=0.5, profit_taking={"rule": "fixed", "target": 0.02})
    large = group("large", 40, equity={"law": "loguniform", "low": 2_000.0, "high": 100_000.0})
    nervous = group("nervous", 40, contracts=["BTC", "ETH"], reaction={"rule": "reduce", "lights": 4}, pace_s=1200.0)
    book = {"formation": "orderbook", "order": 0.2}
    paying = {"share": 0.0, "rule": "pay"}
    return {
        "book": market(resting, makers, price=book, fees={"maker": -0.0001, "taker": 0.0005}),
        "book of its own": market(resting, makers, arbitrage, price={**book, "anchor": "book", "turnover": 50.0, "window": 0.2}),
        "before": market(arbitrage, price={"arbitrage": "before"}),
        "after": market(arbitrage, price={"arbitrage": "after"}),
        "square root": market(depth={"metaorder": 1.0, "lasting": 0.5, "asks": 0.7, "quoted": "value"}),
        "outside": market(price={"formation": "external", "liquidity": 3.0, "maker_inventory": 0.3}),
        "moods": market(moody, adl={"lights_s": 120.0}),
        "twins": market(
            group("first", leverage={"rule": "target", "leverage": 12.0}), group("second", twin_of="first", profit_taking={"rule": "fixed"})
        ),
        "calls": market(adl={"withdrawals": "gated", "recall": "recoverable", "unit": "wealth"}, fund={"share": 0.0, "rule": "pay"}),
        **{
            f"{rule} withdrawals": market(
                withdrawing, adl={"withdrawals": rule, "recall": "recoverable", "unit": "wealth"}, fund={"share": 0.0, "rule": "pay"}
            )
            for rule in ("charged", "scaled")
        },
        **{
            f"price/{key}": market(large, adl={"price": key, "spread": 0.01, "unit": "contracts"}, fund={"rule": "pay", "takeover": 0.8})
            for key in get_args(Adl.model_fields["price"].annotation)
        },
        **{
            f"{charge} of {sides}": market(adl={"policy": "pnl-pro-rata", "unit": "wealth", "charge": charge, "sides": sides}, fund=paying)
            for charge in ("profit", "equity")
            for sides in ("opposite", "both")
        },
        **{
            f"accounts, {unit}": market(adl={"scope": "account", "unit": unit, "policy": "pnl-pro-rata"}, fund=paying)
            for unit in ("contracts", "wealth")
        },
        "accounts that fear": market(nervous, adl={"scope": "account", "lights_s": 60.0}, fund=paying),
        "overlap": market(large, adl={"filter": "solvency-overlap", "price": "mark"}, fund=paying),
        "maker": market(adl={"maker": True, "fee": 0.001, "commission": 0.002}, fund=paying),
        "auction": market(liquidation={"auction_s": 60.0}, fund={"takeover": 0.5}),
        "providers": market(providers={"count": 3, "equity": 5_000.0, "share": 0.5, "leverage": 2.0}, fund={"takeover": 0.8}),
    }


def all_markets() -> dict[str, Tables]:
    """Every one of them, and some of those that the plain exchange recomputes."""
    return {**of_rules(), **of_settings(), **{f"world/{n}": world(n) for n in range(60)}}


def result(tables: Tables) -> str:
    """What a market comes to: its digest, the hashes of its journal and of its summary and notes, 16 digits of each, or the error that ends
    it.

    Means and shares of the summary count to 9 digits: their last ones are the machine's."""
    try:
        run = AdlModel(Scenario.from_dict(tables), rng=1, check=True).run().tables()
    except Overflow as error:
        return type(error).__name__
    said = json.dumps([run.summary, run.manifest["notes"]], default=str)
    said = json.dumps(json.loads(said, parse_float=lambda number: f"{float(number):.9g}"))
    return f"{run.manifest['digest'][:16]} {content_hash(run.journal)[:16]} {hashlib.sha256(said.encode()).hexdigest()[:16]}"


def written() -> dict[str, str]:
    """What each came to when it was written down."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    lines = [f'"{name}" = "{result(tables)}"' for name, tables in all_markets().items()]
    FILE.write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
