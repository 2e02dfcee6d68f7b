"""What stands behind the market: the fund's takeovers, sales and trigger, what it offers to ADL, the end of a liquidated account."""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    ADL_TRIGGER, A_BALANCE, A_COUNT, A_FIRST, A_OWNER, A_STATUS, BANKRUPT, B_CONTRACT, C_BEARS, C_MARK, C_TRIGGERED, C_UNIT,
    C_VOLUME, DRAWN, FUND, FUND_DRAW, FUND_GAIN, F_FORCED, GAINED, G_REENTRY, K_ADLS, K_BOOK, K_BY_CONTRACT, K_CAPACITY,
    K_DEFICIT, K_ERROR, K_EXTERNAL, K_FIRST_ADL, K_FUND_OFFER, K_FUND_RULE, K_KEEPS_REST, K_PEAK, K_POOL_START, K_POOL_STOP,
    K_REQUESTS, K_SELLS_ON, K_SURPLUS_TO_FUND, K_TICK, K_TRIGGER, K_TRIGGERED, K_TRIGGER_START, K_TRIGGER_STOP, K_UNCOVERED,
    K_UNWIND_MS, MAKER, MOVED, M_ACCOUNT, M_LEFT, M_LOTS, M_PRICE, M_ROW, NANO, NEVER, NORMAL, O_GROUP, O_WALLET, P_CLOCK,
    P_ENTRY, P_LOTS, SPECIAL, TAKEN_OVER, TAKEOVER, UNCOVERED_LOSS, UNWOUND, WRITTEN_OFF,
)  # fmt: skip
from adlabm.kernels.forced import largest_first, market_price, market_room
from adlabm.kernels.integers import mul_div, mul_div_up
from adlabm.kernels.ledger import conserved, event, fill, move, post
from adlabm.kernels.margin import bankruptcy_price, equity_of, maintenance_of, profit_of, value_of
from adlabm.kernels.market import walk_price
from adlabm.kernels.matching import book_average, dump
from adlabm.kernels.providers import assign
from adlabm.kernels.results import earn, peak_result, result_of, watch_contracts
from adlabm.kernels.rules import call_integer
from adlabm.kernels.seats import set_alarm, wait
from adlabm.kernels.trading import special_row

__all__ = [
    "finish_account", "fund_inventory", "affordable", "take_over", "sell_on", "pay_and_sell",
    "request", "name_request", "hand_over", "update_trigger", "unwind", "offer_excess", "watch_pool",
]  # fmt: skip


def finish_account(s, account):
    """When an account in liquidation holds nothing more: surplus to the fund (or the trader), a deficit from the fund's cash, the rest
    written off.

    It counts for the fund's result in the account's first contract. What an account keeps that was closed at its bankruptcy prices is the
    residue of ticks: the fund's, whoever gets a surplus.
    """
    owners, accounts, positions, groups = (state.owners(s), state.accounts(s), state.positions(s), state.groups(s))
    clock = state.clock(s)
    first, last = (accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account])
    for j in range(first, last):
        if positions[P_LOTS, j] != 0:
            return
    owner, balance, before = (accounts[A_OWNER, account], accounts[A_BALANCE, account], accounts[A_BALANCE, FUND])
    if balance < 0:
        paid = min(-balance, max(accounts[A_BALANCE, FUND], 0))
        if paid > 0:
            move(s, FUND, account, paid, DRAWN)
            event(s, FUND_DRAW, owner, FUND, -1, 0, 0, 0, paid)
            conserved(s)
        if paid < -balance:
            lost = -balance - paid
            post(s, account, lost, WRITTEN_OFF)
            clock[K_UNCOVERED] += lost
            event(s, UNCOVERED_LOSS, owner, -1, -1, 0, 0, 0, lost)
            conserved(s)
    elif balance > 0 and (clock[K_SURPLUS_TO_FUND] != 0 or (accounts[A_STATUS, account] == BANKRUPT and clock[K_KEEPS_REST] == 0)):
        move(s, account, FUND, balance, GAINED)
        event(s, FUND_GAIN, owner, FUND, -1, 0, 0, 0, balance)
        conserved(s)
    elif balance > 0 and account != owners[O_WALLET, owner]:
        move(s, account, owners[O_WALLET, owner], balance, MOVED)
        conserved(s)
    earn(s, state.bands(s)[B_CONTRACT, first], before)
    accounts[A_STATUS, account] = NORMAL
    pause = groups[G_REENTRY, owners[O_GROUP, owner]]
    for j in range(first, last):
        wait(s, j, owner)
        if pause > 0:
            positions[P_CLOCK, j] += pause
        set_alarm(s, j)


def fund_inventory(s):
    """Notional (micro, mark) of the fund's inventory."""
    contracts = state.contracts(s)
    total = 0
    for contract in range(contracts.shape[1]):
        total += abs(value_of(s, special_row(s, FUND, contract)))
    return total


