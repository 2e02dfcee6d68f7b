"""The engine against the plain exchange on random hostile markets: every event, every tick's ledger, every sum, to the last unit."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from adlabm.errors import Overflow
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.oracle.deleveraging import SCORES
from tests.oracle.replay import Differs, Replay
from tests.oracle.worlds import PRICES, world

FAST, BLOCK = 300, 20
SLOW, PART = 3000, 250
PLAIN = ("backstop", "books", "deleveraging", "exchange", "markets", "providers")
BRANCHES = (
    *(
        "cross",
        "isolated",
        "partial liquidation",
        "full liquidation",
        "step",
        "slice",
        "tier down",
        "released",
        "tie",
        "waits for the market",
    ),
    *("liquidation fee", "surplus to fund", "leftover to wallet", "isolated winner closed", "residue of a bankrupt account"),
    *(
        "takeover",
        "taken over early",
        "vault offers its book",
        "fund draw",
        "fund dry",
        "fund full",
        "unwinding",
        "excess offered",
        "fund ends below zero",
        "uncovered loss",
    ),
    *("trigger capacity", "trigger drawdown", "hysteresis", "empty queue", "absorbed at mark", "capped by equity", "ring-fence"),
    *("assigned", "auction", "commission", "fee of the deleveraged", "cover takes nothing", "deficit by index", "side drains", "pool"),
    *("contract drawdown", "contract hysteresis", "shortfall beyond the limit"),
    *("both sides", "equity charged", "left open", "repaid", "withdrawal charged", "withdrawal scaled", "price reference-spread"),
    *("maker deleveraged", "loser deleveraged", "cross account with several positions", "equal positions"),
    *(
        f"policy {policy} in {space}"
        for policy in ("queue", "contract-pro-rata", "pnl-pro-rata", "random")
        for space in ("contracts", "wealth")
    ),
    *(f"score {score}" for score in SCORES),
    *(f"price {price}" for price in PRICES),
)


def compare(seeds: range) -> Counter[str]:
    """Run and replay some worlds; what the plain exchange reached, or the smallest seed at which the two differ."""
    reached: Counter[str] = Counter()
    for seed in seeds:
        model = AdlModel(Scenario.from_dict(world(seed)), rng=seed, check=True)
        try:
            replay = Replay(model.run())
        except Overflow:
            reached["lost"] += 1
            continue
        if replay.runaway:
            reached["lost"] += 1
            continue
        try:
            reached += replay.run().reached
        except Differs as difference:
            pytest.fail(f"world({seed}), the smallest of {seeds} that differs: {difference}", pytrace=False)
    return reached


@cache
def block(first: int) -> Counter[str]:
    """What some of the fast worlds reach, which agree."""
    return compare(range(first, first + BLOCK))


@pytest.mark.parametrize("first", range(0, FAST, BLOCK))
def test_worlds_agree(first: int) -> None:
    """Few worlds may be lost because their prices run away."""
    assert block(first)["lost"] <= BLOCK // 5


def test_every_branch_is_reached() -> None:
    """A comparison that never meets a branch proves nothing about it."""
    reached = sum((block(first) for first in range(0, FAST, BLOCK)), Counter())
    assert reached["lost"] <= FAST // 15
    assert not [branch for branch in BRANCHES if not reached[branch]]


def test_dust_goes_by_identity_whatever_the_rows() -> None:
    """A world whose rows do not come by identity when a deficit falls on a side's contracts."""
    assert compare(range(2362, 2363))["deficit by index"]


def test_an_index_at_the_last_tick_stays_there() -> None:
    """A world whose forced flow, all of it lasting, took the index to zero."""
    assert compare(range(30094, 30095))["partial liquidation"]


@pytest.mark.parametrize("seed", [35651, 39172, 73160, 101488, 101741])
def test_a_lot_is_not_lost_to_the_last_digit_of_a_float(seed: int) -> None:
    """Worlds in which the lots that fit into the book, or the share of a position, miss a whole number by a rounding error."""
    assert compare(range(seed, seed + 1))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FAST, FAST + SLOW, PART))
def test_many_worlds_agree(first: int) -> None:
    assert compare(range(first, first + PART))["lost"] <= PART // 15


@pytest.mark.parametrize("module", PLAIN)
def test_plain_exchange_imports_nothing_of_the_engine(module: str) -> None:
    tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_text())
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert not [name for name in names if name.split(".")[0] in ("adlabm", "numpy", "numba")]
