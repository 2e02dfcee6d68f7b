"""Corners of kernels that markets seldom reach."""

import numpy as np
import pytest

from adlabm import registry
from adlabm.errors import Overflow, TooManyRounds
from adlabm.kernels import columns as col
from adlabm.kernels.adl import react
from adlabm.kernels.attention import BUSIEST, looks
from adlabm.kernels.drive import trading_room
from adlabm.kernels.forced import market_room, wanted
from adlabm.kernels.jumps import chi_square
from adlabm.kernels.ledger import fill, post
from adlabm.kernels.margin import exit_levels, refresh_bands
from adlabm.kernels.market import set_mark
from adlabm.kernels.paths import block_walk
from adlabm.kernels.rounds import reach, scan
from adlabm.kernels.rules import compile_rule
from adlabm.kernels.scoring import ratio, score_table
from adlabm.kernels.seats import decide_row, direction, exits, leave, refill_purse
from adlabm.kernels.standing import (
    CHOSEN_LOTS,
    CHOSEN_RANK,
    CHOSEN_ROW,
    CHOSEN_ROWS,
    STOOD_EQUITY,
    STOOD_LOTS,
    STOOD_ROW,
    STOOD_ROWS,
    choose,
)
from adlabm.kernels.trading import bears
from adlabm.liquidation.partial import Partial
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.exchange.test_adl_in_the_market import SMALL
from tests.kernels.test_audit import TARGETS, model, rows
from tests.properties.desk import desk

__all__ = ["model"]


def test_a_fill_beyond_64_bits_changes_nothing(model):
    j = rows(model)[0]
    before = (model.state.positions[:, j].copy(), model.state.accounts.copy())
    fill(model.market, j, 2**50, 10**6, col.FORCED)
    fill(model.market, j, 1, 1, col.FORCED)
    assert (model.state.positions[:, j] == before[0]).all()
    assert (model.state.accounts == before[1]).all()
    with pytest.raises(Overflow):
        model.step()


def test_nobody_bears_a_trade_beyond_64_bits(model):
    """Refused before anything of it is computed."""
    work = model.state.work
    work[:, 0] = 0
    work[col.W_ROW, 0], work[col.W_CONTRACT, 0] = rows(model)[0], 0
    before = work.copy()
    assert not bears(model.market, 0, 2**50, 10**6, 0)
    assert (work == before).all()


@pytest.mark.parametrize(("liquidity", "lots"), [(0, col.NEVER), (3, 180)])
def test_a_market_elsewhere_takes_nothing_at_better_than_the_mark(liquidity, lots):
    """Else what comes in a minute, or any number."""
    sets = [*SMALL, ("ticks", 2), ("price.formation", "external"), ("price.liquidity", liquidity)]
    elsewhere = AdlModel(Scenario.load("crash", sets), rng=1)
    elsewhere.step()
    mark = int(elsewhere.state.contracts[col.C_MARK, 0])
    for sign in (1, -1):
        assert market_room(elsewhere.market, 0, sign, mark - sign) == 0
        assert market_room(elsewhere.market, 0, sign, mark) == lots


def test_a_tick_of_more_rounds_than_allowed():
    with pytest.raises(TooManyRounds, match="needs more than max_rounds = 2 rounds"):
        AdlModel(Scenario.load("crash", [*SMALL, ("max_rounds", 2)]), rng=1).run()


def test_who_is_being_liquidated_is_neither_in_reach_nor_woken(model):
    state, j = model.state, rows(model)[0]
    account = state.positions[col.P_ACCOUNT, j]
    marks = state.contracts[col.C_MARK].astype(np.float64)
    alone = np.full_like(state.accounts[col.A_STATUS], col.LIQUIDATING)
    for status, found in ((col.NORMAL, True), (col.LIQUIDATING, False)):
        state.accounts[col.A_STATUS] = alone
        state.accounts[col.A_STATUS, account] = status
        state.accounts[col.A_BALANCE, account] -= 10**15 if found else 0
        state.bands[col.B_LOW, j] = state.contracts[col.C_MARK, state.bands[col.B_CONTRACT, j]]  # its band ends here
        queued = int(state.clock[col.K_QUEUE])
        assert (reach(model.market, marks) < 1e9) == found
        scan(model.market)
        assert (int(state.clock[col.K_QUEUE]) > queued) == found