def affordable(s, contract, lots, gap, value):
    """Lots of `lots` that the fund rule takes at a loss of `gap` and a mark value of `value` (micro per lot), and that the fund may bear in
    the contract.
    """
    accounts, contracts, clock = (state.accounts(s), state.contracts(s), state.clock(s))
    equity = equity_of(s, FUND)
    answer = call_integer(clock[K_FUND_RULE], (lots, gap, value, equity, accounts[A_BALANCE, FUND], fund_inventory(s), clock[K_CAPACITY]))
    if clock[K_BY_CONTRACT] != 0 and gap > 0:
        fall = peak_result(s, contract) - result_of(s, contract)
        answer = min(answer, max(contracts[C_BEARS, contract] - fall, 0) // gap)
    return min(max(answer, 0), lots)


def take_over(s, j, owner, lots, price):
    """The fund takes `lots` of position j at `price`."""
    positions = state.positions(s)
    contract = state.bands(s)[B_CONTRACT, j]
    sign = -1 if positions[P_LOTS, j] > 0 else 1
    fill(s, j, sign * lots, price, TAKEN_OVER)
    before = state.accounts(s)[A_BALANCE, FUND]
    fill(s, special_row(s, FUND, contract), -sign * lots, price, TAKEN_OVER)
    earn(s, contract, before)
    event(s, TAKEOVER, owner, FUND, contract, sign * lots, price, price, 0)
    conserved(s)


def sell_on(s, contract, lots, code):
    """The fund trades `lots` (signed) in the market at whatever the walk costs."""
    contracts, reals, before = (state.contracts(s), state.reals(s), state.accounts(s)[A_BALANCE, FUND])
    if state.clock(s)[K_BOOK] != 0:
        worst = 1 if lots < 0 else NEVER
        done = dump(s, special_row(s, FUND, contract), contract, 1 if lots > 0 else -1, abs(lots), worst, worst, code)
        earn(s, contract, before)
        reals[F_FORCED, contract] += float(done) if lots < 0 else 0.0
        return
    price = market_price(s, contract, lots, 1 if lots < 0 else NEVER)
    fill(s, special_row(s, FUND, contract), lots, price, code)
    earn(s, contract, before)
    fill(s, special_row(s, MAKER, contract), -lots, price, code)
    contracts[C_VOLUME, contract] += abs(lots) * price * contracts[C_UNIT, contract]
    reals[F_FORCED, contract] += float(-lots) if lots < 0 else 0.0
    conserved(s)


def pay_and_sell(s, j, owner, price):
    """Fund rule that sells on:

    take over what it can sell this round and pay for, lot by lot; returns (lots left, whether cash was the limit).
    """
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    contract, lots = (state.bands(s)[B_CONTRACT, j], abs(positions[P_LOTS, j]))
    sign, unit = (-1 if positions[P_LOTS, j] > 0 else 1, contracts[C_UNIT, state.bands(s)[B_CONTRACT, j]])
    room = min(lots, market_room(s, contract, sign, 1 if sign < 0 else NEVER))
    low, high = (0, room)
    while low < high:
        middle = (low + high + 1) // 2
        average = contracts[C_MARK, contract]
        if clock[K_BOOK] != 0:
            average = book_average(s, contract, sign * middle)
        elif clock[K_EXTERNAL] == 0:
            average, _ = walk_price(s, contract, sign * middle)
        gap = max((price - average) * -sign, 0) * unit
        if affordable(s, contract, middle, gap, average * unit) == middle:
            low = middle
        else:
            high = middle - 1
    if low > 0:
        take_over(s, j, owner, low, price)
        cash = accounts[A_BALANCE, FUND]
        sell_on(s, contract, sign * low, UNWOUND)
        change = accounts[A_BALANCE, FUND] - cash
        if change != 0:
            event(s, FUND_GAIN if change > 0 else FUND_DRAW, owner, FUND, contract, 0, 0, 0, abs(change))
    return (lots - low, low < room)


def request(s, account, j, lots, price):
    """Name `lots` of position j for ADL at `price`."""
    sign = -1 if state.positions(s)[P_LOTS, j] > 0 else 1
    name_request(s, account, j, sign * lots, price, lots)


def name_request(s, account, j, change, price, left):
    """Write a request: `change` (signed lots) of row j at `price`, of which `left` is to be done (lots; of a pool, micro of profit)."""
    accounts, clock, requests = (state.accounts(s), state.clock(s), state.requests(s))
    row = requests[clock[K_REQUESTS]]
    row[M_ACCOUNT], row[M_ROW], row[M_LOTS], row[M_PRICE], row[M_LEFT] = (account, j, change, price, left)
    clock[K_REQUESTS] += 1
    event(s, ADL_TRIGGER, accounts[A_OWNER, account], -1, state.bands(s)[B_CONTRACT, j], change, price, price, equity_of(s, FUND))
    clock[K_ADLS] += 1
    if clock[K_FIRST_ADL] < 0:
        clock[K_FIRST_ADL] = clock[K_TICK]


def hand_over(s, account):
    """The positions of an account at or below the takeover level, largest margin first, at its attributed bankruptcy prices:

    to the appointed providers, to the fund while its rule takes them, else to ADL.
    """
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    owner = accounts[A_OWNER, account]
    if accounts[A_STATUS, account] != BANKRUPT:
        accounts[A_STATUS, account] = BANKRUPT
        clock[K_DEFICIT] += max(-equity_of(s, account), 0)
    done = 0
    while True:
        j = largest_first(s, account, done)
        if j < 0:
            break
        done |= 1 << (j - accounts[A_FIRST, account])
        equity, total = (equity_of(s, account), maintenance_of(s, account))
        price = bankruptcy_price(s, j, equity, total)
        contract = state.bands(s)[B_CONTRACT, j]
        mark, unit = (contracts[C_MARK, contract], contracts[C_UNIT, contract])
        assign(s, j, owner, price)
        lots = abs(positions[P_LOTS, j])
        if lots == 0:
            continue
        if clock[K_TRIGGERED] == 0 and contracts[C_TRIGGERED, contract] == 0:
            if clock[K_SELLS_ON] != 0:
                left, short = pay_and_sell(s, j, owner, price)
                if left > 0 and (not short):
                    continue
            else:
                gap = (price - mark if positions[P_LOTS, j] > 0 else mark - price) * unit
                taken = affordable(s, contract, lots, gap, mark * unit)
                while taken > 0 and clock[K_ERROR] == 0:  # again: what the fund takes may offset its inventory, and leave room for more
                    take_over(s, j, owner, taken, price)
                    lots -= taken
                    taken = affordable(s, contract, lots, gap, mark * unit)
        if positions[P_LOTS, j] != 0:
            request(s, account, j, abs(positions[P_LOTS, j]), price)
    finish_account(s, account)


def update_trigger(s):
    """Ask the trigger rule, with the fund's equity and its peak over the window, whether ADL goes before the fund."""
    clock, peaks = (state.clock(s), state.peaks(s))
    equity, peak = (equity_of(s, FUND), clock[K_PEAK])
    for b in range(peaks.shape[0]):
        peak = max(peak, peaks[b])
    context = (
        clock[K_TRIGGERED],
        equity,
        max(peak, equity),
        fund_inventory(s),
        clock[K_CAPACITY],
        clock[K_TRIGGER_START],
        clock[K_TRIGGER_STOP],
    )
    if clock[K_BY_CONTRACT] != 0:
        watch_contracts(s, max(peak, equity))
    clock[K_TRIGGERED] = 1 if call_integer(clock[K_TRIGGER], context) != 0 else 0


def unwind(s, elapsed_ms):
    """The fund trades its inventory down at its rate: ceil(lots x elapsed / time) a round, within the round's room, at the market."""
    positions, contracts, clock = (state.positions(s), state.contracts(s), state.clock(s))
    for contract in range(contracts.shape[1]):
        lots = positions[P_LOTS, special_row(s, FUND, contract)]
        if lots == 0:
            continue
        sign = -1 if lots > 0 else 1
        part = min(mul_div_up(abs(lots), elapsed_ms, clock[K_UNWIND_MS]), abs(lots))
        part = min(part, market_room(s, contract, sign, 1 if sign < 0 else NEVER))
        if part > 0:
            sell_on(s, contract, sign * part, UNWOUND)


def offer_excess(s):
    """What the fund's rule no longer carries of its inventory is offered to ADL once a round, at the price of its takeover."""
    positions, contracts, clock = (state.positions(s), state.contracts(s), state.clock(s))
    excess = call_integer(clock[K_FUND_OFFER], (equity_of(s, FUND), fund_inventory(s), clock[K_CAPACITY]))
    for contract in range(contracts.shape[1]):
        j = special_row(s, FUND, contract)
        lots = abs(positions[P_LOTS, j])
        if excess <= 0 or lots == 0:
            continue
        unit = contracts[C_UNIT, contract]
        per_lot = contracts[C_MARK, contract] * unit
        offered = min(lots, -(-excess // per_lot))
        excess -= offered * per_lot
        price = max((abs(positions[P_ENTRY, j]) + lots * unit // 2) // (lots * unit), 1)
        request(s, FUND, j, offered, price)


def watch_pool(s):
    """Where the maker is a pool that pays what traders win: when the profits of one side of a contract exceed a share of the pool's cash,
    that side is named for ADL, for as much profit as lies above a smaller share.
    """
    accounts, positions, bands, contracts = (state.accounts(s), state.positions(s), state.bands(s), state.contracts(s))
    clock = state.clock(s)
    if clock[K_POOL_START] == 0:
        return
    pool = max(accounts[A_BALANCE, FUND] + accounts[A_BALANCE, MAKER], 0)
    won = np.zeros((contracts.shape[1], 2), np.int64)
    for j in range(SPECIAL * contracts.shape[1], positions.shape[1]):
        if positions[P_LOTS, j] != 0:
            won[bands[B_CONTRACT, j], 0 if positions[P_LOTS, j] > 0 else 1] += max(profit_of(s, j), 0)
    for contract in range(contracts.shape[1]):
        for side in range(2):
            if won[contract, side] > mul_div(pool, clock[K_POOL_START], NANO):
                excess = won[contract, side] - mul_div(pool, clock[K_POOL_STOP], NANO)
                name_request(s, MAKER, special_row(s, MAKER, contract), 1 - 2 * side, contracts[C_MARK, contract], excess)
