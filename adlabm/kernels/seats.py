"""Traders' decisions: an awake row tests its exits, then, when its clock rings, looks at its signal and names an order (signed lots)."""

import math

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.attention import BUSIEST, looks
from adlabm.kernels.columns import (
    A_BALANCE, A_OWNER, A_STATUS, B_CONTRACT, B_HIGH, B_LOW, B_WAKE, C_MARK, C_TRADE, C_UNIT, F_AVERAGE, F_DAY, F_GAP,
    F_PREMIUM, F_SPREAD, F_USUAL, F_VARIANCE, G_ATTENTION, G_GAMBLE, G_ISOLATED, G_LEVERAGE, G_PART, G_PROFIT_LOOK,
    G_PYTHON, G_QUOTES, G_REBALANCE, G_REENTRY, G_SIGNAL, G_SLICE, G_STOP, G_STOP_LOOK, G_UPPER, G_WITHDRAW, G_WORD, HORIZONS_S,
    K_BOOK, K_DUE, K_KEY0, K_KEY1, K_NOW, K_TICK, NANO, NEVER, NORMAL, O_FIRST, O_GROUP, O_HORIZON, O_LIQUIDATIONS, O_NOISE,
    O_SEATS, O_SIDE, O_START, O_WALLET, P_ACCOUNT, P_CLOCK, P_LEVERAGE, P_LOTS, P_OPENED, P_ORIGINAL, P_PEAK, P_REACT,
    P_SHARE, P_STAGE, SLOT_LEVERAGE, SLOT_PACE, SLOT_PROFIT, SLOT_SIGNAL, SLOT_STOP, W_BESIDES, W_CONTRACT, W_EQUITY,
    W_HELD, W_ISOLATED, W_ORDER, W_ROW,
)  # fmt: skip
from adlabm.kernels.integers import mul_div
from adlabm.kernels.ledger import deposit
from adlabm.kernels.margin import entry_price, equity_of, exit_levels, largest_notional, maintenance_besides, parameter, refresh_bands
from adlabm.kernels.mathx import log
from adlabm.kernels.philox import draw2
from adlabm.kernels.rules import call_real
from adlabm.kernels.state import prefetch
from adlabm.kernels.withdrawals import withdraw

__all__ = [
    "noise", "set_alarm", "set_clock", "wait", "all_flat", "refill_purse", "exits", "leave", "slowly", "look_around", "direction", "look",
    "quotes", "decide_row", "fetch", "enter_order", "decide",
]  # fmt: skip

DECISION, WAIT = 3 << 16, 4 << 16
AHEAD = 16


def noise(s, owner, seat, stream, draw):
    """Two uniform numbers of a seat: a pure function of (run key, stream, noise identity, tick, draw)."""
    owners, groups, clock = (state.owners(s), state.groups(s), state.clock(s))
    word = groups[G_WORD, owners[O_GROUP, owner]]
    return draw2(owners[O_NOISE, owner], word, clock[K_TICK], stream + 8 * seat + draw, clock[K_KEY0], clock[K_KEY1])


def set_alarm(s, j):
    """A row's alarm rings when its clock or its reaction is due."""
    positions, bands = (state.positions(s), state.bands(s))
    bands[B_WAKE, j] = min(positions[P_CLOCK, j], positions[P_REACT, j])


def set_clock(s, j, owner, u):
    """Set the clock to the next look at the signal: exponential waiting time with the group's mean pace, u its uniform draw.

    Who attends to others' trading is woken as often as in the busiest market."""
    positions, clock, group = (state.positions(s), state.clock(s), state.owners(s)[O_GROUP, owner])
    pace = parameter(s, SLOT_PACE, group, owner)
    if state.groups(s)[G_ATTENTION, group] != 0:
        pace /= BUSIEST
    positions[P_CLOCK, j] = clock[K_NOW] + max(np.int64(-log(u) * 1000.0 * pace), 1)


def wait(s, j, owner):
    """Set a row's clock and alarm anew, whatever rang before."""
    owners = state.owners(s)
    u, _ = noise(s, owner, j - owners[O_FIRST, owner], WAIT, 0)
    set_clock(s, j, owner, u)
    set_alarm(s, j)


def all_flat(s, owner):
    """Whether an owner holds no position."""
    owners, positions = (state.owners(s), state.positions(s))
    for j in range(owners[O_FIRST, owner], owners[O_FIRST, owner] + owners[O_SEATS, owner]):  # noqa: SIM110 (kernels know no generators)
        if positions[P_LOTS, j] != 0:
            return False
    return True


