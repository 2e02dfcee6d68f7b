"""The deleveraged accounts as winners, with and without unselected ones behind them, and what a split does to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import ceil

import numpy as np
import pandas as pd

from adlabm import registry
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.shares import best_first, in_order
from adlabm.metrics.concentration import concentration, gini
from adlabm.metrics.haircut_fractions import haircut_fractions
from adlabm.metrics.order_inversions import order_inversions

AVAILABLE = ("id", "quantity", "mark_price", "equity", "pnl")
"""Columns of the policies' table that the file can fill."""
OPTIONS: dict[str, dict[str, int]] = {"random-arrival": {"orders": 16}}
"""Parameters other than the defaults: fewer drawn orders, for time."""
SCORES: dict[str, Callable[[Mapping[str, Column]], Column]] = {
    "generic": lambda t: t["return"] * t["leverage"],
    "hyperliquid-doc": lambda t: (1.0 + t["return"]) * t["leverage"],
    "pnl": lambda t: t["pnl"],
}
"""Queues by the file's own return and leverage, named like the scores of `adlabm.adl.scores`; the one by leverage is greedy-risk."""
MEASURES = (
    "touched",
    "wiped",
    "max_haircut",
    "top10_share",
    "gini_loss",
    "hhi_loss",
    "jain_loss",
    "top_winner_haircut",
    "gini_survivors",
    "inversions",
)
ROUNDING = 1e-9
"""Relative difference of two measures that counts as none."""
Split = Callable[[float], Column]


def winners(accounts: pd.DataFrame, phantom: float) -> dict[str, Column]:
    """The accounts by address, each followed by its unselected likenesses.

    Phantom profit is `phantom` times the observed: ceil(phantom) likenesses of every account, each of the same leverage and return and of
    phantom / ceil(phantom) its size. `observed` tells the real rows; identities count up, so ties go to the lower address.
    Equity is account value, which is cash-like, plus profit.
    """
    rows = accounts.sort_values("user")
    copies = ceil(phantom)
    scale = np.tile([1.0] + [phantom / copies] * copies if copies else [1.0], len(rows))
    spread = {name: np.repeat(rows[name].to_numpy(np.float64), 1 + copies) for name in rows.columns if name != "user"}
    profit = np.maximum(spread["closed_pnl"], 0.0) * scale
    equity = np.maximum(spread["account_value_realtime"], 0.0) * scale + profit
    return {
        "id": np.arange(len(profit)),
        "observed": np.tile([True] + [False] * copies, len(rows)),
        "pnl": profit,
        "equity": equity,
        "quantity": spread["adl_notional"] * scale,
        "leverage": spread["leverage_realtime"],
        "return": spread["pnl_percent"] / 100.0,
    }


def splits(table: Mapping[str, Column]) -> Iterator[tuple[str, str | None, Split]]:
    """(policy, score, amount -> what each row gives) of all queues and policies that the columns allow."""
    for score, rule in SCORES.items():
        order = best_first(rule(table), table["id"])
        yield "queue", score, partial(in_order, order, caps=table["pnl"])
    # The policies take leverage as quantity x mark / equity; this mark makes it the file's own figure and is no price.
    size = table["quantity"]
    mark = np.divide(table["leverage"] * table["equity"], size, out=np.zeros(len(size)), where=size > 0)
    candidates = Candidates(**{name: table[name] for name in AVAILABLE if name in table}, mark_price=mark)
    for key in (key for key, lacking in wealth_policies().items() if not lacking):
        policy = registry.find("policies", key)(**OPTIONS.get(key, {}))
        yield key, None, partial(policy.allocate, table=candidates, unit="wealth")


def wealth_policies() -> dict[str, list[str]]:
    """The wealth-space policies -> the columns they read that the file lacks; those with none can run."""
    found = {key: registry.find("policies", key)() for key in registry.names("policies")}
    return {key: sorted(set(each.columns("wealth")) - set(AVAILABLE)) for key, each in found.items() if each.unit == "wealth"}


def measured(profit: Column, taken: Column) -> dict[str, float]:
    """What a split does to the accounts, by the names in MEASURES."""
    some, spread = profit > 0, concentration(taken)
    return {
        "touched": int((taken > 0).sum()),
        "wiped": int((taken >= profit)[some].sum()),
        "max_haircut": float(haircut_fractions(taken, profit)[some].max()),
        "top10_share": spread["top_10"],
        "gini_loss": spread["gini"],
        "hhi_loss": spread["hhi"],
        "jain_loss": spread["jain"],
        "top_winner_haircut": float(taken[profit.argmax()] / profit.max()),
        "gini_survivors": gini(np.maximum(profit - taken, 0.0)),
        "inversions": order_inversions(profit, taken),
    }


def redistribution(accounts: pd.DataFrame, budgets: Mapping[str, float], phantoms: tuple[float, ...]) -> pd.DataFrame:
    """One row per policy, score, budget and phantom: measures of the observed accounts only."""
    rows = []
    for phantom in phantoms:
        table = winners(accounts, phantom)
        seen = table["observed"]
        for policy, score, split in splits(table):
            for budget in budgets.values():
                measures = measured(table["pnl"][seen], split(budget)[seen])
                rows.append({"policy": policy, "score": score, "budget": budget, "phantom": phantom, **measures})
    return pd.DataFrame(rows).sort_values(["phantom", "budget", "policy", "score"], ignore_index=True)


def tiers(rows: pd.DataFrame, measure: str) -> list[list[str]]:
    """Groups of rules in ascending order of a measure, cut only where every cell of budget and phantom agrees on the two sides.

    Within a group no order is claimed. Rules that draw lots are not ranked: their measures hold the error of few draws.
    """
    drawn = [key for key in rows["policy"].unique() if "seed" in registry.params_of(registry.find("policies", key))]
    wide = rows[~rows["policy"].isin(drawn)].assign(rule=rules).pivot(index=["budget", "phantom"], columns="rule", values=measure)
    wide = wide[sorted(wide.columns, key=lambda name: (wide[name].mean(), name))]
    values = wide.to_numpy()
    cuts = [k for k in range(1, values.shape[1]) if (values[:, :k].max(axis=1) * (1 + ROUNDING) < values[:, k:].min(axis=1)).all()]
    return [sorted(wide.columns[first:last]) for first, last in zip([0, *cuts], [*cuts, values.shape[1]], strict=True)]


def rules(rows: pd.DataFrame) -> pd.Series:
    """Name of policy and score, as printed."""
    return rows["policy"] + rows["score"].map(lambda score: f" ({score})" if isinstance(score, str) else "")
