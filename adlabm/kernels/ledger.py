"""Postings: the only code that changes balances, lots, entry values and funding indices. Every posting has two sides or a named account.

Identity kept after every event: sum(balance) - sum(entry value) + sum(lots x funding index) + fees + rounding = net deposits + opening
fund + uncovered loss.
"""

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE, A_IDENTITY, A_OWNER, B_CONTRACT, C_FUNDING, C_LONG, C_LONG_MAKER, C_MARK, C_UNIT, DEPOSITED, E_AMOUNT,
    E_BANKRUPTCY, E_CONTRACT, E_KIND, E_LOTS, E_MARK, E_OTHER, E_PRICE, E_ROUND, E_TICK, E_TIME, E_TRADER, FEE, FUNDED,
    J_ACCOUNT, J_BALANCE, J_CODE, J_CONTRACT, J_ENTRY, J_EVENT, J_LOTS, J_LOTS_INDEX, J_PRICE, J_ROUND, J_TICK, K_BALANCE,
    K_CHECK, K_DEPOSITS, K_ENTRY, K_ERROR, K_EVENTS, K_FEES, K_FUND_START, K_JOURNAL, K_LOTS_INDEX, K_NOW, K_ROUND,
    K_ROUNDING, K_SERIAL, K_TICK, K_UNCOVERED, LOGS_FULL, MAKER, NOT_CONSERVED, OVERFLOW, O_DEPOSITS, O_FEES, O_FUNDING, O_IDENTITY,
    P_ACCOUNT, P_ENTRY, P_INDEX, P_LOTS, P_OPENED, P_ORIGINAL, P_PEAK, P_STAGE, WITHDRAWN,
)  # fmt: skip
from adlabm.kernels.integers import mul_div

__all__ = [
    "journal", "conserved", "event", "post", "settle", "fill", "fee", "move", "deposit",
]  # fmt: skip

SAFE = 4.0e18  # below 2**62


def journal(s, code, account, contract, balance, lots, entry, lots_index, price):
    """Under --check, write one posting (integers) to the journal."""
    accounts, clock, postings = (state.accounts(s), state.clock(s), state.postings(s))
    if clock[K_CHECK] == 0:
        return
    n = clock[K_JOURNAL]
    if n == postings.shape[0]:
        clock[K_ERROR] = LOGS_FULL
        return
    row = postings[n]
    row[J_TICK], row[J_ROUND], row[J_CODE] = (clock[K_TICK], clock[K_ROUND], code)
    row[J_ACCOUNT] = accounts[A_IDENTITY, account] if account >= 0 else -1
    row[J_CONTRACT], row[J_BALANCE], row[J_LOTS], row[J_ENTRY], row[J_LOTS_INDEX] = (contract, balance, lots, entry, lots_index)
    row[J_PRICE], row[J_EVENT] = (price, clock[K_SERIAL])
    clock[K_JOURNAL] = n + 1


def conserved(s):
    """Under --check, test the identity from the incremental totals and close the event's serial number."""
    clock = state.clock(s)
    if clock[K_CHECK] == 0:
        return
    clock[K_SERIAL] += 1
    owed = clock[K_DEPOSITS] + clock[K_FUND_START] + clock[K_UNCOVERED]
    if clock[K_BALANCE] - clock[K_ENTRY] + clock[K_LOTS_INDEX] + clock[K_FEES] + clock[K_ROUNDING] != owed and clock[K_ERROR] == 0:
        clock[K_ERROR] = NOT_CONSERVED


def event(s, kind, trader, other, contract, lots, price, bankruptcy, amount):
    """Append an event row (owner rows in, identities out; -1 = none) and return its number."""
    owners, contracts, clock, events = (state.owners(s), state.contracts(s), state.clock(s), state.events(s))
    n = clock[K_EVENTS]
    if n == events.shape[0]:
        clock[K_ERROR] = LOGS_FULL
        return n - 1
    row = events[n]
    row[:] = 0
    row[E_TICK], row[E_ROUND], row[E_TIME], row[E_KIND] = (clock[K_TICK], clock[K_ROUND], clock[K_NOW], kind)
    row[E_TRADER] = owners[O_IDENTITY, trader] if trader >= 0 else -1
    row[E_OTHER] = owners[O_IDENTITY, other] if other >= 0 else -1
    row[E_CONTRACT], row[E_LOTS], row[E_PRICE], row[E_BANKRUPTCY], row[E_AMOUNT] = (contract, lots, price, bankruptcy, amount)
    row[E_MARK] = contracts[C_MARK, contract] if contract >= 0 else 0
    clock[K_EVENTS] = n + 1
    return n