def refill_purse(s, owner):
    """A flat owner withdraws its share of what exceeds the starting equity, or deposits anew after ruin. Returns its balance."""
    owners, accounts, groups = (state.owners(s), state.accounts(s), state.groups(s))
    group, account = (owners[O_GROUP, owner], owners[O_WALLET, owner])
    balance, start = (accounts[A_BALANCE, account], owners[O_START, owner])
    if groups[G_WITHDRAW, group] > 0 and balance > start:
        taken = np.int64((balance - start) * (groups[G_WITHDRAW, group] / 1000000000.0))
        if taken > 0:
            withdraw(s, owner, account, taken)
    elif groups[G_REENTRY, group] > 0 and balance * 10 < start:
        deposit(s, owner, account, start - balance)
    return accounts[A_BALANCE, account]


def exits(s, j, owner):
    """Lots that an awake position trades now because of a reaction, a stop or profit taking; 0 when none acts."""
    owners, positions, contracts, groups = (state.owners(s), state.positions(s), state.contracts(s), state.groups(s))
    clock = state.clock(s)
    lots, group = (positions[P_LOTS, j], owners[O_GROUP, owner])
    side = 1 if lots > 0 else -1
    mark = contracts[C_MARK, state.bands(s)[B_CONTRACT, j]]
    if positions[P_REACT, j] <= clock[K_NOW]:
        positions[P_REACT, j] = NEVER
        return -side * min(max(np.int64(math.ceil(abs(lots) * (positions[P_SHARE, j] / 1000000000.0))), 1), abs(lots))
    if groups[G_STOP, group] == 0 and groups[G_UPPER, group] == 0:
        return 0
    entry = entry_price(s, j)
    stop, lower, upper = exit_levels(s, j, owner, entry)
    gain = side * (mark / entry - 1.0)
    if gain <= stop:
        return -lots
    if gain >= upper or gain <= lower:
        a, b = (parameter(s, SLOT_PROFIT, group, owner), parameter(s, SLOT_PROFIT + 1, group, owner))
        c, d = (parameter(s, SLOT_PROFIT + 2, group, owner), parameter(s, SLOT_PROFIT + 3, group, owner))
        peak = side * (positions[P_PEAK, j] / entry - 1.0)
        share = call_real(groups[G_PART, group], (a, b, c, d, float(positions[P_STAGE, j]), peak, gain))
        if share > 0.0:
            return -side * min(max(np.int64(positions[P_ORIGINAL, j] * share), 1), abs(lots))
    return 0


def leave(s, j, owner):
    """Lots that a position trades because of an exit rule that is asked at every look; 0 when none acts."""
    owners, positions, contracts, groups = (state.owners(s), state.positions(s), state.contracts(s), state.groups(s))
    lots, group, contract = (positions[P_LOTS, j], owners[O_GROUP, owner], state.bands(s)[B_CONTRACT, j])
    if lots == 0 or (groups[G_PROFIT_LOOK, group] == 0 and groups[G_STOP_LOOK, group] == 0):
        return 0
    side, share = (1 if lots > 0 else -1, 0.0)
    gain = side * (contracts[C_MARK, contract] / entry_price(s, j) - 1.0)
    age, volatility = ((state.clock(s)[K_NOW] - positions[P_OPENED, j]) / 1000.0, state.reals(s)[F_DAY, contract])
    pace, draws = (parameter(s, SLOT_PACE, group, owner), noise(s, owner, j - owners[O_FIRST, owner], DECISION, 3))
    for rule, slot, u in ((groups[G_PROFIT_LOOK, group], SLOT_PROFIT, draws[0]), (groups[G_STOP_LOOK, group], SLOT_STOP, draws[1])):
        if rule != 0:
            a, b = (parameter(s, slot, group, owner), parameter(s, slot + 1, group, owner))
            c, d = (parameter(s, slot + 2, group, owner), parameter(s, slot + 3, group, owner))
            share = max(share, call_real(rule, (a, b, c, d, u, gain, age, pace, volatility, float(positions[P_STAGE, j]))))
    return -side * min(max(np.int64(positions[P_ORIGINAL, j] * share), 1), abs(lots)) if share > 0.0 else 0


def slowly(s, order, lots, group):
    """The part of an order that one look trades in a group that works its orders in slices."""
    part = state.groups(s)[G_SLICE, group]
    if part == 0:
        return order
    most = max(mul_div(max(abs(lots), abs(lots + order)), part, NANO), 1)
    return min(max(order, -most), most)


