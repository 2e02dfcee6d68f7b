"""Kernels that keep the books straight and break a rule of the exchange: only the promises of `tests.properties` can tell.

Run without the compiler; prints how many cases each needed until it was caught, 0 for never (JSON).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import ModuleType

import numpy as np

from adlabm import kernels
from adlabm.errors import BrokenConservation
from adlabm.kernels import adl, backstop, margin, market, state
from adlabm.kernels import columns as col
from tests.busy import TABLES
from tests.properties import test_ledger
from tests.properties.promises import play

SEEDS = range(3)
JUMP = {"process": "scripted", "knots": [[0, 1.0], [240, 1.0], [240, 0.8], [840, 0.8]]}
GAP = {**TABLES, "index": JUMP, "traders": TABLES["traders"][:1]}


def gap() -> None:
    """Longs alone, and an index that jumps over their bankruptcy prices: losses remain uncovered."""
    assert play(GAP).summary()["uncovered_loss"] > 0


def bankruptcy_prices() -> None:
    """A long, a short and a long, all above water."""
    book = ([(37, 1000, 990), (-13, 1500, 1400), (5, 700, 800)], 0.1)
    test_ledger.test_closing_a_cross_account_at_its_bankruptcy_prices_leaves_only_the_residue.hypothesis.inner_test(book)


def bands() -> None:
    """Three longs of one value, each at the lower end of its band."""
    book = ([(1000, 1000, 1000), (14_286, 1000, 1000), (1, 100, 100)], 0.1)
    test_ledger.test_no_joint_move_inside_the_bands_breaches_maintenance.hypothesis.inner_test(book, [0.0, 0.0, 0.0], False)


def funding() -> None:
    """Four payments of 0.3 units each."""
    test_ledger.test_the_funding_index_is_the_floor_of_the_exact_sum.hypothesis.inner_test([(3e-9, 10**8)] * 4, 1)


def deductions() -> None:
    """Two tiers, 1 % and 2 % from a notional of 1000 on."""
    table = np.array([[0, 10**9], [10**7, 2 * 10**7], [0, 10**7], [10**9, 10**9]])
    test_ledger.test_maintenance_is_continuous_and_rising.hypothesis.inner_test(table, [10**8, 2 * 10**9])


def takes_a_lot_too_many(right: Callable) -> Callable:
    """ADL closes one lot more than it was asked to."""
    return lambda s, request, j, lots, *rest: right(s, request, j, lots + 1, *rest)


def takes_more_than_is_held(right: Callable) -> Callable:
    """Candidates seem to hold three times what they do."""

    def gather(s, contract, sign, losers, *rows):
        seen = right(s, contract, sign, losers, *rows)
        seen[adl.SEEN_LOTS] *= 3
        return seen

    return gather


def takes_from_losers(right: Callable) -> Callable:
    """Losers are candidates too, and they come first."""

    def gather(s, contract, sign, losers, *rows):
        seen = right(s, contract, sign, True, *rows)
        seen[adl.SEEN_PROFIT] *= -1
        return seen

    return gather


def takes_from_the_wrong_side(right: Callable) -> Callable:
    """The candidates stand on the side of the bankrupt."""
    return lambda s, contract, sign, losers, *rows: right(s, contract, -sign, losers, *rows)


def spares_the_fund(right: Callable) -> Callable:
    """The fund takes nothing although it could."""
    return lambda *_: 0


def tells_nobody(right: Callable) -> Callable:
    """A deleveraged trader gets no notice."""
    return lambda s, kind, *rest: right(s, col.FUNDING if kind == col.NOTICE else kind, *rest)


def forgets_the_liquidated(right: Callable) -> Callable:
    """An account below maintenance stays where it is, awake."""
    return lambda s, account: None


def keeps_bad_debt(right: Callable) -> Callable:
    """A loss that nobody covers stays on the account."""
    return lambda s, account, amount, code: None if code == col.WRITTEN_OFF else right(s, account, amount, code)


def counts_no_bad_debt(right: Callable) -> Callable:
    """A loss that nobody covers is written off and forgotten."""

    def finish_account(s, account):
        before = state.clock(s)[col.K_UNCOVERED]
        right(s, account)
        state.clock(s)[col.K_UNCOVERED] = before

    return finish_account


def rounds_against_the_account(right: Callable) -> Callable:
    """Bankruptcy prices are a tick worse for the account."""

    def bankruptcy_price(s, j, equity, total):
        return max(right(s, j, equity, total) - (1 if state.positions(s)[col.P_LOTS, j] > 0 else -1), 1)

    return bankruptcy_price


def sleeps_too_long(right: Callable) -> Callable:
    """Every position of an account may use up the whole slack."""

    def set_bands(s, account, equity, total):
        right(s, account, equity, total)
        p, bands, a = state.positions(s), state.bands(s), state.accounts(s)
        rows = range(a[col.A_FIRST, account], a[col.A_FIRST, account] + a[col.A_COUNT, account])
        held = [j for j in rows if p[col.P_LOTS, j] != 0]
        for j in held:
            mark = state.contracts(s)[col.C_MARK, bands[col.B_CONTRACT, j]]
            if -col.NEVER < bands[col.B_LOW, j] < mark:
                bands[col.B_LOW, j] = mark - len(held) * (mark - bands[col.B_LOW, j])

    return set_bands


def drops_the_fraction(right: Callable) -> Callable:
    """Funding forgets the part of a unit that was not paid yet."""

    def pay_funding(s, contract):
        right(s, contract)
        state.contracts(s)[col.C_REST, contract] = 0

    return pay_funding


def forgets_the_deduction(right: Callable) -> Callable:
    """Maintenance is the rate of the tier on the whole notional."""

    def maintenance(tier, notional):
        return right(tier, notional) + int(tier[col.T_AMOUNT, margin.tier_of(tier, notional)])

    return maintenance


BROKEN: tuple[tuple[ModuleType, str, Callable, Callable | None], ...] = (
    (adl, "deleverage", takes_a_lot_too_many, None),
    (adl, "gather", takes_more_than_is_held, None),
    (adl, "gather", takes_from_losers, None),
    (adl, "gather", takes_from_the_wrong_side, None),
    (backstop, "affordable", spares_the_fund, None),
    (adl, "event", tells_nobody, None),
    (kernels.rounds, "enqueue", forgets_the_liquidated, None),
    (backstop, "post", keeps_bad_debt, gap),
    (backstop, "finish_account", counts_no_bad_debt, gap),
    (margin, "bankruptcy_price", rounds_against_the_account, bankruptcy_prices),
    (margin, "set_bands", sleeps_too_long, bands),
    (market, "pay_funding", drops_the_fraction, funding),
    (margin, "maintenance", forgets_the_deduction, deductions),
)


def cases(check: Callable | None) -> int:
    """Markets (or one property test) until something is noticed; 0 when nothing is."""
    for seed in SEEDS:
        try:
            check() if check else play(TABLES, seed)
        except (AssertionError, BrokenConservation):
            return seed + 1
        if check:
            break
    return 0


def broken(module: ModuleType, name: str, breaking: Callable, check: Callable | None) -> int:
    """`cases` while the broken kernel stands in the place of the right one."""
    right = getattr(module, name)
    packages = (kernels.__name__, "adlabm.exchange", "tests.properties")
    holders = [m for n, m in sys.modules.items() if n.startswith(packages) and getattr(m, name, None) is right]
    for holder in holders:
        setattr(holder, name, breaking(right))
    try:
        return cases(check)
    finally:
        for holder in holders:
            setattr(holder, name, right)


if __name__ == "__main__":
    found = {"nothing broken": sum(cases(check) for check in dict.fromkeys(check for *_, check in BROKEN))}
    found.update({breaking.__name__: broken(module, name, breaking, check) for module, name, breaking, check in BROKEN})
    print(json.dumps(found))