def post(s, account, amount, code):
    """Add `amount` (micro) to an account's balance."""
    accounts, clock = (state.accounts(s), state.clock(s))
    accounts[A_BALANCE, account] += amount
    clock[K_BALANCE] += amount
    journal(s, code, account, -1, amount, 0, 0, 0, 0)


def settle(s, j):
    """Pay the funding accrued on position j: lots x change of the contract's index since it was last settled."""
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    clock = state.clock(s)
    now = contracts[C_FUNDING, state.bands(s)[B_CONTRACT, j]]
    change = now - positions[P_INDEX, j]
    if change == 0:
        return
    positions[P_INDEX, j] = now
    lots = positions[P_LOTS, j]
    if lots == 0:
        return
    if abs(float(lots) * float(change)) > SAFE:
        clock[K_ERROR] = OVERFLOW
        return
    due = lots * change
    account = positions[P_ACCOUNT, j]
    accounts[A_BALANCE, account] -= due
    owners[O_FUNDING, accounts[A_OWNER, account]] += due
    clock[K_BALANCE] -= due
    clock[K_LOTS_INDEX] += due
    journal(s, FUNDED, account, state.bands(s)[B_CONTRACT, j], -due, 0, 0, due, 0)


def fill(s, j, lots, price, code):
    """Book `lots` (signed) into position j at `price` ticks: realised profit goes to the balance, the rest to the entry value.

    The part of the entry value that leaves with closed lots is floor(entry x closed / held); what remains is exact, so that value is
    never made or lost.
    """
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    settle(s, j)
    contract, account, old, entry = (state.bands(s)[B_CONTRACT, j], positions[P_ACCOUNT, j], positions[P_LOTS, j], positions[P_ENTRY, j])
    unit = contracts[C_UNIT, contract]
    new = old + lots
    if (abs(float(lots)) + abs(float(new))) * float(price) * float(unit) > SAFE or clock[K_ERROR] != 0:
        clock[K_ERROR] = clock[K_ERROR] if clock[K_ERROR] != 0 else OVERFLOW
        return
    realised = 0
    if (old >= 0) == (lots >= 0) or old == 0:
        left = entry + lots * price * unit
    else:
        closed = min(abs(lots), abs(old))
        part = mul_div(entry, closed, abs(old))
        realised = (closed if old > 0 else -closed) * price * unit - part
        left = entry - part if abs(lots) <= abs(old) else new * price * unit
    positions[P_LOTS, j], positions[P_ENTRY, j] = (new, left)
    accounts[A_BALANCE, account] += realised
    change = lots * positions[P_INDEX, j]
    clock[K_BALANCE] += realised
    clock[K_ENTRY] += left - entry
    clock[K_LOTS_INDEX] += change
    contracts[C_LONG, contract] += max(new, 0) - max(old, 0)
    owner = accounts[A_OWNER, account]
    if owner == MAKER:
        contracts[C_LONG_MAKER, contract] += max(new, 0) - max(old, 0)
    if old == 0 or (old > 0) != (new > 0):
        positions[P_PEAK, j], positions[P_STAGE, j], positions[P_OPENED, j] = (price, 0, clock[K_NOW])
        positions[P_ORIGINAL, j] = abs(new)
    elif abs(new) > abs(old):
        positions[P_ORIGINAL, j] = abs(new)
    journal(s, code, account, contract, realised, lots, left - entry, change, price)


def fee(s, j, amount):
    """Take a venue fee (micro) from the account of position j."""
    owners, accounts, positions, clock = (state.owners(s), state.accounts(s), state.positions(s), state.clock(s))
    if amount == 0:
        return
    account = positions[P_ACCOUNT, j]
    post(s, account, -amount, FEE)
    clock[K_FEES] += amount
    owners[O_FEES, accounts[A_OWNER, account]] += amount


def move(s, source, target, amount, code):
    """Move money between two accounts."""
    if amount != 0:
        post(s, source, -amount, code)
        post(s, target, amount, code)


def deposit(s, owner, account, amount):
    """Deposit (or, negative, withdraw) from outside."""
    owners, clock = (state.owners(s), state.clock(s))
    post(s, account, amount, DEPOSITED if amount >= 0 else WITHDRAWN)
    clock[K_DEPOSITS] += amount
    owners[O_DEPOSITS, owner] += amount
    conserved(s)
