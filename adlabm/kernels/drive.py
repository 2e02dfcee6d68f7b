"""The order of a tick, in compiled code: `drive` runs rounds and ticks until something needs its caller, and continues where it stopped.

A round: the index moves, depth refills; due traders decide and their orders clear; premium, mark and funding; awake rows are tested;
the waterfall; the record. In calm a tick is one round.
"""

import math

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE,
    A_COUNT,
    A_FIRST,
    A_OWNER,
    A_STATUS,
    BELOW_ZERO,
    C_DELEVERAGED,
    C_FUNDING,
    C_INDEX,
    C_JUMP,
    C_LIQUIDATED,
    C_LONG,
    C_LONG_MAKER,
    C_MARK,
    C_TRADE,
    C_UNIT,
    C_VOLUME,
    DONE,
    F_BASE,
    F_DEPTH_ASK,
    F_DEPTH_BID,
    F_FULL_ASK,
    F_FULL_BID,
    F_GONE,
    F_PREMIUM,
    F_RATE,
    F_USED,
    FAILED,
    FUND,
    G_PYTHON,
    K_BALANCE,
    K_BUCKET,
    K_CHAIN,
    K_CHECK,
    K_DUE,
    K_END,
    K_ENTRY,
    K_ERROR,
    K_EVENTS,
    K_FEES,
    K_FUNDING_MS,
    K_HASHES,
    K_JOURNAL,
    K_LIGHTS_MS,
    K_LOTS_INDEX,
    K_MAX_ROUNDS,
    K_NEXT_LIGHTS,
    K_NOW,
    K_PATH_TICK,
    K_PEAK,
    K_PHASE,
    K_PYTHON,
    K_QUEUE,
    K_REQUESTS,
    K_ROUND,
    K_ROUND_MS,
    K_ROUNDS,
    K_SEGMENT,
    K_SEGMENT_LEFT,
    K_SERIES,
    K_STEP,
    K_TICK,
    K_TICK_MS,
    K_UNCOVERED,
    NORMAL,
    NOT_BALANCED,
    O_GROUP,
    P_ACCOUNT,
    P_CLOCK,
    P_CONTRACT,
    P_ENTRY,
    P_HIGH,
    P_INDEX,
    P_LOTS,
    P_LOW,
    P_WAKE,
    R_REACH,
    R_SMALLEST_RATE,
    S_CASH,
    S_DELEVERAGED,
    S_FUND,
    S_INDEX,
    S_LIQUIDATED,
    S_LONG,
    S_LONG_EX_MAKER,
    S_MARK,
    S_TRADE,
    S_VOLUME,
    SLEEPER_BELOW_MAINTENANCE,
    SLEEPER_PAST_EXIT,
    SPECIAL,
    TOO_MANY_ROUNDS,
    UNCOVERED_LOSS,
    V_ASK,
    V_BASE,
    V_BID,
    V_CONTRACT,
    V_ELAPSED,
    V_GONE,
    V_MARK,
    V_ROUND,
    V_TICK,
    V_USED,
    W_DUE,
    W_PYTHON,
    WANTS_ADL,
    WANTS_LIGHTS,
    WANTS_PATH,
    WANTS_ROOM,
    WANTS_SIGNALS,
    WRITTEN_OFF,
    X_ASK,
    X_BID,
    X_PREMIUM,
    X_RATE,
)  # fmt: skip
from adlabm.kernels.ledger import conserved, event, post
from adlabm.kernels.margin import entry_price, equity_of, exit_levels, maintenance_of, refresh_bands
from adlabm.kernels.market import advance_price, mark_of, pay_funding, set_mark, watch_volatility
from adlabm.kernels.seats import decide
from adlabm.kernels.trading import clear
from adlabm.kernels.waterfall import close_waterfall, enqueue, waterfall

__all__ = [
    "hash_step", "ledger_hash", "audit", "asleep", "audit_exits", "target_level", "reach", "start_tick", "plan_round",
    "begin_round", "scan", "trade_round", "funding_due", "record", "room", "note_round", "python_rows", "write_off_fund",
    "end_tick", "drive",
]  # fmt: skip

