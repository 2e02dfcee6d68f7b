"""Every ADL policy takes what is asked, from nobody more than it has, whatever the order of rows."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random
from typing import Any

import numpy as np

from adlabm.adl.allocate import allocate
from adlabm.adl.base import UNITS
from adlabm.errors import InfeasibleBudget
from adlabm.registry import find, names
from evidence.count import Case, Count
from tests.contracts.test_policies import NUMBERS, VARIANTS, table_of

TABLES = 5


@cache
def rules() -> list[Any]:
    """Every policy, in every variant."""
    return [find("policies", key)(**params) for key, params in VARIANTS]


def winners(r: np.random.Generator) -> dict[str, np.ndarray]:
    """Up to 40 winners; many equal, some without anything, some with heavy tails."""
    n, tail = int(r.integers(1, 40)), r.choice([0.6, 1.2, 3.0])
    columns = [np.round((r.pareto(tail, n) + 1) * r.choice([0, 1, 7.25], n), int(r.integers(0, 3))).clip(0, 1e9) for _ in NUMBERS]
    columns[0] = np.floor(columns[0])
    return dict(table_of(r.permutation(10 * n)[:n], [*columns, r.choice(["a", "b", "c", "d"], n)]))


def wrong(rule: Any, table: dict[str, np.ndarray], unit: str, share: float, order: np.ndarray) -> str:
    """What is wrong with a split, or nothing."""
    sizes = table["quantity"] if unit == "contracts" else np.minimum(table["pnl"], table["equity"])
    amount = float(np.floor(share * sizes.sum())) if unit == "contracts" else share * float(sizes.sum())
    split, missing = _split(rule, amount, table, unit)
    near = 1e-9 * max(amount, 1.0)
    if (split < 0).any() or not np.isfinite(split).all():
        return "takes less than nothing"
    if abs(split.sum() + missing - amount) > near:
        return f"takes {split.sum()} and leaves {missing} of {amount}"
    if unit == "contracts" and (split > table["quantity"] + near).any():
        return "takes more than is held"
    again, _ = _split(rule, amount, {name: column[order] for name, column in table.items()}, unit)
    return "" if np.allclose(again, split[order], rtol=1e-9, atol=near) else "depends on the order of rows"


def _split(rule: Any, amount: float, table: dict[str, np.ndarray], unit: str) -> tuple[np.ndarray, float]:
    try:
        return np.asarray(allocate(rule, amount, table, unit=unit)), 0.0
    except InfeasibleBudget as error:
        return np.asarray(error.amounts), float(error.shortfall)


def case(number: int) -> Case:
    """Some tables for every policy, in both units."""
    r, facts, failures = np.random.default_rng(number), Counter[str](), []
    for rule in rules():
        for _ in range(TABLES):
            table, unit, share = winners(r), Random(number).choice(UNITS), float(r.choice([0.0, 0.3, 1.0, 1.5, r.random()]))
            said = wrong(rule, table, unit, share, r.permutation(len(table["id"])))
            facts[rule.key] += 1
            failures += [f"{rule.key} in {unit}: {said}"] if said else []
    return Case(len(rules()) * TABLES, "; ".join(failures[:3]), facts)


COUNT = Count(
    unit="splits",
    scope="Random tables of winners with ties, zeros and heavy tails: the split and what is left sum to the request, nobody gives less "
    "than nothing or more than it holds, and another order of rows gives the same.",
    floor=10_000 * len(names("policies")),
    target=1_000_000 * len(names("policies")),
    case=case,
    share=3,
    fresh=True,
    tell=lambda facts: f"{len(facts)} policies, each at least {min(facts.values()):,} times." if facts else "",
)
