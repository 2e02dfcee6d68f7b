"""Hashes of the ledger and the promises that --check tests at every tick."""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE, A_COUNT, A_FIRST, A_OWNER, A_STATUS, BELOW_ZERO, B_CONTRACT, B_HIGH, B_LOW, C_FUNDING, C_MARK, K_BALANCE,
    K_ENTRY, K_FEES, K_LOTS_INDEX, K_UNCOVERED, NORMAL, NOT_BALANCED, P_ACCOUNT, P_ENTRY, P_INDEX, P_LOTS,
    SLEEPER_BELOW_MAINTENANCE, SLEEPER_PAST_EXIT, SPECIAL,
)  # fmt: skip
from adlabm.kernels.margin import entry_price, equity_of, exit_levels, maintenance_of

__all__ = [
    "hash_step", "ledger_hash", "audit", "asleep", "audit_exits",
]  # fmt: skip

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
            accrued -= positions[P_LOTS, j] * (contracts[C_FUNDING, state.bands(s)[B_CONTRACT, j]] - positions[P_INDEX, j])
        h = hash_step(h, np.uint64(accrued))
        for j in range(first, last):
            if positions[P_LOTS, j] != 0:
                h = hash_step(h, np.uint64(state.bands(s)[B_CONTRACT, j]))
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
        lots[state.bands(s)[B_CONTRACT, j]] += positions[P_LOTS, j]
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
    accounts, bands, contracts = (state.accounts(s), state.bands(s), state.contracts(s))
    for j in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
        mark = contracts[C_MARK, bands[B_CONTRACT, j]]
        if mark <= bands[B_LOW, j] or mark >= bands[B_HIGH, j]:
            return False
    return True


def audit_exits(s):
    """No row that sleeps (its mark inside its band) is past a stop or a profit level."""
    accounts, positions, bands, contracts = (state.accounts(s), state.positions(s), state.bands(s), state.contracts(s))
    for j in range(SPECIAL * contracts.shape[1], positions.shape[1]):
        account, mark = (positions[P_ACCOUNT, j], contracts[C_MARK, state.bands(s)[B_CONTRACT, j]])
        if positions[P_LOTS, j] == 0 or accounts[A_STATUS, account] != NORMAL or mark <= bands[B_LOW, j] or (mark >= bands[B_HIGH, j]):
            continue
        entry = entry_price(s, j)
        stop, lower, upper = exit_levels(s, j, accounts[A_OWNER, account], entry)
        gain = (1.0 if positions[P_LOTS, j] > 0 else -1.0) * (mark / entry - 1.0)
        if gain <= max(stop, lower) or gain >= upper:
            return SLEEPER_PAST_EXIT
    return 0