TICK_START, ROUND_START, TRADING, WATERFALL, AFTER_ADL, AFTER_LIGHTS = range(6)
HASH_START = np.uint64(0x9E3779B97F4A7C15)
HASH_FACTOR = np.uint64(0xD6E8FEB86659FD93)
HALF = np.uint64(32)


def hash_step(h, x):
    """Mix one word into a 64-bit hash: h = (h ^ x) M; h ^= h >> 32."""
    h = (h ^ x) * HASH_FACTOR
    return h ^ (h >> HALF)


def ledger_hash(s, order):
    """64-bit hash of the ledger accrued to date, accounts in the given order (by identity), positions by contract."""
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    h = HASH_START
    for i in range(order.size):
        account = order[i]
        accrued = accounts[A_BALANCE, account]
        first = accounts[A_FIRST, account]
        last = first + accounts[A_COUNT, account]
        for j in range(first, last):
            accrued -= positions[P_LOTS, j] * (contracts[C_FUNDING, positions[P_CONTRACT, j]] - positions[P_INDEX, j])
        h = hash_step(h, np.uint64(accrued))
        for j in range(first, last):
            if positions[P_LOTS, j] != 0:
                h = hash_step(h, np.uint64(positions[P_CONTRACT, j]))
                h = hash_step(h, np.uint64(positions[P_LOTS, j]))
                h = hash_step(h, np.uint64(positions[P_ENTRY, j]))
    h = hash_step(h, np.uint64(clock[K_FEES]))
    h = hash_step(h, np.uint64(clock[K_UNCOVERED]))
    for contract in range(contracts.shape[1]):
        h = hash_step(h, np.uint64(contracts[C_FUNDING, contract]))
    return h


def audit(s):
    """Full recount under --check:

    totals equal their increments, lots sum to zero, nobody outside liquidation below zero, no sleeper below maintenance or past an
    exit.
    """
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    balance = entry = lots_index = 0
    lots = np.zeros(contracts.shape[1], np.int64)
    for account in range(accounts.shape[1]):
        balance += accounts[A_BALANCE, account]
    for j in range(positions.shape[1]):
        entry += positions[P_ENTRY, j]
        lots_index += positions[P_LOTS, j] * positions[P_INDEX, j]
        lots[positions[P_CONTRACT, j]] += positions[P_LOTS, j]
    if balance != clock[K_BALANCE] or entry != clock[K_ENTRY] or lots_index != clock[K_LOTS_INDEX]:
        return NOT_BALANCED
    for contract in range(lots.size):
        if lots[contract] != 0:
            return NOT_BALANCED
    for account in range(SPECIAL, accounts.shape[1]):
        if accounts[A_STATUS, account] != NORMAL:
            continue
        equity = equity_of(s, account)
        if equity < 0:
            return BELOW_ZERO
        if equity < maintenance_of(s, account) and asleep(s, account):
            return SLEEPER_BELOW_MAINTENANCE
    return audit_exits(s)


def asleep(s, account):
    """Whether the marks lie inside all bands of an account. One that ADL has just cost its margin is awake: the next round tests it."""
    accounts, positions, contracts = (state.accounts(s), state.positions(s), state.contracts(s))
    for j in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
        mark = contracts[C_MARK, positions[P_CONTRACT, j]]
        if mark <= positions[P_LOW, j] or mark >= positions[P_HIGH, j]:
            return False
    return True


