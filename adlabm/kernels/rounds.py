"""One round and one tick: how long a round may last, what moves in it, who wakes, what is recorded."""

import math

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.attention import remember_volume
from adlabm.kernels.audit import audit, hash_step, ledger_hash
from adlabm.kernels.columns import (
    A_BALANCE, A_COUNT, A_FIRST, A_IDENTITY, A_STATUS, B_CONTRACT, B_HIGH, B_LOW, B_WAKE, C_DELEVERAGED, C_INDEX, C_JUMP,
    C_LIQUIDATED, C_LONG, C_LONG_MAKER, C_MARK, C_STIRRED, C_TRADE, C_UNIT, C_VOLUME, FREE, FUND, F_BASE, F_DEPTH_ASK, F_DEPTH_BID,
    F_FULL_ASK, F_FULL_BID, F_GONE, F_PREMIUM, F_RATE, F_USED,
    K_BOOK, K_BUCKET, K_CHAIN, K_CHECK, K_DUE, K_END, K_ERROR, K_FUNDING_MS, K_HASHES,
    K_NOW, K_PATH_TICK, K_PEAK, K_QUEUE, K_ROUND, K_ROUNDS, K_ROUND_MS, K_SEGMENT, K_SEGMENT_LEFT, K_SERIES, K_STEP, K_TICK,
    K_TICK_MS, K_UNCOVERED, K_WITHDRAWALS, NORMAL, P_ACCOUNT, P_LOTS, R_REACH, R_SMALLEST_RATE, SPECIAL, S_CASH, S_DELEVERAGED, S_FUND,
    S_INDEX, S_LIQUIDATED, S_LONG, S_LONG_EX_MAKER, S_MARK, S_TRADE, S_VOLUME, UNCOVERED_LOSS, V_ASK, V_BASE, V_BID,
    V_CONTRACT, V_ELAPSED, V_GONE, V_MARK, V_ROUND, V_TICK, V_USED, WRITTEN_OFF, W_ROW, X_ASK, X_BID, X_PREMIUM, X_RATE,
)  # fmt: skip
from adlabm.kernels.flow import background
from adlabm.kernels.ledger import conserved, event, post
from adlabm.kernels.margin import equity_of, maintenance_of, refresh_bands
from adlabm.kernels.market import advance_price, mark_of, pay_funding, set_mark, watch_volatility
from adlabm.kernels.matching import clear_book, measure_book, withdraw_orders
from adlabm.kernels.metaorder import fade
from adlabm.kernels.seats import decide
from adlabm.kernels.sorting import sort_by
from adlabm.kernels.trading import clear
from adlabm.kernels.waterfall import enqueue

__all__ = [
    "target_level", "reach", "start_tick", "plan_round", "begin_round", "scan", "by_identity", "trade_round", "funding_due", "record",
    "note_round", "write_off_fund", "end_tick",
]  # fmt: skip


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
    accounts, positions, bands, contracts = (state.accounts(s), state.positions(s), state.bands(s), state.contracts(s))
    smallest = 1000000000.0
    for j in range(SPECIAL * contracts.shape[1], bands.shape[1]):
        contract = bands[B_CONTRACT, j]
        now, then = (contracts[C_MARK, contract], share[contract])
        if (min(now, then) > bands[B_LOW, j]) & (max(now, then) < bands[B_HIGH, j]):
            continue
        account = positions[P_ACCOUNT, j]
        if positions[P_LOTS, j] == 0 or accounts[A_STATUS, account] != NORMAL:
            continue
        equity, maintenance, notional = (equity_of(s, account), maintenance_of(s, account), 0.0)
        slack = float(equity - maintenance)
        for i in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
            other = state.bands(s)[B_CONTRACT, i]
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
        contracts[C_STIRRED, contract] = 0
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
        fade(s, contract, step / 1000.0)
        advance_price(s, contract, level, float(step))
        contracts[C_JUMP, contract] = 0
        if clock[K_BOOK] != 0:
            background(s, contract, step / 1000.0)
    clock[K_SEGMENT_LEFT] -= step


def scan(s):
    """Find the rows that the mark or the clock woke:

    accounts below maintenance enter liquidation, rows whose exit or clock is due decide next round.
    """
    accounts, positions, bands, contracts = (state.accounts(s), state.positions(s), state.bands(s), state.contracts(s))
    clock, work = (state.clock(s), state.work(s))
    now, woken, n = (clock[K_NOW], 0, 0)
    for j in range(SPECIAL * contracts.shape[1], bands.shape[1]):  # no branch: which rows wake is anyone's guess
        mark = contracts[C_MARK, bands[B_CONTRACT, j]]
        work[W_ROW, woken] = j
        woken += (mark <= bands[B_LOW, j]) | (mark >= bands[B_HIGH, j]) | (bands[B_WAKE, j] <= now)
    for i in range(woken):
        j = work[W_ROW, i]
        mark = contracts[C_MARK, bands[B_CONTRACT, j]]
        if (mark <= bands[B_LOW, j]) | (mark >= bands[B_HIGH, j]):
            account = positions[P_ACCOUNT, j]
            if accounts[A_STATUS, account] != NORMAL:
                continue
            if equity_of(s, account) < maintenance_of(s, account):
                enqueue(s, account)
                continue
            refresh_bands(s, account)
            if not ((mark <= bands[B_LOW, j]) | (mark >= bands[B_HIGH, j]) | (bands[B_WAKE, j] <= now)):
                continue
        work[W_ROW, n] = j
        n += 1
    clock[K_DUE] = n
    if clock[K_WITHDRAWALS] != FREE or clock[K_BOOK] != 0:
        by_identity(s)


def by_identity(s):
    """Put the due rows in the order of identities: where losses are open, who withdraws first changes what the next one gets, and in a book
    who cancels first changes which place the next order takes, and with it the one that a cancellation from outside meets."""
    accounts, positions, clock, work = (state.accounts(s), state.positions(s), state.clock(s), state.work(s))
    rows, identities = np.empty(clock[K_DUE], np.int64), np.empty(clock[K_DUE], np.int64)
    for i in range(rows.size):
        rows[i] = work[W_ROW, i]
        identities[i] = accounts[A_IDENTITY, positions[P_ACCOUNT, rows[i]]]
    order = sort_by(identities, rows)
    for i in range(rows.size):
        work[W_ROW, i] = rows[order[i]]


def trade_round(s):
    """Due traders decide, orders clear, mark and funding follow, awake rows are tested."""
    accounts, contracts, clock = (state.accounts(s), state.contracts(s), state.clock(s))
    if clock[K_BOOK] != 0:
        withdraw_orders(s)
    n = decide(s)
    if n > 0 and clock[K_BOOK] != 0:
        clear_book(s, n, clock[K_STEP] / 1000.0)
    elif n > 0:
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
        if clock[K_BOOK] != 0:
            measure_book(s, n)
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
        remember_volume(s, contract, clock[K_TICK_MS] / 1000.0)
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
            peaks[b % peaks.shape[0]] = clock[K_PEAK]
        clock[K_BUCKET], clock[K_PEAK] = (bucket, equity_of(s, FUND))
    clock[K_TICK] += 1
