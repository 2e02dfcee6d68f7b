"""A population by shares: how many of all traders a group is, and how much of open interest it holds."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import Any

from adlabm.schema import problem, show

KEYS = ("count", "open_interest")


def apportioned(data: dict[str, Any]) -> dict[str, Any]:
    """The tables of a scenario with the `count` and the `notional` of every group in place of the table `population`.

    The table names the `count` of all traders and the `open_interest` of the market (quote currency); every group has its `share` of the
    first, whole traders by largest remainders (ties: the group that is named first), and its `interest`, the share of the positions of both
    sides that it holds; 0 leaves its equities as they are. Both must add up to 1.
    """
    table, groups = data.get("population"), data.get("traders")
    if table is None:
        return data
    data = {key: value for key, value in data.items() if key != "population"}
    if not isinstance(table, dict) or sorted(table) != sorted(KEYS) or not all(_number(table[key]) and table[key] > 0 for key in KEYS):
        raise problem(f"is {show(table)}, but must be a table with a count and an open_interest, both above zero", "population")
    if not isinstance(groups, list | tuple) or not all(isinstance(group, dict) for group in groups):
        return data
    shares, interests = (_column(groups, key) for key in ("share", "interest"))
    counts = whole(shares, int(table["count"]))
    data["traders"] = [
        {key: value for key, value in group.items() if key not in ("share", "interest")}
        | {"count": count}
        | ({"notional": 2.0 * interest * float(table["open_interest"])} if interest else {})
        for group, count, interest in zip(groups, counts, interests, strict=True)
    ]
    return data


def whole(shares: list[float], total: int) -> list[int]:
    """Whole numbers in proportion to the shares that add up to `total`: largest remainders first, ties by place."""
    exact = [share * total for share in shares]
    counts = [int(each + 1e-9) for each in exact]
    order = sorted(range(len(shares)), key=lambda n: (round(counts[n] - exact[n], 9), n))
    for n in order[: total - sum(counts)]:
        counts[n] += 1
    return counts


def _column(groups: Sequence[dict[str, Any]], key: str) -> list[float]:
    for n, group in enumerate(groups):
        if not _number(group.get(key)) or not 0 <= group[key] <= 1:
            raise problem(f"is {show(group.get(key))}, but with a table population every group needs one from 0 to 1", "traders", n, key)
        for other in ("count", "notional"):
            if other in group:
                raise problem("is given beside the table population, which makes it; leave one of the two out", "traders", n, other)
    total = fsum(group[key] for group in groups)
    if abs(total - 1.0) > 1e-9:
        raise problem(f"have a {key} that adds up to {total:.6g}, but must add up to 1; change some by {1.0 - total:+.6g}", "traders")
    return [float(group[key]) for group in groups]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
