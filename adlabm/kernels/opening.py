"""The layout of accounts and positions, and the opening book:

positions at tick 0, balanced between longs and shorts, with the margin that makes each account's equity its drawn equity at the opening
mark.
"""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    ACCOUNTS_PER_OWNER, A_BALANCE, A_COUNT, A_FIRST, A_IDENTITY, A_OWNER, BY_CHOICE, B_CONTRACT, B_HIGH, B_LOW, B_WAKE,
    C_MARK, C_UNIT, F_AVERAGE, F_VARIANCE, G_ISOLATED, G_LEVERAGE, G_SEATS, HORIZONS_S, MAKER, NANO, NEVER, O_FIRST,
    O_GROUP, O_IDENTITY, O_SEATS, O_SIDE, O_START, O_WALLET, P_ACCOUNT, P_CLOCK, P_LEVERAGE, P_LOTS, P_OPENED, P_ORIGINAL,
    P_PEAK, P_REACT, SLOT_LEVERAGE, SPECIAL,
)  # fmt: skip
from adlabm.kernels.integers import mul_div, mul_div_up
from adlabm.kernels.ledger import fill
from adlabm.kernels.margin import entry_price, equity_of, exit_levels, largest_notional, parameter, refresh_bands
from adlabm.kernels.market import to_ticks
from adlabm.kernels.mathx import exp
from adlabm.kernels.rules import call_real
from adlabm.kernels.seats import DECISION, noise, wait
from adlabm.kernels.trading import note_leverage, special_row

__all__ = [
    "lay_out", "wanted_lots", "balance_book", "past_averages", "past_exit", "open_position", "open_book", "set_clocks",
]  # fmt: skip


def lay_out(s, held):
    """Lay out accounts and position rows, owner by owner: a wallet account each and, in isolated mode, one more for every position;
    else the wallet links the positions.

    held: int64 (groups + 1, contracts), the contracts of a group's seats; its last row is that of the special owners, whose group is -1.
    """
    owners, accounts, positions, bands = (state.owners(s), state.accounts(s), state.positions(s), state.bands(s))
    groups = state.groups(s)
    account = row = 0
    for owner in range(owners.shape[1]):
        group = owners[O_GROUP, owner]
        seats, apart = (held.shape[1], 0)
        if group >= 0:
            seats, apart = (groups[G_SEATS, group], groups[G_ISOLATED, group])
        owners[O_WALLET, owner], owners[O_FIRST, owner], owners[O_SEATS, owner] = (account, row, seats)
        for sub in range(1 + apart * seats):
            accounts[A_OWNER, account + sub] = owner
            accounts[A_IDENTITY, account + sub] = owners[O_IDENTITY, owner] * ACCOUNTS_PER_OWNER + sub
            accounts[A_FIRST, account + sub] = row + max(sub - 1, 0)
            accounts[A_COUNT, account + sub] = min(sub, 1) if apart != 0 else seats
        for seat in range(seats):
            j = row + seat
            positions[P_ACCOUNT, j] = account + apart * (seat + 1)
            bands[B_CONTRACT, j] = held[group, seat] if group >= 0 else seat
            bands[B_LOW, j], bands[B_HIGH, j] = (-NEVER, NEVER)
            positions[P_CLOCK, j] = bands[B_WAKE, j] = positions[P_REACT, j] = NEVER
        account += 1 + apart * seats
        row += seats