def one(a):
    return a


def two(a, b):
    return a + 10.0 * b


def three(a, b, c):
    return a + 10.0 * b + 100.0 * c


def four(a, b, c, d):
    return a + 10.0 * b + 100.0 * c + 1e3 * d


def five(a, b, c, d, e):
    return a + 10.0 * b + 100.0 * c + 1e3 * d + 1e4 * e


def six(a, b, c, d, e, f):
    return a + 10.0 * b + 100.0 * c + 1e3 * d + 1e4 * e + 1e5 * f


@pytest.mark.parametrize("rule", [one, two, three, four, five, six])
def test_a_score_may_read_one_to_six_numbers(rule):
    """Each weighs differently, so that numbers in the wrong order would show."""
    count = rule.__code__.co_argcount
    columns = np.arange(3.0 * count).reshape(count, 3) + 1
    assert score_table(compile_rule(rule, "real"), columns) == pytest.approx(10.0 ** np.arange(count) @ columns)


@pytest.mark.parametrize(
    ("above", "below", "found"), [(3.0, 2.0, 1.5), (0.0, 0.0, 0.0), (1.0, 0.0, np.inf), (-1.0, 0.0, -np.inf), (1.0, -2.0, np.inf)]
)
def test_a_ratio_to_nothing(above, below, found):
    assert ratio(above, below) == found


def test_who_has_nothing_left_is_closed_whole():
    """Ten lots that ask for a micro each: of an equity of 3 three remain, of none none."""
    assert [Partial.close(10, 10, equity, 10, 1, 1.0) for equity in (3, 1, 0, -5)] == [7, 9, 10, 10]


def test_who_holds_a_single_lot_is_in_reach():
    """A long of one lot whose margin a fall of a tenth uses up; another of two lots has margin for any."""
    table = desk()
    state, marks = table.state, table.state.contracts[col.C_MARK].astype(np.float64)
    for trader, lots, margins in ((0, 1, 0.05), (1, 2, 10.0)):
        j = table.row(trader, 0)
        fill(table.market, j, lots, int(marks[0]), col.BY_CHOICE)
        post(table.market, col.SPECIAL + trader, int(margins * marks[0] * state.contracts[col.C_UNIT, 0]), col.DEPOSITED)
        refresh_bands(table.market, col.SPECIAL + trader)
    marks[0] *= 0.9
    assert reach(table.market, marks) == pytest.approx(state.tiers[col.T_RATE, 0] / 1e9, rel=1e-6)


def test_less_than_a_micro_is_not_withdrawn(model):
    state = model.state
    owner = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT, rows(model)[0]]]
    wallet = state.owners[col.O_WALLET, owner]
    state.groups[col.G_WITHDRAW, state.owners[col.O_GROUP, owner]] = col.NANO // 2
    state.accounts[col.A_BALANCE, wallet] = state.owners[col.O_START, owner] + 1
    assert refill_purse(model.market, owner) == state.owners[col.O_START, owner] + 1
    state.accounts[col.A_BALANCE, wallet] += 3
    assert refill_purse(model.market, owner) == state.owners[col.O_START, owner] + 2


