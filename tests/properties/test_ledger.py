"""Postings and margin against exact fractions, on accounts of any size."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adlabm.kernels import columns as col
from adlabm.kernels.backstop import finish_account, largest_first
from adlabm.kernels.ledger import deposit, fill, settle
from adlabm.kernels.margin import bankruptcy_price, equity_of, maintenance, maintenance_of, refresh_bands
from adlabm.kernels.market import pay_funding
from tests.properties.desk import FIRST_ACCOUNT, SEATS, desk

QUIET = {"derandomize": True, "deadline": None}
SAFE = 4 * 10**18
signs = st.sampled_from([1, -1])
sizes = st.one_of(st.integers(1, 20), st.integers(1, 10**6), st.integers(1, 10**10))
trades = st.lists(st.tuples(signs, sizes, st.one_of(st.integers(1, 10**4), st.integers(1, 10**8))), min_size=1, max_size=12)
tick_values = st.sampled_from([1, 100, 10**6])


@settings(max_examples=300, **QUIET)
@given(trades, tick_values)
def test_fills_are_exact(trades, unit):
    """Cash is exact to the unit; the entry value is the average cost, a unit off at most per partial close; overflow changes nothing."""
    d = desk((unit, 1, 1))
    j, lots, cost, entry, closes = d.row(0, 0), 0, 0, Fraction(0), 0
    for sign, size, price in trades:
        new = lots + sign * size
        before = d.balance(0), d.state.positions[:, j].copy()
        fill(d.market, j, sign * size, price, col.BY_CHOICE)
        if (size + abs(new)) * price * unit > SAFE:
            assert d.state.clock[col.K_ERROR] == col.OVERFLOW
            assert d.balance(0) == before[0]
            assert (d.state.positions[:, j] == before[1]).all()
            return
        if lots * sign >= 0:
            entry += sign * size * price * unit
        elif size < abs(lots):
            entry, closes = entry * Fraction(abs(new), abs(lots)), closes + 1
        else:
            entry, closes = Fraction(new * price * unit), 0
        lots, cost = new, cost + sign * size * price * unit
        booked = int(d.state.positions[col.P_ENTRY, j])
        assert d.state.positions[col.P_LOTS, j] == lots
        assert d.balance(0) - booked == -cost
        assert abs(booked - entry) <= closes
        assert lots or booked == 0


@settings(max_examples=100, **QUIET)
@given(trades, tick_values)
def test_two_sides_of_a_fill_sum_to_zero(trades, unit):
    d = desk((unit, 1, 1))
    for sign, size, price in trades:
        assume(size * price * unit < SAFE // 50)
        fill(d.market, d.row(0, 0), sign * size, price, col.BY_CHOICE)
        fill(d.market, d.row(1, 0), -sign * size, price, col.BY_CHOICE)
        p, k = d.state.positions, d.state.clock
        assert p[col.P_LOTS].sum() == 0
        assert d.state.accounts[col.A_BALANCE].sum() == k[col.K_BALANCE] == p[col.P_ENTRY].sum() == k[col.K_ENTRY]
        assert d.state.contracts[col.C_LONG, 0] == abs(p[col.P_LOTS, d.row(0, 0)])


funding = st.lists(
    st.one_of(st.tuples(st.just("pay"), st.integers(-(10**6), 10**6)), st.tuples(st.just("trade"), st.integers(-1000, 1000))), max_size=20
)


@settings(max_examples=200, **QUIET)
@given(funding)
def test_lazy_funding_is_eager_funding_and_sums_to_zero(moves):
    lazy, eager = desk(), desk()
    for kind, amount in moves:
        for d in (lazy, eager):
            if kind == "pay":
                d.state.contracts[col.C_FUNDING, 0] += amount
            elif amount:
                fill(d.market, d.row(0, 0), amount, 1000, col.BY_CHOICE)
                fill(d.market, d.row(1, 0), -amount, 1000, col.BY_CHOICE)
            for trader in (0, 1) if d is eager else ():
                settle(d.market, d.row(trader, 0))
    for trader in (0, 1):
        settle(lazy.market, lazy.row(trader, 0))
        assert lazy.balance(trader) == eager.balance(trader)
    assert (lazy.state.owners[col.O_FUNDING] == eager.state.owners[col.O_FUNDING]).all()
    assert lazy.state.owners[col.O_FUNDING].sum() == 0
    assert lazy.state.clock[col.K_LOTS_INDEX] == (lazy.state.positions[col.P_LOTS] * lazy.state.positions[col.P_INDEX]).sum()


@settings(max_examples=200, **QUIET)
@given(st.lists(st.tuples(st.floats(-0.01, 0.01), st.integers(1, 10**9)), min_size=1, max_size=15), tick_values)
def test_the_funding_index_is_the_floor_of_the_exact_sum(payments, unit):
    """Rates are whole billionths; the fraction of a unit is carried and never dropped."""
    d, exact = desk((unit, 1, 1)), Fraction(0)
    d.state.rates[[col.R_INTEREST, col.R_DAMPER, col.R_CAP]] = 0.0, 0.0, 1.0
    for rate, mark in payments:
        d.state.contracts[col.C_MARK, 0] = mark
        d.state.reals[[col.F_SUM, col.F_TIME], 0] = rate, 1.0
        pay_funding(d.market, 0)
        exact += Fraction(math.floor(rate * 1e9 + 0.5), 10**9) * mark * unit
        assert d.state.contracts[col.C_FUNDING, 0] == math.floor(exact)


@st.composite
def tier_tables(draw):
    """Rising floors (micro) and rates (nano) with the amounts that make the margin continuous."""
    floors = [0, *sorted(draw(st.sets(st.integers(1, 10**6), min_size=1, max_size=5)))]
    rates = sorted(draw(st.sets(st.integers(1, 9000), min_size=len(floors), max_size=len(floors))))
    table, amount = np.zeros((4, len(floors)), np.int64), 0
    for n, (floor, rate) in enumerate(zip(floors, rates, strict=True)):
        amount += floor * (rate - (rates[n - 1] if n else 0)) * 100 if n else 0
        table[:, n] = floor * 10**6, rate * 10**5, amount, 10**9
    return table


@settings(max_examples=200, **QUIET)
@given(tier_tables(), st.lists(st.integers(0, 10**13), min_size=2, max_size=20))
def test_maintenance_is_continuous_and_rising(table, notionals):
    lines = [(int(rate), int(amount)) for rate, amount in zip(table[col.T_RATE], table[col.T_AMOUNT], strict=True)]
    for notional in notionals:
        exact = max(notional * Fraction(rate, 10**9) - amount for rate, amount in lines)
        assert maintenance(table, notional) == max(math.ceil(exact), 0)
    for floor in table[col.T_FLOOR, 1:].tolist():
        assert 0 <= maintenance(table, floor) - maintenance(table, floor - 1) <= 1
    assert all(maintenance(table, a) <= maintenance(table, b) for a, b in pairwise(sorted(notionals)))


@st.composite
def books(draw):
    """(lots, entry price, mark) of three positions, flat ones too, and a balance as a share of their value."""
    seats = [draw(st.tuples(st.integers(-5000, 5000), st.integers(500, 2000), st.integers(500, 2000))) for _ in range(SEATS)]
    assume(any(lots for lots, _, _ in seats))
    return seats, draw(st.floats(-0.2, 1.0))


def seated(book, **options):
    """A desk whose first trader holds the book."""
    (seats, share), d = book, desk((100, 7, 10**6), **options)
    for contract, (lots, entry, mark) in enumerate(seats):
        d.state.contracts[col.C_MARK, contract] = mark
        if lots:
            fill(d.market, d.row(0, contract), lots, entry, col.BY_CHOICE)
            d.state.positions[col.P_LEVERAGE, d.row(0, contract)] = 10 * col.NANO
    value = sum(abs(lots) * mark * int(unit) for (lots, _, mark), unit in zip(seats, d.state.contracts[col.C_UNIT], strict=True))
    d.state.accounts[col.A_BALANCE, FIRST_ACCOUNT] += int(share * value) - equity_of(d.market, FIRST_ACCOUNT)
    return d


@settings(max_examples=400, **QUIET)
@given(books())
def test_closing_a_cross_account_at_its_bankruptcy_prices_leaves_only_the_residue(book):
    """Solvent or not, largest margin first: what is left is at or above zero, below one tick per lot, and goes to the fund."""
    d = seated(book)
    held, residue = int(np.count_nonzero(d.state.positions[col.P_LOTS])), 0
    for _ in range(held):
        j = largest_first(d.market, FIRST_ACCOUNT, 0)
        price = bankruptcy_price(d.market, j, equity_of(d.market, FIRST_ACCOUNT), maintenance_of(d.market, FIRST_ACCOUNT))
        assume(price > 1)
        lots, contract = int(d.state.positions[col.P_LOTS, j]), d.state.bands[col.B_CONTRACT, j]
        residue += abs(lots) * int(d.state.contracts[col.C_UNIT, contract])
        fill(d.market, j, -lots, price, col.TAKEN_OVER)
    assert 0 <= d.balance(0) < residue
    left, fund = d.balance(0), int(d.state.accounts[col.A_BALANCE, col.FUND])
    finish_account(d.market, FIRST_ACCOUNT)
    assert d.balance(0) == 0
    assert d.state.accounts[col.A_BALANCE, col.FUND] == fund + left


@settings(max_examples=400, **QUIET)
@given(books(), st.lists(st.floats(0.0, 1.0), min_size=SEATS, max_size=SEATS), st.booleans())
def test_no_joint_move_inside_the_bands_breaches_maintenance(book, shares, stop):
    d = seated(book, stop=stop)
    assume(equity_of(d.market, FIRST_ACCOUNT) >= maintenance_of(d.market, FIRST_ACCOUNT))
    refresh_bands(d.market, FIRST_ACCOUNT)
    for contract, share in enumerate(shares):
        j = d.row(0, contract)
        low, high = max(int(d.state.bands[col.B_LOW, j]) + 1, 1), min(int(d.state.bands[col.B_HIGH, j]) - 1, 10**6)
        mark = low + round(share * (high - low)) if low <= high else int(d.state.contracts[col.C_MARK, contract])
        d.state.contracts[col.C_MARK, contract] = mark
        lots, entry = int(d.state.positions[col.P_LOTS, j]), int(d.state.positions[col.P_ENTRY, j])
        if stop and lots and low <= high:
            gain = np.sign(lots) * (lots * mark * int(d.state.contracts[col.C_UNIT, contract]) / entry - 1)
            assert gain > -0.4 * (1 / 10 - 0.005)
    if all(int(d.state.bands[col.B_LOW, d.row(0, c)]) + 1 < int(d.state.bands[col.B_HIGH, d.row(0, c)]) for c in range(SEATS)):
        assert equity_of(d.market, FIRST_ACCOUNT) >= maintenance_of(d.market, FIRST_ACCOUNT)


def test_an_account_below_maintenance_has_no_band():
    d = seated(([(1000, 1000, 1000), (0, 1, 1), (0, 1, 1)], 0.004))
    refresh_bands(d.market, FIRST_ACCOUNT)
    assert d.state.bands[col.B_LOW, d.row(0, 0)] == col.NEVER


@settings(max_examples=50, **QUIET)
@given(st.lists(st.integers(-(10**15), 10**15), max_size=10))
def test_deposits_and_withdrawals_are_counted(amounts):
    d, owner = desk(), col.SPECIAL
    for amount in amounts:
        deposit(d.market, owner, FIRST_ACCOUNT, amount)
    assert d.balance(0) == d.state.clock[col.K_DEPOSITS] == d.state.owners[col.O_DEPOSITS, owner] == sum(amounts)