def wanted_lots(s, holds, lots):
    """Signed lots that each position row wants at the opening:

    side x leverage x equity / price. holds: bool (traders,), who opens with positions; lots: int64 (positions,).
    """
    owners, positions, contracts, reals = (state.owners(s), state.positions(s), state.contracts(s), state.reals(s))
    groups, tiers = (state.groups(s), state.tiers(s))
    for owner in range(SPECIAL, owners.shape[1]):
        if not holds[owner - SPECIAL]:
            continue
        group, first, seats = (owners[O_GROUP, owner], owners[O_FIRST, owner], owners[O_SEATS, owner])
        for j in range(first, first + seats):
            contract = state.bands(s)[B_CONTRACT, j]
            u, _ = noise(s, owner, j - first, DECISION, 1)
            a, b = (parameter(s, SLOT_LEVERAGE, group, owner), parameter(s, SLOT_LEVERAGE + 1, group, owner))
            c, d = (parameter(s, SLOT_LEVERAGE + 2, group, owner), parameter(s, SLOT_LEVERAGE + 3, group, owner))
            leverage = call_real(groups[G_LEVERAGE, group], (a, b, c, d, u, np.sqrt(reals[F_VARIANCE, contract] * 86400.0)))
            positions[P_LEVERAGE, j] = max(np.int64(leverage * 1000000000.0), 1)
            notional = largest_notional(tiers, owners[O_START, owner] // seats, leverage)
            lots[j] = np.int64(notional / (float(contracts[C_MARK, contract]) * float(contracts[C_UNIT, contract]))) * owners[O_SIDE, owner]


def balance_book(s, lots, maker):
    """Scale the sides of every contract to the lighter one, less what the maker holds (`maker`:

    share of open interest, positive = long). One-sided books stay: the maker takes the other side.
    """
    contracts = state.contracts(s)
    for contract in range(contracts.shape[1]):
        long = short = 0
        for j in range(lots.size):
            if state.bands(s)[B_CONTRACT, j] == contract:
                long += max(lots[j], 0)
                short -= min(lots[j], 0)
        if long == 0 or short == 0:
            continue
        light = min(long, short)
        longs, shorts = (np.int64(light * (1.0 - max(maker, 0.0))), np.int64(light * (1.0 - max(-maker, 0.0))))
        for j in range(lots.size):
            if state.bands(s)[B_CONTRACT, j] == contract:
                lots[j] = mul_div(lots[j], longs, long) if lots[j] > 0 else -mul_div(-lots[j], shorts, short)


def past_averages(s, past, step_s):
    """Moving averages at the opening from the levels before it, float64 (contracts, steps), newest first, `step_s` apart."""
    reals = state.reals(s)
    for contract in range(past.shape[0]):
        for h in range(len(HORIZONS_S)):
            weight = 1.0 - exp(-step_s / HORIZONS_S[h])
            average = past[contract, past.shape[1] - 1]
            for i in range(past.shape[1] - 1, -1, -1):
                average += weight * (past[contract, i] - average)
            reals[F_AVERAGE + h, contract] = average


def past_exit(s, j, owner):
    """Whether position j stands beyond one of its exits."""
    positions, contracts = (state.positions(s), state.contracts(s))
    entry = entry_price(s, j)
    stop, lower, upper = exit_levels(s, j, owner, entry)
    gain = (1.0 if positions[P_LOTS, j] > 0 else -1.0) * (contracts[C_MARK, state.bands(s)[B_CONTRACT, j]] / entry - 1.0)
    return gain <= max(stop, lower) or gain >= upper


def open_position(s, j, lots, price, age):
    """Enter position j at a past price; one that would stand beyond an exit by now enters at the mark instead."""
    accounts, positions, contracts = (state.accounts(s), state.positions(s), state.contracts(s))
    contract, owner = (state.bands(s)[B_CONTRACT, j], accounts[A_OWNER, positions[P_ACCOUNT, j]])
    mark = contracts[C_MARK, contract]
    fill(s, j, lots, price, BY_CHOICE)
    positions[P_PEAK, j] = max(price, mark) if lots > 0 else min(price, mark)
    if past_exit(s, j, owner):
        fill(s, j, -lots, price, BY_CHOICE)
        fill(s, j, lots, mark, BY_CHOICE)
        age = 0
    positions[P_OPENED, j], positions[P_ORIGINAL, j] = (-age, abs(lots))


def open_book(s, lots, past, step_s, age):
    """Book the opening positions and the balances with which every account's equity at the opening mark is its share of the drawn equity.

    lots: int64 (positions,). age: float64 (traders,), seconds since entry; past: float64 (contracts, steps), the levels before the
        opening (ticks), newest first, `step_s` apart. Isolated:
    |value| / leverage in the position's account, the rest in the wallet. What the traders' lots leave over, the maker holds at the
    mark; lots then sum to zero, and with them the profits of the past.
    """
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    groups = state.groups(s)
    net = np.zeros(contracts.shape[1], np.int64)
    for owner in range(SPECIAL, owners.shape[1]):
        first, last = (owners[O_FIRST, owner], owners[O_FIRST, owner] + owners[O_SEATS, owner])
        left, wallet = (owners[O_START, owner], owners[O_WALLET, owner])
        isolated = groups[G_ISOLATED, owners[O_GROUP, owner]] != 0
        back = min(age[owner - SPECIAL], (past.shape[1] - 1) * step_s)
        for j in range(first, last):
            if lots[j] == 0:
                continue
            contract = state.bands(s)[B_CONTRACT, j]
            open_position(s, j, lots[j], to_ticks(past[contract, np.int64(back / step_s)]), np.int64(back * 1000.0))
            net[contract] += lots[j]
            if isolated:
                value = abs(lots[j]) * contracts[C_MARK, contract] * contracts[C_UNIT, contract]
                margin = min(mul_div_up(value, NANO, positions[P_LEVERAGE, j]), left)
                accounts[A_BALANCE, positions[P_ACCOUNT, j]] += margin - equity_of(s, positions[P_ACCOUNT, j])
                left -= margin
        accounts[A_BALANCE, wallet] += left - equity_of(s, wallet)
        for j in range(first, last):
            if lots[j] != 0:
                note_leverage(s, owner, positions[P_ACCOUNT, j], equity_of(s, positions[P_ACCOUNT, j]), True)
            refresh_bands(s, positions[P_ACCOUNT, j])
    for contract in range(net.size):
        if net[contract] != 0:
            fill(s, special_row(s, MAKER, contract), -net[contract], contracts[C_MARK, contract], BY_CHOICE)


def set_clocks(s):
    """Draw every row's first look at its signal."""
    owners = state.owners(s)
    for owner in range(SPECIAL, owners.shape[1]):
        for j in range(owners[O_FIRST, owner], owners[O_FIRST, owner] + owners[O_SEATS, owner]):
            wait(s, j, owner)
