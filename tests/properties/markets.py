"""Small random markets, as the tables of a scenario."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Tables = dict[str, Any]

CONTRACTS = (
    {"name": "BTC", "tick": "0.1", "lot": "0.001", "price": 100_000},
    {"name": "ETH", "tick": "0.01", "lot": "0.01", "price": 4_000},
    {"name": "SOL", "tick": "0.5", "lot": "2", "price": 100},
)
TIERS = [
    {"floor": 0, "mmr": 0.005, "max_leverage": 100},
    {"floor": 5_000, "mmr": 0.01, "max_leverage": 50},
    {"floor": 40_000, "mmr": 0.04, "max_leverage": 20},
]
SCORES = ("generic", "bitmex", "binance", "hyperliquid-doc", "hyperliquid-node", "pnl", "leverage", "size")


def share(low: float, high: float) -> st.SearchStrategy[float]:
    """A number with few digits."""
    return st.integers(0, 100).map(lambda n: round(low + (high - low) * n / 100, 9))


@st.composite
def paths(draw: st.DrawFn, seconds: int) -> Tables:
    """A calm, a noisy, or a crashing index; a jump now and then."""
    if draw(st.booleans()):
        return {"process": "gbm", "sigma": draw(st.sampled_from([0.5, 3.0, 10.0]))}
    knots, time, level = [[0, 1.0]], 0, 1.0
    for _ in range(draw(st.integers(1, 4))):
        time += draw(st.sampled_from([0, 60, 120, 600] if knots[-1][0] > 0 and (len(knots) < 2 or knots[-2][0] < time) else [60, 120, 600]))
        level = round(level * draw(share(0.8, 1.2)), 6)
        knots.append([min(time, seconds + 10_000), level])
    return {"process": "scripted", "knots": knots, "sigma": draw(st.sampled_from([0.0, 1.0]))}


@st.composite
def groups(draw: st.DrawFn, name: str, contracts: list[str]) -> Tables:
    """A handful of traders."""
    signal = draw(
        st.sampled_from(
            [{"rule": "side"}, {"rule": "noise", "smallest": 0.3}, {"rule": "trend", "horizon_s": 900}, {"rule": "value", "horizon_s": 900}]
        )
    )
    leverage = draw(
        st.sampled_from(
            [
                {"rule": "fixed", "leverage": {"law": "loguniform", "low": 1.0, "high": 80.0}},
                {"rule": "fixed", "leverage": 20.0},
                {"rule": "target", "leverage": 8.0},
                {"rule": "volatility", "alpha": 0.2, "cap": 20.0},
            ]
        )
    )
    profit = draw(
        st.sampled_from(
            [
                {"rule": "none"},
                {"rule": "fixed", "target": 0.02},
                {"rule": "ladder", "step": 0.01},
                {"rule": "trailing", "arm": 0.01, "distance": 0.005},
            ]
        )
    )
    reaction = draw(
        st.sampled_from(
            [{"rule": "ignore"}, {"rule": "reduce", "lights": 3, "share": 0.5, "delay_s": 30}, {"rule": "flatten", "delay_s": 5}]
        )
    )
    return {
        "name": name,
        "count": draw(st.integers(1, 12)),
        "equity": draw(st.sampled_from([300.0, 10_000.0, {"law": "loguniform", "low": 20.0, "high": 50_000.0}])),
        "mode": draw(st.sampled_from(["cross", "isolated"])),
        "limit": draw(st.sampled_from([0.0, 0.0, 0.001])),
        "contracts": draw(st.lists(st.sampled_from(contracts), min_size=1, unique=True)),
        "pace_s": draw(st.sampled_from([60.0, 600.0, 30_000.0])),
        "long_share": draw(st.sampled_from([0.5, 0.9, 0.0, 1.0])),
        "opening": draw(st.sampled_from([1.0, 0.6])),
        "holding_s": draw(st.sampled_from([0.0, 3600.0, 40_000.0])),
        "reentry_s": draw(st.sampled_from([0.0, 120.0])),
        "withdraw": draw(st.sampled_from([0.0, 0.5])),
        "signal": signal,
        "leverage": leverage,
        "profit_taking": profit,
        "stop": draw(st.sampled_from([{"rule": "none"}, {"rule": "fixed", "share": 0.5}])),
        "reaction": reaction,
    }


@st.composite
def markets(draw: st.DrawFn, **fixed: Tables) -> Tables:
    """Tables of a random market; `fixed` tables are laid over what is drawn."""
    contracts = [dict(each) for each in CONTRACTS[: draw(st.integers(1, 3))]]
    ticks, names = draw(st.integers(5, 40)), [each["name"] for each in contracts]
    index = draw(paths(60 * ticks))
    for each in contracts[1:]:
        each["index"] = draw(st.sampled_from([{"process": "beta", "beta": 1.5, "sigma": 1.0}, {"process": "gbm", "sigma": 3.0}]))
    tables = {
        "ticks": ticks,
        "round_s": draw(st.sampled_from([1.0, 5.0, 60.0])),
        "contracts": contracts,
        "index": index,
        "tiers": TIERS,
        "price": draw(
            st.sampled_from(
                [
                    {"formation": "depth"},
                    {"formation": "depth", "maker_inventory": 0.2},
                    {"formation": "external"},
                    {"formation": "external", "liquidity": 1.0},
                    {"formation": "orderbook", "order": 0.2},
                    {"formation": "orderbook", "order": 0.2, "anchor": "book", "turnover": 100.0},
                ]
            )
        ),
        "depth": draw(st.sampled_from([{"share": 0.025}, {"share": 0.3, "permanent": 0.0}])),
        "fees": {"taker": draw(st.sampled_from([0.0, 0.0005]))},
        "funding": {"interval_s": draw(st.sampled_from([60.0, 300.0, 28_800.0]))},
        "fund": {
            "share": draw(st.sampled_from([0.0, 0.001, 0.03])),
            "rule": draw(st.sampled_from(["inventory", "pay"])),
            "trigger": draw(st.sampled_from(["exhausted", "capacity", "drawdown"])),
            "capacity": draw(st.sampled_from([0.0, 1.0, 10.0])),
            "unwind_s": draw(st.sampled_from([1.0, 1800.0])),
        },
        "liquidation": {
            "engine": draw(st.sampled_from(["full", "tiers", "steps"])),
            "fee": draw(st.sampled_from([0.0, 0.01])),
            "surplus": draw(st.sampled_from(["fund", "trader"])),
            "move_limit": draw(st.sampled_from([0.001, 0.0002])),
        },
        "adl": draw(
            st.one_of(
                st.sampled_from(SCORES).map(lambda score: {"policy": "queue", "score": score}),
                st.sampled_from([{"policy": key} for key in ("pnl-pro-rata", "contract-pro-rata", "random")]),
            )
        )
        | {
            "unit": draw(st.sampled_from(["contracts", "contracts", "wealth"])),
            "price": draw(st.sampled_from(["bankruptcy", "mark", "previous-mark"])),
            "maker": draw(st.booleans()),
        },
        "traders": [draw(groups(f"g{n}", names)) for n in range(draw(st.integers(1, 3)))],
    }
    for name, table in fixed.items():
        tables[name] = {**tables[name], **table} if isinstance(table, dict) else table
    return tables
