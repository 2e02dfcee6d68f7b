"""Small hostile markets, drawn at random in swarm style: every seed switches features on or off, so that rare ones meet."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

ENGINES, FUNDS = ("full", "tiers", "steps", "slices", "partial"), ("inventory", "pay", "vault")
TRIGGERS = ("exhausted", "capacity", "drawdown", "always")
SCORES = ("generic", "bitmex", "binance", "hyperliquid-doc", "hyperliquid-node", "pnl", "leverage", "size")
POLICIES = ("queue", "queue", "contract-pro-rata", "pnl-pro-rata", "random")
PRICES = ("bankruptcy", "bankruptcy", "mark", "previous-mark", "bankruptcy-near-mark", "mark-capped")
UNITS = (None, None, "contracts", "wealth")
SIZES = (("0.1", "0.001"), ("0.25", "0.04"), ("1", "1"), ("0.01", "0.0003"), ("0.001", "0.007"), ("0.5", "0.13"), ("3", "0.017"))
"""Ticks and lots; their product is a whole number of micro-units."""


def world(seed: int) -> dict[str, Any]:
    """A scenario of 2 to 40 traders on 1 to 3 contracts, as tables."""
    r = Random(seed)
    tick_s = r.choice((1.0, 5.0, 60.0, 60.0, 600.0, 4200.0))
    ticks = r.randint(4, 24)
    contracts = [contract(r, name, ticks, tick_s) for name in ("A", "B", "C")[: r.choice((1, 1, 2, 2, 3))]]
    if len(contracts) > 1 and r.random() < 0.3:
        contracts[1] = {**contracts[0], "name": "B"}  # equal positions: the contract decides
    first = contracts[0]
    traders = groups(r, [each["name"] for each in contracts], float(first["price"]) * float(first["lot"]), tick_s)
    plain = {
        "title": f"world {seed}",
        "ticks": ticks,
        "tick_s": tick_s,
        "round_s": r.choice((0.5, 1.0, 2.5)) * (tick_s / 20 if tick_s > 60 else 1.0),
        "reach": r.choice((0.25, 1.0)),
        "index": first.pop("index"),
        "contracts": contracts,
        "price": price(r),
        "depth": depth(r),
        "mark": {"tau_s": r.choice((0.0, 10.0, 60.0)), "clamp": r.choice((0.0, 0.01, 0.05, 0.3))},
        "funding": funding(r, tick_s),
        "fees": {"taker": r.choice((0.0, 0.0005, 0.003))},
        "tiers": tiers(r),
        "fund": fund(r),
        "liquidation": liquidation(r),
        "adl": adl(r),
        "traders": traders,
    }
    return plain if seed % 2 else rarer(Random(f"rarer {seed}"), plain)


def rarer(r: Random, plain: dict[str, Any]) -> dict[str, Any]:
    """The market with mechanisms that only some venues have, one or two of them at a time."""
    first = plain["contracts"][0]
    for name in r.sample(
        ("auction", "providers", "fees", "index", "side", "open", "pool", "by contract", "handed over", "tiers"), r.choice((1, 1, 2, 3))
    ):
        if name == "auction":
            plain["liquidation"]["auction_s"] = r.choice((2.0, 30.0, 600.0))
        elif name == "providers":
            value = float(first["price"]) * float(first["lot"]) * r.choice((3.0, 100.0, 3000.0))
            rules = {"count": r.randint(1, 4), "equity": max(value, 0.01), "share": r.choice((0.15, 1.0)), "leverage": r.choice((0.5, 2.0))}
            plain["providers"] = {**rules, "window_s": r.choice((0.0, 5.0, 300.0)), "spread": r.choice((0.0, 0.0, 0.001, 0.1))}
            plain["fund"]["takeover"] = r.choice((0.5, 1.0))
        elif name == "fees":
            plain["adl"] |= {"fee": r.choice((0.0, 0.0005, 0.1)), "commission": r.choice((0.0, 0.001, 0.1))}
            plain["adl"] |= {"price": r.choice(("mark", "reference-spread")), "spread": r.choice((0.0, 0.002, 0.5))}
            plain["fund"] |= {"takeover": r.choice((0.0, 1.0)), "trigger": "always"}
        elif name == "index":
            plain["adl"] = {**plain["adl"], "policy": "percolator-indices", "unit": "contracts", "drains_below": r.choice((0.0, 0.5, 0.99))}
            plain["adl"].pop("score", None)
            plain["adl"]["price"] = r.choice(("mark", "previous-mark", "bankruptcy"))
            plain["fund"] |= {"rule": "cover", "trigger": "exhausted", "takeover": r.choice((0.0, 1.0))}
        elif name == "side":
            plain["adl"] |= {"sides": r.choice(("opposite", "both")), "charge": r.choice(("profit", "equity")), "unit": "wealth"}
            plain["fund"]["rule"] = r.choice(("cover", "pay", "inventory"))
        elif name == "open":
            plain["adl"] |= {"withdrawals": r.choice(("gated", "charged", "scaled")), "recall": r.choice(("permanent", "recoverable"))}
            plain["adl"]["unit"] = r.choice(("wealth", "contracts"))
            plain["fund"]["share"] = r.choice((0.0, 1e-6, 0.003))
            for group in plain["traders"]:
                group |= {"withdraw": 0.5, "pace_s": plain["tick_s"] * 0.5}
        elif name == "pool":
            start = r.choice((0.01, 0.1, 0.85))
            plain["fund"] |= {"trigger": "pool-factor", "start": start, "stop": start * r.choice((0.0, 0.5, 0.9))}
        elif name == "by contract":
            start = r.choice((0.001, 0.02, 0.3))
            plain["fund"] |= {"trigger": "contract-drawdown", "start": start, "stop": start * r.choice((0.1, 0.8)), "share": 0.03}
        elif name == "handed over":
            plain["fund"]["takeover"] = 1.0
        else:
            plain["liquidation"] |= {"engine": "tiers", "tiers_down": r.choice((2, 3))}
    if plain["adl"]["policy"] == "percolator-indices":
        plain["adl"]["unit"] = "contracts"
        if plain["fund"]["trigger"] == "pool-factor":
            plain["fund"]["trigger"] = "always"
    return plain


def funding(r: Random, tick_s: float) -> dict[str, float]:
    """Funding never, rarely or in every tick, up to 2 % a time."""
    interval = r.choice((1e9, 28_800.0, 3 * tick_s, tick_s))
    return {"interval_s": interval, "interest": r.choice((0.0, 0.0001, 0.01, -0.02)), "damper": 0.0005, "cap": 0.0375}


def fund(r: Random) -> dict[str, Any]:
    """A fund, empty, tiny or large."""
    start = r.choice((0.05, 0.3, 0.9))
    return {
        "share": r.choice((0.0, 1e-6, 1e-4, 0.003, 0.03, 0.3)),
        "rule": r.choice(FUNDS),
        "capacity": r.choice((0.0, 0.1, 1.0, 1.0, 7.3)),
        "takeover": r.choice((0.0, 0.0, 2 / 3)),
        "unwind_s": r.choice((1.0, 30.0, 1800.0, 1e9)),
        "trigger": r.choice(TRIGGERS),
        "start": start,
        "stop": start * r.choice((0.1, 0.8, 1.0)),
    }


def liquidation(r: Random) -> dict[str, Any]:
    """An engine, with fee or without."""
    return {
        "engine": r.choice(ENGINES),
        "fee": r.choice((0.0, 0.0, 0.002, 0.02)),
        "surplus": r.choice(("fund", "trader")),
        "move_limit": 0.0 if r.random() < 0.1 else r.choice((0.0005, 0.005, 0.05)),
        "fraction": r.choice((0.2, 0.5, 1 / 3, 1e-9)),
    }


def adl(r: Random) -> dict[str, Any]:
    """A policy, in its own space or the other."""
    policy, score, unit = r.choice(POLICIES), r.choice(SCORES), r.choice(UNITS)
    rules = {"policy": policy, "price": r.choice(PRICES), "maker": r.random() < 0.3}
    rules["filter"] = r.choice(("capped", "capped", "solvency-overlap"))
    return {**rules, **({"score": score} if policy == "queue" else {}), **({"unit": unit} if unit else {})}


def price(r: Random) -> dict[str, Any]:
    """Half of the worlds have an outside price, some with little liquidity."""
    maker = r.choice((0.0, 0.0, 0.4, -0.9))
    if r.random() < 0.5:
        return {"formation": "depth", "maker_inventory": maker}
    return {"formation": "external", "maker_inventory": maker, "liquidity": r.choice((0.0, 0.0, 1.0, 7.0, 300.0))}


def depth(r: Random) -> dict[str, Any]:
    """A book, often much too thin."""
    return {
        "share": r.choice((0.01, 0.05, 0.3)),
        "phi": r.choice((0.67, 1.0, 2.0)),
        "half_life_s": r.choice((3.0, 30.0, 1e9)),
        "permanent": r.choice((0.0, 0.2, 1.0)),
        "withdrawal": r.choice((0.0, 1.25)),
        "floor": 0.02,
    }


def tiers(r: Random) -> list[dict[str, float]]:
    """One to four margin tiers; floors so low that positions cross them."""
    scale = r.choice((1e1, 1e3, 1e5))
    rates = (0.004, 0.01, 0.025, 0.08)[: r.randint(1, 4)]
    return [{"floor": 0.0 if n == 0 else scale * 7.3**n, "mmr": rate, "max_leverage": 0.5 / rate} for n, rate in enumerate(rates)]


def contract(r: Random, name: str, ticks: int, tick_s: float) -> dict[str, Any]:
    """A contract with an odd tick and lot, on a path of its own with jumps or without."""
    tick, lot = r.choice(SIZES)
    level = r.choice((37, 400, 9_999, 60_000))
    return {"name": name, "tick": tick, "lot": lot, "price": str(Decimal(tick) * level), "index": index(r, ticks, tick_s)}


def index(r: Random, ticks: int, tick_s: float) -> dict[str, Any]:
    """A wild walk of knots, or a geometric Brownian motion; jumps are two knots at one second."""
    if r.random() < 0.15:
        return {"process": "gbm", "sigma": r.choice((0.5, 5.0, 20.0))}
    knots, level, jumpy = [[0.0, 1.0]], 1.0, r.random() < 0.7
    wild = r.choice((0.03, 0.1, 0.3))
    for n in range(1, ticks):
        if r.random() < 0.5:
            knots.append([n * tick_s, level])
            level *= 1 + r.uniform(-wild, wild)
            knots.append([n * tick_s if jumpy else (n + r.choice((0.3, 0.5, 0.9))) * tick_s, level])
    return {"process": "scripted", "knots": [*knots, [(ticks + 1) * tick_s, level]]}


def groups(r: Random, names: list[str], lot_value: float, tick_s: float) -> list[dict[str, Any]]:
    """One to three groups, perhaps with twins; equities from a few lots to thousands."""
    found = []
    for n in range(r.randint(1, 3)):
        group = one_group(r, f"g{n}", r.randint(1, 13), names, lot_value, tick_s)
        found.append(group)
        if r.random() < 0.2:
            found.append({**group, "name": f"t{n}", "twin_of": f"g{n}", "mode": r.choice(("cross", "isolated"))})
    if sum(group["count"] for group in found) < 2:
        found[0]["count"] += 1
        for group in found[1:]:
            group["count"] += group.get("twin_of") == "g0"
    return found


def one_group(r: Random, name: str, count: int, names: list[str], lot_value: float, tick_s: float) -> dict[str, Any]:
    """A group of traders."""
    highest = r.choice((10.0, 40.0, 125.0))
    equity = max(lot_value * r.choice((2.0, 40.0, 1000.0)), 0.01)
    return {
        "name": name,
        "count": count,
        "equity": equity if r.random() < 0.3 else {"law": "lognormal-pareto", "median": equity, "sigma": 1.0, "tail": 0.9, "high": 50.0},
        "mode": r.choice(("cross", "cross", "isolated")),
        "contracts": sorted(r.sample(names, r.randint(1, len(names)))),
        "pace_s": tick_s * r.choice((0.5, 3.0, 1000.0)),
        "long_share": r.choice((0.0, 0.3, 0.5, 0.5, 1.0)),
        "opening": r.choice((1.0, 1.0, 0.6)),
        "holding_s": r.choice((0.0, 14_400.0)),
        "reentry_s": r.choice((0.0, 2 * tick_s)),
        "withdraw": r.choice((0.0, 0.5)),
        "signal": r.choice(({"rule": "side"}, {"rule": "noise", "smallest": 0.1})),
        "leverage": {"rule": "fixed", "leverage": highest if r.random() < 0.3 else {"law": "uniform", "low": 1.0, "high": highest}},
        "reaction": r.choice(({"rule": "ignore"}, {"rule": "flatten", "delay_s": 0.0})),
    }