@pytest.mark.parametrize("horizon", range(len(col.HORIZONS_S)))
def test_a_trend_is_that_of_its_own_horizon(horizon):
    """Move and usual move of each horizon differ; the signal sees those of the trader's."""
    trend = {"rule": "trend", "gamma": 1.0, "horizon_s": col.HORIZONS_S[horizon]}
    market = AdlModel(Scenario.load("crash", [*SMALL, ("traders.0.signal", trend)]), rng=1)
    state, seats = market.state, slice(col.F_GAP, col.F_GAP + len(col.HORIZONS_S))
    state.reals[seats, 0] = np.linspace(-0.4, 0.5, len(col.HORIZONS_S))
    state.reals[col.F_SPREAD : col.F_SPREAD + len(col.HORIZONS_S), 0] = np.linspace(0.1, 0.9, len(col.HORIZONS_S))
    owners = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT]]
    j = int(np.flatnonzero((state.owners[col.O_GROUP, owners] == 0) & (state.bands[col.B_CONTRACT] == 0))[0])
    expected = np.tanh(np.linspace(-0.4, 0.5, len(col.HORIZONS_S)) / np.linspace(0.1, 0.9, len(col.HORIZONS_S)))
    assert direction(market.market, j, owners[j], 0.5, 0.5, 0.0) == pytest.approx(expected[horizon])


def test_a_stop_stands_at_its_share_of_the_whole_way_to_liquidation():
    """By the leverage at which the position was opened, to the last digit of a float."""
    table = desk(stop=True)
    j = table.row(0, 0)
    table.state.positions[col.P_LEVERAGE, j] = 8 * 10**9
    owner = table.state.accounts[col.A_OWNER, col.SPECIAL]
    way = 1 / 8 - table.state.tiers[col.T_RATE, 0] / 1e9
    assert exit_levels(table.market, j, owner, 100.0) == (-(0.4 * way), -1e300, 1e300)


def test_a_rule_that_takes_no_part_of_the_profit_takes_none(model):
    state = model.state
    j = next(j for j in rows(model, TARGETS) if state.positions[col.P_LOTS, j] > 0)
    owner = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT, j]]
    state.positions[col.P_ENTRY, j] //= 2
    assert exits(model.market, j, owner) < 0
    state.groups[col.G_PART, TARGETS] = compile_rule(lambda a, b, c, d, stage, peak, gain: 0.0, "real")
    assert exits(model.market, j, owner) == 0


@pytest.mark.parametrize(("low", "high", "acts"), [(0, 9, True), (-9, 0, True), (-1, 1, False), (1, 9, True), (-9, -1, True)])
def test_a_mark_on_the_edge_of_its_band_is_beyond_it(model, low, high, acts):
    """The band ends so many ticks from the mark: only from its edges on is an exit looked for."""
    state = model.state
    j = next(j for j in rows(model, TARGETS) if state.positions[col.P_LOTS, j] > 0)
    mark = state.contracts[col.C_MARK, state.bands[col.B_CONTRACT, j]]
    state.positions[col.P_ENTRY, j] //= 2
    state.positions[col.P_CLOCK, j] = col.NEVER
    state.bands[[col.B_LOW, col.B_HIGH], j] = (mark + low, mark + high)
    order, good = decide_row(model.market, j)
    assert (order < 0) == acts
    assert not (acts and good)


def half(a, b, c, d, distance):
    return 0.5


def a_hair_more(a, b, c, d, distance):
    return 0.5000000000000001


@pytest.mark.parametrize(("stop", "lots"), [(half, -4), (a_hair_more, 0)])
def test_a_loss_on_the_edge_of_the_stop_is_stopped(stop, lots):
    """The mark is at half the entry price, a loss that floats hold exactly."""
    table = desk(stop=True)
    state, j = table.state, table.row(0, 0)
    fill(table.market, j, 4, 2 * int(state.contracts[col.C_MARK, 0]), col.BY_CHOICE)
    owner = state.accounts[col.A_OWNER, col.SPECIAL]
    state.groups[col.G_STOP, state.owners[col.O_GROUP, owner]] = compile_rule(stop, "real")
    assert exits(table.market, j, owner) == lots