def audit_exits(s):
    """No row that sleeps (its mark inside its band) is past a stop or a profit level."""
    accounts, positions, contracts = (state.accounts(s), state.positions(s), state.contracts(s))
    for j in range(SPECIAL * contracts.shape[1], positions.shape[1]):
        account, mark = (positions[P_ACCOUNT, j], contracts[C_MARK, positions[P_CONTRACT, j]])
        if (
            positions[P_LOTS, j] == 0
            or accounts[A_STATUS, account] != NORMAL
            or mark <= positions[P_LOW, j]
            or (mark >= positions[P_HIGH, j])
        ):
            continue
        stop, lower, upper = exit_levels(s, j, accounts[A_OWNER, account])
        gain = (1.0 if positions[P_LOTS, j] > 0 else -1.0) * (mark / entry_price(s, j) - 1.0)
        if gain <= max(stop, lower) or gain >= upper:
            return SLEEPER_PAST_EXIT
    return 0


def target_level(s, contract):
    """Exogenous level at the end of the current segment."""
    clock, path = (state.clock(s), state.path(s))
    return path[contract, clock[K_TICK] - clock[K_PATH_TICK], clock[K_SEGMENT]]


def reach(s, share):
    """Smallest distance from liquidation to bankruptcy (a fraction of notional) among accounts that would fall below maintenance if the
    rest of the segment passed at once.

    `share` (contracts,) holds the predicted marks (ticks). Distance = maintenance / notional. Returns a large number when no account is
    in reach.
    """
    accounts, positions, contracts = (state.accounts(s), state.positions(s), state.contracts(s))
    smallest = 1000000000.0
    for j in range(SPECIAL * contracts.shape[1], positions.shape[1]):
        contract = positions[P_CONTRACT, j]
        now, then = (contracts[C_MARK, contract], share[contract])
        if min(now, then) > positions[P_LOW, j] and max(now, then) < positions[P_HIGH, j]:
            continue
        account = positions[P_ACCOUNT, j]
        if positions[P_LOTS, j] == 0 or accounts[A_STATUS, account] != NORMAL:
            continue
        equity, maintenance, notional = (equity_of(s, account), maintenance_of(s, account), 0.0)
        slack = float(equity - maintenance)
        for i in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
            other = positions[P_CONTRACT, i]
            unit = contracts[C_UNIT, other]
            slack += float(positions[P_LOTS, i]) * (share[other] - contracts[C_MARK, other]) * unit
            notional += abs(float(positions[P_LOTS, i])) * contracts[C_MARK, other] * unit
        if slack < 0.01 * abs(float(maintenance)):
            smallest = min(smallest, float(maintenance) / notional)
    return smallest


