"""Compiled side of ADL:

the candidate columns of a contract and side, the crossing of a request with a chosen trader, and the wealth-space debit.
"""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    ADL, A_BALANCE, A_IDENTITY, A_OWNER, A_STATUS, B_CONTRACT, C_DELEVERAGED, C_EARNED, C_MARK, C_UNIT, DEBITED,
    DELEVERAGED, E_LIGHTS, E_RANK, E_SCORE, FUND, GAINED, G_DELAY, G_REACTION, G_READS_LIGHTS, G_READS_NOTICES, K_ADL_FEE,
    K_COMMISSION, K_MAKER_ADL, K_NOW, MAKER, MOVED, M_ACCOUNT, M_LEFT, M_PRICE, M_ROW, NANO, NEVER, NORMAL, NOTICE,
    O_DELEVERAGED, O_FIRST, O_GROUP, O_HAIRCUT, O_HITS, O_LIGHTS, O_SEATS, O_WALLET, P_ACCOUNT, P_ENTRY, P_LIGHTS, P_LOTS,
    P_OPENED, P_REACT, P_SHARE, RING, SLOT_REACTION, SPECIAL, TAKEOVER,
)  # fmt: skip
from adlabm.kernels.integers import mul_div_up
from adlabm.kernels.ledger import conserved, event, fee, fill, move, settle
from adlabm.kernels.margin import equity_of, maintenance_of, parameter, position_maintenance, profit_of, refresh_bands
from adlabm.kernels.rules import call_real
from adlabm.kernels.scoring import (
    SEEN_COLUMNS, SEEN_ENTRY, SEEN_EQUITY, SEEN_IDENTITY, SEEN_LOTS, SEEN_MARGIN, SEEN_OPENED, SEEN_PROFIT, SEEN_ROW, SEEN_TOTAL,
    SEEN_WALLET,
)  # fmt: skip
from adlabm.kernels.seats import set_alarm
from adlabm.kernels.trading import note_leverage, special_row

__all__ = [
    "gather", "see", "react", "deleverage", "ring_fence", "debit", "read_lights",
]  # fmt: skip


def gather(s, contract, sign, losers, margins, start, stop):
    """Candidates in rows `start` to `stop`, as `see` sees them: int64 (SEEN_COLUMNS, n)."""
    out, n = (np.empty((SEEN_COLUMNS, stop - start), np.int64), 0)
    for j in range(start, stop):
        n += see(s, contract, sign, losers, margins, j, out, n)
    return out[:, :n]


def see(s, contract, sign, losers, margins, j, out, n):
    """Put position j into column n of `out` if it is a candidate: it holds `contract` on side `sign` (+1 long), its account is solvent and
    outside liquidation, and it is in profit unless `losers`.

    Rows of `out`: row, account identity, lots, entry value, account equity, account balance, unrealised profit, maintenance of the account,
    opening time, and maintenance of the position; money in micro. Both maintenances are 0 unless `margins`, for they are dear.
    Returns 1 if it is one, else 0.
    """
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    if state.bands(s)[B_CONTRACT, j] != contract or positions[P_LOTS, j] * sign <= 0:
        return 0
    if j < SPECIAL * contracts.shape[1] and (not (clock[K_MAKER_ADL] != 0 and j == special_row(s, MAKER, contract))):
        return 0
    account = positions[P_ACCOUNT, j]
    if accounts[A_STATUS, account] != NORMAL:
        return 0
    profit = profit_of(s, j)
    if profit <= 0 and (not losers):
        return 0
    equity = equity_of(s, account)
    if equity <= 0:
        return 0
    out[SEEN_ROW, n], out[SEEN_IDENTITY, n], out[SEEN_LOTS, n] = (j, accounts[A_IDENTITY, account], positions[P_LOTS, j])
    out[SEEN_ENTRY, n], out[SEEN_EQUITY, n], out[SEEN_WALLET, n] = (positions[P_ENTRY, j], equity, accounts[A_BALANCE, account])
    out[SEEN_PROFIT, n], out[SEEN_OPENED, n] = (profit, positions[P_OPENED, j])
    out[SEEN_MARGIN, n], out[SEEN_TOTAL, n] = (maintenance_of(s, account), position_maintenance(s, j)) if margins else (0, 0)
    return 1


def react(s, owner, lights, notified):
    """Ask an owner's reaction rule what share of its positions to close; the reaction falls due after the group's delay."""
    owners, positions, groups, clock = (state.owners(s), state.positions(s), state.groups(s), state.clock(s))
    group = owners[O_GROUP, owner]
    a, b = (parameter(s, SLOT_REACTION, group, owner), parameter(s, SLOT_REACTION + 1, group, owner))
    c, d = (parameter(s, SLOT_REACTION + 2, group, owner), parameter(s, SLOT_REACTION + 3, group, owner))
    share = call_real(groups[G_REACTION, group], (a, b, c, d, float(lights), float(notified)))
    if share <= 0.0:
        return
    for j in range(owners[O_FIRST, owner], owners[O_FIRST, owner] + owners[O_SEATS, owner]):
        if positions[P_LOTS, j] != 0 and positions[P_REACT, j] == NEVER and (notified or positions[P_LIGHTS, j] == lights):
            positions[P_REACT, j] = clock[K_NOW] + groups[G_DELAY, group]
            positions[P_SHARE, j] = np.int64(min(share, 1.0) * NANO)
            set_alarm(s, j)


