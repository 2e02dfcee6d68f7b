"""A trading desk: a market of two cross accounts in three contracts, flat and penniless, on which single kernels are tried."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from adlabm.kernels import columns as col
from adlabm.kernels.columns import State
from adlabm.kernels.state import pack
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.properties.markets import CONTRACTS, TIERS

FIRST_ACCOUNT = col.SPECIAL
SEATS = len(CONTRACTS)


class Desk(NamedTuple):
    """`market` is what kernels take, `state` its tables; row(n, contract) is a position row of account n."""

    state: State
    market: np.ndarray | State

    def row(self, trader: int, contract: int) -> int:
        """Position row of a trader (0 or 1) in a contract."""
        return (col.SPECIAL + trader) * SEATS + contract

    def balance(self, trader: int) -> int:
        """Balance of a trader's account."""
        return int(self.state.accounts[col.A_BALANCE, FIRST_ACCOUNT + trader])


@cache
def _template(stop: bool) -> State:
    traders = {"name": "both", "count": 2, "equity": 1.0, "opening": 0.0, "contracts": [each["name"] for each in CONTRACTS]}
    rules = {
        "signal": {"rule": "side"},
        "leverage": {"rule": "fixed"},
        "stop": {"rule": "fixed", "share": 0.4} if stop else {"rule": "none"},
    }
    tables = {"ticks": 1, "contracts": list(CONTRACTS), "tiers": TIERS, "fund": {"share": 0.0}, "traders": [{**traders, **rules}]}
    state = AdlModel(Scenario.from_dict(tables)).state
    state.accounts[col.A_BALANCE] = 0
    state.clock[[col.K_BALANCE, col.K_DEPOSITS, col.K_EVENTS]] = 0
    return state


def desk(units: tuple[int, ...] = (), stop: bool = False) -> Desk:
    """A fresh desk; `units` replaces the contracts' micro-units per tick and lot."""
    state = State(*(table.copy(order="K") for table in _template(stop)))
    if units:
        state.contracts[col.C_UNIT] = units
    return Desk(state, pack(state))