def start_tick(s):
    """Begin a tick: first segment of the path, measured depth of the tick, tick counters."""
    contracts, reals, clock, path = (state.contracts(s), state.reals(s), state.clock(s), state.path(s))
    depths, jumps = (state.depths(s), state.jumps(s))
    clock[K_SEGMENT], clock[K_SEGMENT_LEFT], clock[K_ROUND] = (0, clock[K_TICK_MS] // path.shape[2], 0)
    for contract in range(contracts.shape[1]):
        contracts[C_VOLUME, contract] = contracts[C_LIQUIDATED, contract] = contracts[C_DELEVERAGED, contract] = 0
        at = clock[K_TICK] - clock[K_PATH_TICK]
        contracts[C_JUMP, contract] = jumps[contract, at]
        if depths[contract, at, 0] > 0.0:
            reals[F_FULL_BID, contract] = depths[contract, at, 0]
        if depths[contract, at, 1] > 0.0:
            reals[F_FULL_ASK, contract] = depths[contract, at, 1]


def plan_round(s):
    """Length of the next round (ms): the rest of the segment, at most `round_s` while the waterfall holds work, and, while an account
    is in reach of liquidation, so short that
    no index moves by more than `reach` of the smallest liquidation-to-bankruptcy distance in reach. A declared jump moves at once."""
    contracts, reals, clock, rates = (state.contracts(s), state.reals(s), state.clock(s), state.rates(s))
    left = clock[K_SEGMENT_LEFT]
    move = 0.0
    for contract in range(contracts.shape[1]):
        if contracts[C_JUMP, contract] == 0:
            move = max(move, abs(target_level(s, contract) / reals[F_BASE, contract] - 1.0))
    step = min(left, clock[K_ROUND_MS]) if clock[K_QUEUE] > 0 else left
    if move * (step / left) > rates[R_REACH] * rates[R_SMALLEST_RATE]:
        marks = np.empty(contracts.shape[1], np.float64)
        for contract in range(contracts.shape[1]):
            level = reals[F_BASE, contract] + (target_level(s, contract) - reals[F_BASE, contract]) * (step / left)
            marks[contract] = float(mark_of(s, contract, level * (1.0 + reals[F_GONE, contract]), reals[F_PREMIUM, contract]))
        allowed = rates[R_REACH] * reach(s, marks)
        if move * (step / left) > allowed:
            step = max(np.int64(math.floor(left * (allowed / move))), 1)
    return max(step, 1)


def begin_round(s):
    """Move time, indices and books by one round."""
    contracts, reals, clock = (state.contracts(s), state.reals(s), state.clock(s))
    step = plan_round(s)
    clock[K_STEP] = step
    clock[K_NOW] += step
    for contract in range(contracts.shape[1]):
        target = target_level(s, contract)
        share = 1.0 if contracts[C_JUMP, contract] != 0 or step >= clock[K_SEGMENT_LEFT] else step / clock[K_SEGMENT_LEFT]
        level = target if share == 1.0 else reals[F_BASE, contract] + (target - reals[F_BASE, contract]) * share
        advance_price(s, contract, level, float(step))
        contracts[C_JUMP, contract] = 0
    clock[K_SEGMENT_LEFT] -= step


def scan(s):
    """Find the rows that the mark or the clock woke:

    accounts below maintenance enter liquidation, rows whose exit or clock is due decide next round.
    """
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    work = state.work(s)
    n = 0
    now = clock[K_NOW]
    for j in range(SPECIAL * contracts.shape[1], positions.shape[1]):
        mark = contracts[C_MARK, positions[P_CONTRACT, j]]
        crossed = mark <= positions[P_LOW, j] or mark >= positions[P_HIGH, j]
        if not crossed and positions[P_WAKE, j] > now:
            continue
        if crossed:
            account = positions[P_ACCOUNT, j]
            if accounts[A_STATUS, account] != NORMAL:
                continue
            if equity_of(s, account) < maintenance_of(s, account):
                enqueue(s, account)
                continue
            refresh_bands(s, account)
            crossed = mark <= positions[P_LOW, j] or mark >= positions[P_HIGH, j]
        if crossed or positions[P_WAKE, j] <= now:
            work[W_DUE, n] = j
            n += 1
    clock[K_DUE] = n


def trade_round(s):
    """Due traders decide, orders clear, mark and funding follow, awake rows are tested."""
    accounts, contracts, clock = (state.accounts(s), state.contracts(s), state.clock(s))
    n = decide(s)
    if n > 0:
        clear(s, n, clock[K_STEP] / 1000.0)
    for contract in range(contracts.shape[1]):
        set_mark(s, contract, float(clock[K_STEP]))
    if funding_due(s):
        for contract in range(contracts.shape[1]):
            pay_funding(s, contract)
        for account in range(SPECIAL, accounts.shape[1]):
            if accounts[A_STATUS, account] == NORMAL:
                refresh_bands(s, account)
    scan(s)


def funding_due(s):
    """Whether this round's end reaches a funding time."""
    clock = state.clock(s)
    every = clock[K_FUNDING_MS]
    return every > 0 and clock[K_NOW] // every > (clock[K_NOW] - clock[K_STEP]) // every


def record(s):
    """Write the tick's row of every contract into the series."""
    accounts, contracts, reals, clock = (state.accounts(s), state.contracts(s), state.reals(s), state.clock(s))
    series, samples = (state.series(s), state.samples(s))
    row = clock[K_SERIES]
    equity = equity_of(s, FUND)
    for n in range(contracts.shape[1]):
        out, real = (series[row, n], samples[row, n])
        value = contracts[C_MARK, n] * contracts[C_UNIT, n]
        out[S_INDEX], out[S_MARK], out[S_TRADE] = (contracts[C_INDEX, n], contracts[C_MARK, n], contracts[C_TRADE, n])
        out[S_LONG], out[S_LONG_EX_MAKER] = (contracts[C_LONG, n] * value, (contracts[C_LONG, n] - contracts[C_LONG_MAKER, n]) * value)
        out[S_FUND], out[S_CASH], out[S_VOLUME] = (equity, accounts[A_BALANCE, FUND], contracts[C_VOLUME, n])
        out[S_LIQUIDATED], out[S_DELEVERAGED] = (contracts[C_LIQUIDATED, n], contracts[C_DELEVERAGED, n])
        real[X_PREMIUM], real[X_RATE], real[X_BID], real[X_ASK] = (
            reals[F_PREMIUM, n],
            reals[F_RATE, n],
            reals[F_DEPTH_BID, n],
            reals[F_DEPTH_ASK, n],
        )
    clock[K_SERIES] = row + 1


def room(s, records, entries):
    """Whether the logs have room for so many records more, and for what a round meets."""
    contracts, clock, events, postings, rounds = (state.contracts(s), state.clock(s), state.events(s), state.postings(s), state.rounds(s))
    if clock[K_EVENTS] + records > events.shape[0]:
        return False
    return clock[K_CHECK] == 0 or (
        clock[K_JOURNAL] + entries <= postings.shape[0] and clock[K_ROUNDS] + contracts.shape[1] <= rounds.shape[0]
    )


def note_round(s):
    """Under --check, keep what the waterfall meets: for a second exchange that is held against this one."""
    contracts, reals, clock, rounds = (state.contracts(s), state.reals(s), state.clock(s), state.rounds(s))
    if clock[K_CHECK] == 0:
        return
    for contract in range(contracts.shape[1]):
        row = rounds[clock[K_ROUNDS]]
        row[V_TICK], row[V_ROUND], row[V_ELAPSED], row[V_CONTRACT] = (clock[K_TICK], clock[K_ROUND], clock[K_STEP], contract)
        row[V_MARK], row[V_BASE], row[V_GONE], row[V_USED] = (
            contracts[C_MARK, contract],
            reals[F_BASE, contract],
            reals[F_GONE, contract],
            reals[F_USED, contract],
        )
        row[V_BID], row[V_ASK] = (reals[F_DEPTH_BID, contract], reals[F_DEPTH_ASK, contract])
        clock[K_ROUNDS] += 1


def python_rows(s):
    """List the due rows whose signal is answered in Python; returns how many."""
    owners, accounts, positions, groups = (state.owners(s), state.accounts(s), state.positions(s), state.groups(s))
    clock, work = (state.clock(s), state.work(s))
    n = 0
    for i in range(clock[K_DUE]):
        j = work[W_DUE, i]
        group = owners[O_GROUP, accounts[A_OWNER, positions[P_ACCOUNT, j]]]
        if groups[G_PYTHON, group] != 0 and positions[P_CLOCK, j] <= clock[K_NOW]:
            work[W_PYTHON, n] = j
            n += 1
    clock[K_PYTHON] = n
    return n


def write_off_fund(s):
    """A fund whose equity is negative when the run ends could not have paid: the rest is uncovered loss."""
    clock = state.clock(s)
    equity = equity_of(s, FUND)
    if equity < 0:
        post(s, FUND, -equity, WRITTEN_OFF)
        clock[K_UNCOVERED] -= equity
        event(s, UNCOVERED_LOSS, FUND, -1, -1, 0, 0, 0, -equity)
        conserved(s)


def end_tick(s, order):
    """Close a tick: series, hashes, checks, the fund's window of peaks."""
    contracts, clock, peaks, hashes = (state.contracts(s), state.clock(s), state.peaks(s), state.hashes(s))
    if clock[K_TICK] + 1 == clock[K_END]:
        write_off_fund(s)
    for contract in range(contracts.shape[1]):
        watch_volatility(s, contract, float(clock[K_TICK_MS]))
    record(s)
    if clock[K_CHECK] != 0:
        fault = audit(s)
        if fault != 0 and clock[K_ERROR] == 0:
            clock[K_ERROR] = fault
    chained = (clock[K_TICK] + 1) % 100 == 0 or clock[K_TICK] + 1 == clock[K_END]
    if clock[K_CHECK] != 0 or chained:
        h = ledger_hash(s, order)
        if chained:
            clock[K_CHAIN] = np.int64(hash_step(np.uint64(clock[K_CHAIN]), h))
        if clock[K_CHECK] != 0:
            hashes[clock[K_HASHES], 0], hashes[clock[K_HASHES], 1] = (h, np.uint64(clock[K_CHAIN]))
            clock[K_HASHES] += 1
    bucket = clock[K_NOW] // 600000
    if bucket != clock[K_BUCKET]:
        for b in range(clock[K_BUCKET], bucket):
            peaks[b % peaks.size] = clock[K_PEAK]
        clock[K_BUCKET], clock[K_PEAK] = (bucket, equity_of(s, FUND))
    clock[K_TICK] += 1


def drive(s, order, until):
    """Run until tick `until` is complete or the caller is needed; returns what is wanted (DONE, WANTS_*, FAILED).

    `order`: accounts by identity.
    """
    contracts, clock, series, path = (state.contracts(s), state.clock(s), state.series(s), state.path(s))
    hashes = state.hashes(s)
    count = contracts.shape[1]
    while True:
        if clock[K_ERROR] != 0:
            return FAILED
        if clock[K_PHASE] == TICK_START:
            if clock[K_TICK] >= until:
                return DONE
            if (
                clock[K_TICK] >= clock[K_PATH_TICK] + path.shape[1]
                or clock[K_SERIES] >= series.shape[0]
                or (clock[K_CHECK] != 0 and clock[K_HASHES] >= hashes.shape[0])
            ):
                return WANTS_PATH
            start_tick(s)
            clock[K_PHASE] = ROUND_START
        if clock[K_PHASE] == ROUND_START:
            if not room(s, 2 * count + 1, 16 * clock[K_DUE] + 8 * count):
                return WANTS_ROOM
            begin_round(s)
            clock[K_PHASE] = TRADING
            if python_rows(s) > 0:
                return WANTS_SIGNALS
        if clock[K_PHASE] == TRADING:
            trade_round(s)
            clock[K_PHASE] = WATERFALL
        if clock[K_PHASE] == WATERFALL:
            records = 8 * (clock[K_QUEUE] + 2) * count
            if not room(s, records, 8 * records):
                return WANTS_ROOM
            note_round(s)
            waterfall(s, clock[K_STEP])
            clock[K_PHASE] = AFTER_ADL
            if clock[K_REQUESTS] > 0:
                return WANTS_ADL
        if clock[K_PHASE] == AFTER_ADL:
            records = 4 * (clock[K_REQUESTS] + 1)
            if not room(s, records, 8 * records):
                return WANTS_ROOM
            close_waterfall(s)
            clock[K_PHASE] = AFTER_LIGHTS
            if clock[K_LIGHTS_MS] > 0 and clock[K_NOW] >= clock[K_NEXT_LIGHTS]:
                clock[K_NEXT_LIGHTS] = clock[K_NOW] + clock[K_LIGHTS_MS]
                return WANTS_LIGHTS
        clock[K_ROUND] += 1
        clock[K_PHASE] = ROUND_START
        if clock[K_SEGMENT_LEFT] <= 0:
            clock[K_SEGMENT] += 1
            clock[K_SEGMENT_LEFT] = clock[K_TICK_MS] // path.shape[2]
            if clock[K_SEGMENT] == path.shape[2]:
                end_tick(s, order)
                clock[K_PHASE] = TICK_START
        elif clock[K_ROUND] >= clock[K_MAX_ROUNDS]:
            clock[K_ERROR] = TOO_MANY_ROUNDS