def deleverage(s, request, j, lots, price, rank, lights, score):
    """Cross `lots` of a request with position j at `price`:

    both sides are filled, the deleveraged trader pays its fee, and gets its event, its notice and a commission that the other side can pay.
    Returns the haircut (micro).
    """
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    groups, events, requests, clock = (state.groups(s), state.events(s), state.requests(s), state.clock(s))
    row = requests[request]
    contract, account = (state.bands(s)[B_CONTRACT, j], positions[P_ACCOUNT, j])
    owner, other = (accounts[A_OWNER, account], accounts[A_OWNER, row[M_ACCOUNT]])
    unit, mark = (contracts[C_UNIT, contract], contracts[C_MARK, contract])
    held = positions[P_LOTS, j]
    sign = -1 if held > 0 else 1
    note_leverage(s, owner, account, equity_of(s, account), False)
    settle(s, j)
    paid = -accounts[A_BALANCE, account]
    fill(s, j, sign * lots, price, DELEVERAGED)
    paid += accounts[A_BALANCE, account]
    before = accounts[A_BALANCE, FUND]
    fill(s, row[M_ROW], -sign * lots, price, DELEVERAGED)
    contracts[C_EARNED, contract] += accounts[A_BALANCE, FUND] - before
    row[M_LEFT] -= lots
    notional = lots * price * unit
    if clock[K_COMMISSION] > 0:
        part = min(mul_div_up(notional, clock[K_COMMISSION], NANO), max(equity_of(s, row[M_ACCOUNT]), 0))
        move(s, row[M_ACCOUNT], account, part, GAINED)
    if clock[K_ADL_FEE] > 0 and owner != MAKER:
        fee(s, j, min(mul_div_up(notional, clock[K_ADL_FEE], NANO), max(equity_of(s, account), 0)))
    haircut = (mark - price) * -sign * lots * unit
    contracts[C_DELEVERAGED, contract] += lots * mark * unit
    owners[O_HITS, owner] += 1
    owners[O_DELEVERAGED, owner] += lots * mark * unit
    owners[O_HAIRCUT, owner] += haircut
    owners[O_LIGHTS, owner] = max(owners[O_LIGHTS, owner], lights)
    for kind, amount in ((ADL, haircut), (NOTICE, paid)):
        n = event(s, kind, owner, other, contract, sign * lots, price, row[M_PRICE], amount)
        events[n, E_RANK], events[n, E_LIGHTS], events[n, E_SCORE] = (rank, lights, score)
    if owner != MAKER and account != owners[O_WALLET, owner] and (positions[P_LOTS, j] == 0):
        move(s, account, owners[O_WALLET, owner], accounts[A_BALANCE, account], MOVED)
    conserved(s)
    if owner != MAKER:
        if groups[G_READS_NOTICES, owners[O_GROUP, owner]] != 0:
            react(s, owner, lights, 1)
        refresh_bands(s, account)
    return haircut


def ring_fence(s, request):
    """Wealth space: what a request still asks for moves to the ring-fenced account at the mark."""
    accounts, positions, contracts, requests = (state.accounts(s), state.positions(s), state.contracts(s), state.requests(s))
    row = requests[request]
    j, left = (row[M_ROW], row[M_LEFT])
    contract = state.bands(s)[B_CONTRACT, j]
    sign, mark = (-1 if positions[P_LOTS, j] > 0 else 1, contracts[C_MARK, contract])
    fill(s, j, sign * left, mark, DELEVERAGED)
    fill(s, special_row(s, RING, contract), -sign * left, mark, DELEVERAGED)
    row[M_LEFT] = 0
    contracts[C_DELEVERAGED, contract] += left * mark * contracts[C_UNIT, contract]
    event(s, TAKEOVER, accounts[A_OWNER, row[M_ACCOUNT]], RING, contract, sign * left, mark, row[M_PRICE], 0)
    conserved(s)


def debit(s, request, j, amount, rank, lights, score):
    """Wealth space: move `amount` (micro) from the account of position j to the bankrupt account."""
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    events, requests = (state.events(s), state.requests(s))
    row = requests[request]
    account = positions[P_ACCOUNT, j]
    owner = accounts[A_OWNER, account]
    move(s, account, row[M_ACCOUNT], amount, DEBITED)
    owners[O_HITS, owner] += 1
    owners[O_HAIRCUT, owner] += amount
    owners[O_LIGHTS, owner] = max(owners[O_LIGHTS, owner], lights)
    contract = state.bands(s)[B_CONTRACT, j]
    for kind, change in ((ADL, amount), (NOTICE, -amount)):
        n = event(s, kind, owner, accounts[A_OWNER, row[M_ACCOUNT]], contract, 0, contracts[C_MARK, contract], row[M_PRICE], change)
        events[n, E_RANK], events[n, E_LIGHTS], events[n, E_SCORE] = (rank, lights, score)
    conserved(s)
    if owner != MAKER:
        refresh_bands(s, account)


def read_lights(s):
    """Owners whose reaction reads the lights look at them."""
    owners, positions, groups = (state.owners(s), state.positions(s), state.groups(s))
    for owner in range(SPECIAL, owners.shape[1]):
        if groups[G_READS_LIGHTS, owners[O_GROUP, owner]] == 0:
            continue
        lights = 0
        for j in range(owners[O_FIRST, owner], owners[O_FIRST, owner] + owners[O_SEATS, owner]):
            lights = max(lights, positions[P_LIGHTS, j] if positions[P_LOTS, j] != 0 else 0)
        if lights > 0:
            react(s, owner, lights, 0)