def look_around(s):
    """What the signals of a round are made of, for every contract and horizon: log of the trade price over its average, and the spread of
    a return over it, as traders are used to, and over a day, as it is now."""
    contracts, reals = (state.contracts(s), state.reals(s))
    for contract in range(contracts.shape[1]):
        for h in range(len(HORIZONS_S)):
            reals[F_GAP + h, contract] = log(float(contracts[C_TRADE, contract]) / reals[F_AVERAGE + h, contract])
            reals[F_SPREAD + h, contract] = math.sqrt(reals[F_USUAL, contract] * HORIZONS_S[h])
        reals[F_DAY, contract] = math.sqrt(reals[F_VARIANCE, contract] * 86400.0)


def direction(s, j, owner, u, v, away):
    """What the signal wants where the premium is larger by `away`: a number in [-1, 1] (fraction of the chosen leverage, signed), or nan
    for "leave it"."""
    owners, positions, reals = (state.owners(s), state.positions(s), state.reals(s))
    groups, signals = (state.groups(s), state.signals(s))
    group = owners[O_GROUP, owner]
    if groups[G_PYTHON, group] != 0:
        return signals[j]
    contract = state.bands(s)[B_CONTRACT, j]
    horizon = owners[O_HORIZON, owner]
    gap, spread = (reals[F_GAP + horizon, contract], reals[F_SPREAD + horizon, contract])
    held = positions[P_LOTS, j]
    current = 1.0 if held > 0 else -1.0 if held < 0 else 0.0
    a, b = (parameter(s, SLOT_SIGNAL, group, owner), parameter(s, SLOT_SIGNAL + 1, group, owner))
    c, d = (parameter(s, SLOT_SIGNAL + 2, group, owner), parameter(s, SLOT_SIGNAL + 3, group, owner))
    premium = reals[F_PREMIUM, contract] + away
    return call_real(groups[G_SIGNAL, group], (a, b, c, d, u, v, float(owners[O_SIDE, owner]), current, gap, spread, premium))


def look(s, j, owner, u, v, w, away):
    """Lots to trade to reach what the signal (uniform draws u, v) and the leverage rule (draw w) want where the premium is larger by
    `away`."""
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    reals, groups, tiers = (state.reals(s), state.groups(s), state.tiers(s))
    group, lots, contract = (owners[O_GROUP, owner], positions[P_LOTS, j], state.bands(s)[B_CONTRACT, j])
    want = direction(s, j, owner, u, v, away)
    if math.isnan(want) or (want == 0.0 and lots == 0):
        return 0
    if want == 0.0:
        return -lots
    same = (want > 0) == (lots > 0) and lots != 0
    if same and groups[G_REBALANCE, group] == 0:
        return 0
    isolated = groups[G_ISOLATED, group] != 0
    if isolated and lots != 0:
        return 0 if same else -lots
    a, b = (parameter(s, SLOT_LEVERAGE, group, owner), parameter(s, SLOT_LEVERAGE + 1, group, owner))
    c, d = (parameter(s, SLOT_LEVERAGE + 2, group, owner), parameter(s, SLOT_LEVERAGE + 3, group, owner))
    leverage = call_real(groups[G_LEVERAGE, group], (a, b, c, d, w, reals[F_DAY, contract]))
    if groups[G_GAMBLE, group] != NANO and owners[O_LIQUIDATIONS, owner] > 0:
        leverage *= groups[G_GAMBLE, group] / NANO
    if all_flat(s, owner):
        refill_purse(s, owner)
    if isolated:
        flat = 0
        for i in range(owners[O_FIRST, owner], owners[O_FIRST, owner] + owners[O_SEATS, owner]):
            flat += 1 if positions[P_LOTS, i] == 0 else 0
        purse = float(accounts[A_BALANCE, owners[O_WALLET, owner]]) / flat
    else:
        purse = float(equity_of(s, positions[P_ACCOUNT, j])) / owners[O_SEATS, owner]
    leverage *= min(abs(want), 1.0)
    if purse <= 0.0 or leverage <= 0.0:
        return 0
    notional = largest_notional(tiers, np.int64(purse), leverage)
    size = np.int64(notional / (float(contracts[C_TRADE, contract]) * float(contracts[C_UNIT, contract])))
    if size == 0:
        return -lots if not same else 0
    positions[P_LEVERAGE, j] = np.int64(leverage * 1000000000.0)
    return (size if want > 0 else -size) - lots