def test_a_rule_that_is_asked_at_every_look_reads_its_own_four_parameters(model):
    """Eighths, quarters and so on of a whole position."""
    state = model.state
    j = next(j for j in rows(model, TARGETS) if abs(state.positions[col.P_LOTS, j]) >= 16)
    owner, lots = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT, j]], int(state.positions[col.P_LOTS, j])
    state.positions[col.P_ORIGINAL, j] = abs(lots)
    weighed = compile_rule(lambda a, b, c, d, u, gain, age, pace, volatility, stage: (a + 2.0 * b + 4.0 * c + 8.0 * d) / 16.0, "real")
    for family, slot in ((col.G_PROFIT_LOOK, col.SLOT_PROFIT), (col.G_STOP_LOOK, col.SLOT_STOP)):
        state.groups[[col.G_PROFIT_LOOK, col.G_STOP_LOOK], TARGETS] = 0
        state.groups[family, TARGETS] = weighed
        state.groups[col.G_COLUMN : col.G_COLUMN + col.SLOTS, TARGETS] = -1
        for n in range(4):
            state.values[:, TARGETS] = 0.0
            state.values[slot + n, TARGETS] = 1.0
            assert leave(model.market, j, owner) == -np.sign(lots) * (abs(lots) * 2**n // 16)


def a_tenth(a, b, c, d, stage, peak):
    return 0.1


def weighed_level(a, b, c, d, stage, peak):
    return a + 2.0 * b + 4.0 * c + 8.0 * d


def weighed_stop(a, b, c, d, distance):
    return a + 2.0 * b + 4.0 * c + 8.0 * d


@pytest.mark.parametrize("number", range(4))
def test_an_exit_stands_where_its_own_four_parameters_put_it(number):
    table = desk(stop=True)
    state, j = table.state, table.row(0, 0)
    owner = state.accounts[col.A_OWNER, col.SPECIAL]
    group = state.owners[col.O_GROUP, owner]
    state.groups[col.G_COLUMN : col.G_COLUMN + col.SLOTS, group] = -1
    state.groups[[col.G_UPPER, col.G_LOWER], group] = compile_rule(weighed_level, "real")
    state.groups[col.G_STOP, group] = compile_rule(weighed_stop, "real")
    state.values[:, group] = 0.0
    state.values[[col.SLOT_PROFIT + number, col.SLOT_STOP + number], group] = 1.0, 3.0
    assert exit_levels(table.market, j, owner, 100.0) == (-3.0 * 2**number, 2**number, 2**number)


def weighed_reaction(a, b, c, d, lights, notified):
    return (a + 2.0 * b + 4.0 * c + 8.0 * d) / 16.0


def weighed_signal(a, b, c, d, u, v, side, held, gap, spread, premium):
    return (a + 2.0 * b + 4.0 * c + 8.0 * d) / 16.0


@pytest.mark.parametrize("number", range(4))
def test_reactions_and_signals_read_their_own_four_parameters(number):
    table = desk()
    state, j = table.state, table.row(0, 0)
    owner = state.accounts[col.A_OWNER, col.SPECIAL]
    group = state.owners[col.O_GROUP, owner]
    fill(table.market, j, 4, int(state.contracts[col.C_MARK, 0]), col.BY_CHOICE)
    state.positions[[col.P_REACT, col.P_LIGHTS], j] = col.NEVER, 5
    state.groups[col.G_COLUMN : col.G_COLUMN + col.SLOTS, group] = -1
    state.groups[col.G_REACTION, group] = compile_rule(weighed_reaction, "real")
    state.groups[col.G_SIGNAL, group] = compile_rule(weighed_signal, "real")
    state.values[:, group] = 0.0
    state.values[[col.SLOT_REACTION + number, col.SLOT_SIGNAL + number], group] = 1.0
    assert direction(table.market, j, owner, 0.5, 0.5, 0.0) == 2**number / 16
    react(table.market, owner, 5, 0)
    assert state.positions[col.P_SHARE, j] == 2**number * col.NANO // 16


def weighed_part(a, b, c, d, stage, peak, gain):
    return (a + 2.0 * b + 4.0 * c + 8.0 * d) / 16.0


@pytest.mark.parametrize("number", range(4))
def test_a_part_of_the_profit_is_read_from_its_own_four_parameters(model, number):
    state = model.state
    j = next(j for j in rows(model, TARGETS) if state.positions[col.P_LOTS, j] >= 16)
    owner, lots = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT, j]], int(state.positions[col.P_LOTS, j])
    state.positions[col.P_ENTRY, j] //= 2
    state.positions[col.P_ORIGINAL, j] = lots
    state.groups[col.G_PART, TARGETS] = compile_rule(weighed_part, "real")
    state.groups[col.G_UPPER, TARGETS] = compile_rule(a_tenth, "real")
    state.groups[col.G_COLUMN : col.G_COLUMN + col.SLOTS, TARGETS] = -1
    state.values[:, TARGETS] = 0.0
    state.values[col.SLOT_PROFIT + number, TARGETS] = 1.0
    assert exits(model.market, j, owner) == -(lots * 2**number // 16)


def test_every_trader_has_the_horizon_nearest_to_its_own():
    """Drawn ones too, which are the first column of what is drawn."""
    law = {"law": "loguniform", "low": col.HORIZONS_S[0], "high": col.HORIZONS_S[-1]}
    state = AdlModel(Scenario.load("crash", [*SMALL, ("traders.0.signal", {"rule": "trend", "horizon_s": law})]), rng=1).state
    slot = col.SLOT_SIGNAL + list(registry.params_of(registry.find("signals", "trend"))).index("horizon_s")
    mine = state.owners[col.O_GROUP] == 0
    row = state.groups[col.G_COLUMN + slot, 0]
    seconds = state.traits[row, mine]
    assert row == 0
    nearest = np.abs(np.log(seconds)[:, None] - np.log(np.array(col.HORIZONS_S))).argmin(axis=1)
    assert state.owners[col.O_HORIZON, mine].tolist() == nearest.tolist()
    assert len(set(nearest)) > 2


def test_a_queue_passes_by_whom_it_has_closed():
    """The second of three was closed by a request of the same round."""
    book = np.zeros((STOOD_ROWS, 3), np.int64)
    book[STOOD_ROW], book[STOOD_LOTS], book[STOOD_EQUITY] = (7, 8, 9), (5, 0, 4), 10**9
    chosen = np.zeros((CHOSEN_ROWS, 3), np.int64)
    marks = np.array([0, 9])
    assert choose(np.array([-3.0, -2.0, -1.0]), book, marks, 100, 0, False, 5, chosen) == 2
    assert chosen[CHOSEN_ROW, :2].tolist() == [7, 9]
    assert chosen[CHOSEN_LOTS, :2].tolist() == [5, 4]
    assert chosen[CHOSEN_RANK, :2].tolist() == [1, 2]


def as_it_stands(a, b, c, d, u, v, side, held, gap, spread, premium):
    return held / 2.0


@pytest.mark.parametrize("lots", [-2, -1, 0, 1, 2])
def test_a_signal_is_told_which_side_is_held(lots):
    """A single lot is a side as any other."""
    table = desk()
    state, j = table.state, table.row(0, 0)
    owner = state.accounts[col.A_OWNER, col.SPECIAL]
    state.positions[col.P_LOTS, j] = lots
    state.groups[col.G_SIGNAL, state.owners[col.O_GROUP, owner]] = compile_rule(as_it_stands, "real")
    assert direction(table.market, j, owner, 0.5, 0.5, 0.0) == np.sign(lots) / 2.0


def test_no_exit_acts_within_a_band(model):
    """Marks around both ends of the band of every position: whatever closes something is on an end or beyond."""
    state, met = model.state, set()
    for j in rows(model, TARGETS):
        contract, owner = state.bands[col.B_CONTRACT, j], state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT, j]]
        before, side = int(state.contracts[col.C_MARK, contract]), np.sign(state.positions[col.P_LOTS, j])
        refresh_bands(model.market, state.positions[col.P_ACCOUNT, j])
        low, high = state.bands[[col.B_LOW, col.B_HIGH], j].tolist()
        for mark in (*range(low - 3, low + 4), *range(high - 3, high + 4)):
            state.contracts[col.C_MARK, contract] = mark if 0 < mark < col.NEVER else before
            if exits(model.market, j, owner) != 0:
                assert not low < state.contracts[col.C_MARK, contract] < high
                met.add(int(side))
        state.contracts[col.C_MARK, contract] = before
    assert met == {1, -1}


