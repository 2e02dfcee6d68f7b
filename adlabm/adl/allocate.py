"""One ADL policy on one table: the public door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adlabm.adl.base import Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.registry import find


def allocate(
    policy: str | Policy, amount: float, winners: Mapping[str, Any], unit: str | None = None, lot: float = 1.0, **params: Any
) -> Column:
    """Split `amount` over the winners by an ADL policy.

    Args:
        policy: key of a policy, e.g. "queue", or a policy object.
        amount: contracts, or quote currency in wealth space.
        winners: DataFrame or mapping with columns `id`, `quantity` (signed), `entry_price`, `mark_price`, `equity`, `wallet`, `pnl`,
            `maintenance_margin`, `opened_at`, as far as the policy needs them; taken as given.
        unit: "contracts" or "wealth"; None is the policy's natural unit.
        lot: smallest number of contracts, for contract space.
        params: parameters of the policy, e.g. score="binance".

    Returns:
        float64[n] >= 0 in the table's order.

    Raises:
        InfeasibleBudget: with `.amounts` and `.shortfall`, when the winners cannot give the whole amount.

    Example:
        >>> allocate("pnl-pro-rata", 7.5, {"id": [1, 2, 3], "pnl": [8, 4, 0.5], "equity": [9, 9, 9]}).round(9).tolist()
        [4.8, 2.4, 0.3]
    """
    rule = find("policies", policy)(**params) if isinstance(policy, str) else policy
    return rule.allocate(amount, Candidates.from_table(winners, rule.columns(unit)), lot=lot, unit=unit)
