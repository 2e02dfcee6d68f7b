"""Deliberately broken kernels, one per promise. Run without the compiler; prints how many markets each needed until caught (JSON)."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from adlabm import kernels
from adlabm.errors import BrokenConservation
from adlabm.kernels import backstop, ledger, margin, rounds, state, trading
from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.sweep.store import write_run
from adlabm.verify import verify

MARKETS = 5
SCENARIO = {
    "ticks": 12,
    "contracts": [{"name": "BTC", "tick": "1", "lot": "0.01", "price": 1000}],
    "index": {"process": "scripted", "knots": [[0, 1.0], [180, 1.0], [360, 0.85], [720, 1.0]]},
    "funding": {"interval_s": 120.0, "interest": 0.001, "damper": 0.0005, "cap": 0.0075},
    "fund": {"share": 0.0005, "capacity": 0.5},
    "round_s": 10.0,
    "liquidation": {"move_limit": 0.01},
    "traders": [
        {
            "name": "crowd", "count": 12, "equity": {"law": "uniform", "low": 100.0, "high": 900.0}, "mode": "isolated", "pace_s": 300.0,
            "signal": {"rule": "side"}, "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 4.0, "high": 20.0}},
            "profit_taking": {"rule": "fixed", "target": 0.04}, "stop": {"rule": "fixed", "share": 0.9},
        },
        {
            "name": "cross", "count": 12, "equity": 500.0, "mode": "cross", "pace_s": 300.0, "signal": {"rule": "noise"},
            "leverage": {"rule": "fixed", "leverage": {"law": "uniform", "low": 2.0, "high": 25.0}},
        },
    ],
}  # fmt: skip


def fee_vanishes(right: Callable) -> Callable:
    """The fee leaves the account and reaches nobody."""
    return lambda s, j, amount: ledger.post(s, state.positions(s)[col.P_ACCOUNT, j], -amount, col.FEE)


def funding_forgotten(right: Callable) -> Callable:
    """The funding index is brought up to date, nothing is paid."""

    def settle(s, j):
        positions = state.positions(s)
        positions[col.P_INDEX, j] = state.contracts(s)[col.C_FUNDING, state.bands(s)[col.B_CONTRACT, j]]

    return settle


def maker_forgotten(right: Callable) -> Callable:
    """Fills of the maker are not booked: lots no longer sum to zero."""

    def fill(s, j, lots, price, code):
        if state.accounts(s)[col.A_OWNER, state.positions(s)[col.P_ACCOUNT, j]] != col.MAKER:
            right(s, j, lots, price, code)

    return fill


def money_doubled(right: Callable) -> Callable:
    """A movement between accounts arrives twice."""

    def move(s, source, target, amount, code):
        right(s, source, target, amount, code)
        ledger.post(s, target, amount, code)

    return move


def bands_too_wide(right: Callable) -> Callable:
    """Traders sleep through liquidation, stops and targets."""

    def set_bands(s, account, equity, total):
        bands, accounts = state.bands(s), state.accounts(s)
        right(s, account, equity, total)
        for j in range(accounts[col.A_FIRST, account], accounts[col.A_FIRST, account] + accounts[col.A_COUNT, account]):
            bands[col.B_LOW, j], bands[col.B_HIGH, j] = -col.NEVER, col.NEVER

    return set_bands


def liquidation_skipped(right: Callable) -> Callable:
    """Accounts below maintenance are not taken into liquidation, and are put to sleep."""

    def enqueue(s, account):
        bands, accounts = state.bands(s), state.accounts(s)
        for j in range(accounts[col.A_FIRST, account], accounts[col.A_FIRST, account] + accounts[col.A_COUNT, account]):
            bands[col.B_LOW, j], bands[col.B_HIGH, j] = -col.NEVER, col.NEVER

    return enqueue


def surplus_lost(right: Callable) -> Callable:
    """What a liquidated account has left disappears from its balance."""

    def finish_account(s, account):
        accounts = state.accounts(s)
        held = [
            state.positions(s)[col.P_LOTS, j]
            for j in range(accounts[col.A_FIRST, account], accounts[col.A_FIRST, account] + accounts[col.A_COUNT, account])
        ]
        if not any(held):
            accounts[col.A_BALANCE, account] = 0
        right(s, account)

    return finish_account


def hash_blind(right: Callable) -> Callable:
    """The ledger hash does not see the ledger."""
    return lambda s, order: rounds.np.uint64(1)


BROKEN: tuple[tuple[ModuleType, str, Callable], ...] = (
    (ledger, "fee", fee_vanishes),
    (ledger, "settle", funding_forgotten),
    (ledger, "fill", maker_forgotten),
    (ledger, "move", money_doubled),
    (margin, "set_bands", bands_too_wide),
    (rounds, "enqueue", liquidation_skipped),
    (backstop, "finish_account", surplus_lost),
    (rounds, "ledger_hash", hash_blind),
)


def caught(seed: int) -> bool:
    """Whether the checks of a market, or of its written tables, notice something."""
    try:
        model = AdlModel(Scenario.from_dict(SCENARIO), rng=seed, check=True).run()
    except BrokenConservation:
        return True
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        write_run(out, model.tables())
        return not verify(out).ok


def cases(module: ModuleType, name: str, breaking: Callable | None) -> int:
    """Markets until the broken kernel is caught; 0 when no market catches it."""
    right = getattr(module, name)
    holders = [m for n, m in sys.modules.items() if n.startswith(kernels.__name__) and getattr(m, name, None) is right]
    for holder in holders if breaking else ():
        setattr(holder, name, breaking(right))
    try:
        return next((seed + 1 for seed in range(MARKETS) if caught(seed)), 0)
    finally:
        for holder in holders:
            setattr(holder, name, right)


if __name__ == "__main__":
    found = {"nothing broken": cases(trading, "trade", None)}
    found.update({breaking.__name__: cases(module, name, breaking) for module, name, breaking in BROKEN})
    print(json.dumps(found))