def all_below(lots, lower, equity, maintenance, steps, fraction):
    return lower


def test_the_most_that_a_lower_tier_holds_is_below_its_end():
    """A tier that begins a micro above three lots: three are below it."""
    table = desk()
    state, j = table.state, table.row(0, 0)
    state.positions[col.P_LOTS, j] = 5
    state.tiers[col.T_FLOOR, 1:] = 2**61
    state.tiers[col.T_FLOOR, 1] = 3 * state.contracts[col.C_MARK, 0] * state.contracts[col.C_UNIT, 0] + 1
    state.clock[col.K_ENGINE], state.clock[col.K_TIERS_DOWN] = compile_rule(all_below, "integer"), 1
    assert wanted(table.market, j, col.SPECIAL, 0, 0) == 3


@pytest.mark.parametrize(("before", "after"), [(0, col.OVERFLOW), (col.LOGS_FULL, col.LOGS_FULL)])
def test_an_open_interest_beyond_64_bits_is_the_first_fault_or_none(before, after):
    table = desk()
    table.state.clock[col.K_ERROR] = before
    set_mark(table.market, 0, 1000)
    assert table.state.clock[col.K_ERROR] == before
    table.state.contracts[col.C_LONG, 0] = 2**62
    set_mark(table.market, 0, 1000)
    assert table.state.clock[col.K_ERROR] == after