def quotes(s, j):
    """Whether who holds position row j rests a bid and an ask in the book whenever it is awake, in place of an order."""
    if state.clock(s)[K_BOOK] == 0:
        return False
    account = state.positions(s)[P_ACCOUNT, j]
    group = state.owners(s)[O_GROUP, state.accounts(s)[A_OWNER, account]]
    return state.groups(s)[G_QUOTES, group] != 0 and state.accounts(s)[A_STATUS, account] == NORMAL


def decide_row(s, j):
    """The order of a due row (signed lots), and whether its bands are still good: exits first, then, if the clock rang, the signal.

    Within the band no exit can act, and of who only lets a look pass nothing changes but the clock."""
    owners, accounts, positions, bands = (state.owners(s), state.accounts(s), state.positions(s), state.bands(s))
    contracts, clock = (state.contracts(s), state.clock(s))
    account = positions[P_ACCOUNT, j]
    owner, lots, mark = (accounts[A_OWNER, account], positions[P_LOTS, j], contracts[C_MARK, state.bands(s)[B_CONTRACT, j]])
    order, acts = (0, accounts[A_STATUS, account] == NORMAL)
    reacts, rang = (positions[P_REACT, j] <= clock[K_NOW], positions[P_CLOCK, j] <= clock[K_NOW])
    beyond = mark <= bands[B_LOW, j] or mark >= bands[B_HIGH, j]
    good = acts and not (reacts or beyond)
    if acts and lots != 0:
        peak = max(positions[P_PEAK, j], mark) if lots > 0 else min(positions[P_PEAK, j], mark)
        good = good and peak == positions[P_PEAK, j]
        positions[P_PEAK, j] = peak
        if reacts or beyond:
            order = exits(s, j, owner)
    if reacts:
        positions[P_REACT, j] = NEVER
    if rang:
        seat, group = (j - owners[O_FIRST, owner], owners[O_GROUP, owner])
        w, x = noise(s, owner, seat, DECISION, 1)
        if acts and state.groups(s)[G_ATTENTION, group] != 0:
            acts = looks(s, group, bands[B_CONTRACT, j], noise(s, owner, seat, DECISION, 4)[0])
        if acts:
            good = False
            if order == 0:
                order = leave(s, j, owner)
            if order == 0 and not quotes(s, j):
                u, v = noise(s, owner, seat, DECISION, 0)
                order = slowly(s, look(s, j, owner, u, v, w, 0.0), lots, group)
        set_clock(s, j, owner, x)
    set_alarm(s, j)
    return order, good


def fetch(s, i, n):
    """Ask for what rows further down the scratch list of n will need, while row i is worked on."""
    accounts, positions, work = (state.accounts(s), state.positions(s), state.work(s))
    if i + AHEAD < n:
        prefetch(positions, work[W_ROW, i + AHEAD])
        prefetch(state.bands(s), work[W_ROW, i + AHEAD])
        prefetch(accounts, positions[P_ACCOUNT, work[W_ROW, i + AHEAD // 2]])
        prefetch(state.owners(s), accounts[A_OWNER, positions[P_ACCOUNT, work[W_ROW, i + AHEAD // 4]]])


def enter_order(s, i, j, order):
    """List row j's order as the i-th, with what its batch must know of it."""
    owners, accounts, positions, groups = (state.owners(s), state.accounts(s), state.positions(s), state.groups(s))
    work, account = (state.work(s), positions[P_ACCOUNT, j])
    work[W_ROW, i], work[W_CONTRACT, i], work[W_ORDER, i] = (j, state.bands(s)[B_CONTRACT, j], order)
    work[W_HELD, i], work[W_EQUITY, i] = (positions[P_LOTS, j], equity_of(s, account))
    work[W_BESIDES, i] = maintenance_besides(s, account, j)
    work[W_ISOLATED, i] = groups[G_ISOLATED, owners[O_GROUP, accounts[A_OWNER, account]]]


def decide(s):
    """Let every due row decide; those with an order, or with quotes (order 0), take the place of the due rows in the scratch list. Returns
    how many."""
    accounts, positions, clock, work = (state.accounts(s), state.positions(s), state.clock(s), state.work(s))
    n = 0
    if clock[K_DUE] > 0:
        look_around(s)
    for i in range(clock[K_DUE]):
        fetch(s, i, clock[K_DUE])
        j = work[W_ROW, i]
        order, good = decide_row(s, j)
        if order != 0 or quotes(s, j):
            enter_order(s, n, j, order)
            n += 1
        elif not good and accounts[A_STATUS, positions[P_ACCOUNT, j]] == NORMAL:
            refresh_bands(s, positions[P_ACCOUNT, j])
    clock[K_DUE] = 0
    return n