@pytest.mark.parametrize(("withdrawals", "more"), [(col.FREE, 0), (col.CHARGED, 30), (col.SCALED, 30)])
def test_where_losses_may_be_charged_everybody_who_is_due_may_write_an_event(withdrawals, more):
    table = desk()
    table.state.clock[[col.K_WITHDRAWALS, col.K_DUE]] = withdrawals, 0
    trading_room(table.market)
    idle = int(table.state.clock[col.K_EVENTS_WANTED])
    table.state.clock[col.K_DUE] = 30
    trading_room(table.market)
    assert table.state.clock[col.K_EVENTS_WANTED] == idle + more


def test_a_market_opens_as_busy_as_usual():
    """Whoever attends looks once in so many rings of the clock, whatever the attention: as often as who does not."""
    market = AdlModel(Scenario.load("crash", [*SMALL, ("traders.0.attention", 0.5), ("traders.1.attention", 1.0)]), rng=1).market
    for group in range(2):
        assert looks(market, group, 0, 0.999 / BUSIEST)
        assert not looks(market, group, 0, 1.001 / BUSIEST)


def test_a_bar_longer_than_a_tick_is_a_straight_line():
    levels = np.empty(8)
    block_walk(levels, 0, -1, 1.0, 1.0, np.array([1.2]), 0.5, 4, 1, 1, 2, 3, 4)
    assert levels == pytest.approx([1.05, 1.1, 1.15, 1.2, 1.26, 1.32, 1.38, 1.44])


@pytest.mark.parametrize("degrees", [2.0, 3.0, 8.0])
def test_chi_square_numbers(degrees):
    """Mean n and variance 2n, within four standard errors (that of the variance with the law's kurtosis, 3 + 12 / n)."""
    n = 8000
    drawn = np.array([chi_square(degrees, step, 1, 2, 3, 4) for step in range(n)])
    assert abs(drawn.mean() - degrees) < 4 * np.sqrt(2 * degrees / n)
    assert abs(drawn.var() - 2 * degrees) < 4 * 2 * degrees * np.sqrt((2 + 12 / degrees) / n)
