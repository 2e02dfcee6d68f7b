"""Clearing of voluntary orders: one batch per contract and round, one price, the maker takes the net."""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE, A_COUNT, A_FIRST, A_OWNER, BY_CHOICE, B_CONTRACT, C_LEFT_LONG, C_LEFT_SHORT, C_LONG, C_MARK, C_STIRRED,
    C_TRADE, C_UNIT, C_VOLUME, F_BUDGET, G_ATTENTION, G_HEDGED, K_DRAINS_BELOW, K_EXTERNAL, K_HEDGERS, K_QUEUE, K_TAKER,
    MAKER, MOVED, NANO, O_ENTRY_LEVERAGE, O_FIRST, O_GROUP, O_PEAK_LEVERAGE, O_WALLET, P_ACCOUNT, P_LEVERAGE, P_LOTS,
    P_STAGE, R_MOVE_LIMIT, W_BESIDES, W_CONTRACT, W_AFTER, W_CHARGE, W_EQUITY, W_HELD, W_ISOLATED, W_LOTS, W_NEEDED,
    W_ORDER, W_ROW,
)  # fmt: skip
from adlabm.kernels.integers import mul_div, mul_div_up, nano_up
from adlabm.kernels.ledger import SAFE, conserved, fee, fill, move
from adlabm.kernels.margin import maintenance, refresh_bands, set_bands, value_of
from adlabm.kernels.metaorder import press, press_price, room_by_choice
from adlabm.kernels.seats import enter_order, fetch

__all__ = [
    "special_row", "note_leverage", "margin_brought", "grows", "outcome", "drains", "bears", "trade", "part", "enter_again",
    "clear_contract", "clear_all", "clear",
]  # fmt: skip


def special_row(s, owner, contract):
    """Position row of a special owner (fund, maker, ring-fenced) in a contract."""
    owners = state.owners(s)
    return owners[O_FIRST, owner] + contract


def note_leverage(s, owner, account, equity, opened):
    """Remember effective leverage (notional over the account's equity) when a position is opened, and its peak."""
    owners, accounts = (state.owners(s), state.accounts(s))
    total = 0.0
    for j in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
        total += abs(float(value_of(s, j)))
    leverage = np.int64(min(total / max(float(equity), 1.0), 1000000.0) * 1000000000.0)
    if opened:
        owners[O_ENTRY_LEVERAGE, owner] = leverage
    owners[O_PEAK_LEVERAGE, owner] = max(owners[O_PEAK_LEVERAGE, owner], leverage)


def margin_brought(s, j, lots, price, charge):
    """What an isolated account brings from its wallet (micro) to trade `lots`: margin for what grows, at its leverage, and the fee."""
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    owner, old = (accounts[A_OWNER, positions[P_ACCOUNT, j]], positions[P_LOTS, j])
    grown = (abs(old + lots) - abs(old)) * price * contracts[C_UNIT, state.bands(s)[B_CONTRACT, j]]
    return min(max(mul_div_up(grown, NANO, positions[P_LEVERAGE, j]), 0) + charge, accounts[A_BALANCE, owners[O_WALLET, owner]])


def grows(old, lots):
    """Whether a trade of `lots` makes a position of `old` larger, or turns it round."""
    new = old + lots
    return abs(new) > abs(old) or (new != 0 and (old > 0) != (new > 0))


def outcome(s, i, lots, price, rate):
    """Note what listed order i does when `lots` are traded at `price`: fee at `rate` (a rebate if negative), equity and maintenance
    margin after it (micro)."""
    contracts, tiers, work = (state.contracts(s), state.tiers(s), state.work(s))
    contract, old = (work[W_CONTRACT, i], work[W_HELD, i])
    unit, mark, new = (contracts[C_UNIT, contract], contracts[C_MARK, contract], old + lots)
    value = abs(lots) * price * unit
    charge = nano_up(value, rate) if rate >= 0 else nano_up(-value, -rate)
    after = work[W_EQUITY, i] + lots * (mark - price) * unit - charge
    if work[W_ISOLATED, i] != 0 and grows(old, lots):
        after += margin_brought(s, work[W_ROW, i], lots, price, charge)
    needed = work[W_BESIDES, i] + (maintenance(tiers, abs(new) * mark * unit) if new != 0 else 0)
    work[W_LOTS, i], work[W_CHARGE, i], work[W_AFTER, i], work[W_NEEDED, i] = (lots, charge, after, needed)


def drains(s, contract, side):
    """Whether a side (its sign) may only shrink: ADL has left less than the limit of the positions that it held when it was last empty."""
    contracts, limit = (state.contracts(s), state.clock(s)[K_DRAINS_BELOW])
    if contracts[C_LONG, contract] == 0:
        contracts[C_LEFT_LONG, contract] = contracts[C_LEFT_SHORT, contract] = NANO
    return contracts[C_LEFT_LONG if side > 0 else C_LEFT_SHORT, contract] < limit


def bears(s, i, lots, price, rate):
    """Whether the account of listed order i can bear to trade `lots` at `price` and a fee of `rate`; what it would do is noted.

    A reduction must leave the account at or above zero, an increase at or above maintenance, both at the mark and after the fee. Nothing
    grows on a side that may only shrink.
    """
    contracts, clock, work = (state.contracts(s), state.clock(s), state.work(s))
    contract, old = (work[W_CONTRACT, i], work[W_HELD, i])
    largest = float(max(price, contracts[C_MARK, contract])) * float(contracts[C_UNIT, contract])
    if (float(abs(lots)) + float(abs(old + lots))) * largest > SAFE:
        return False
    if clock[K_DRAINS_BELOW] > 0 and grows(old, lots) and drains(s, contract, old + lots):
        return False
    outcome(s, i, lots, price, rate)
    return work[W_AFTER, i] >= (work[W_NEEDED, i] if grows(old, lots) else 0)


def trade(s, i, price):
    """Execute what was last noted of listed order i, which its account bears, and set the account's bands. An isolated account brings
    margin when it grows, and gives it back when it is flat."""
    owners, accounts, positions = (state.owners(s), state.accounts(s), state.positions(s))
    clock, flow, work = (state.clock(s), state.flow(s), state.work(s))
    j, old, lots, charge = (work[W_ROW, i], work[W_HELD, i], work[W_LOTS, i], work[W_CHARGE, i])
    account, grown = (positions[P_ACCOUNT, j], grows(old, lots))
    owner = accounts[A_OWNER, account]
    wallet = owners[O_WALLET, owner]
    if grown and account != wallet:
        move(s, wallet, account, margin_brought(s, j, lots, price, charge), MOVED)
    fill(s, j, lots, price, BY_CHOICE)
    fee(s, j, charge)
    if not grown:
        positions[P_STAGE, j] += 1
        if account != wallet and old + lots == 0:
            move(s, account, wallet, accounts[A_BALANCE, account], MOVED)
    else:
        note_leverage(s, owner, account, work[W_AFTER, i], old == 0)
    set_bands(s, account, work[W_AFTER, i], work[W_NEEDED, i])
    if state.groups(s)[G_ATTENTION, owners[O_GROUP, owner]] != 0:
        contracts = state.contracts(s)
        contracts[C_STIRRED, work[W_CONTRACT, i]] += abs(lots) * price * contracts[C_UNIT, work[W_CONTRACT, i]]
    if clock[K_QUEUE] > 0:
        flow[work[W_CONTRACT, i], owners[O_GROUP, owner]] += lots


def part(order, sign, allowed, heavy):
    """What of an order is executed when `allowed` lots of the `heavy` on side `sign` are: floor(|order| allowed / heavy) there."""
    return mul_div(abs(order), allowed, heavy) * sign if allowed < heavy and (order > 0) == (sign > 0) else order


def enter_again(s, contract, n):
    """List the orders of one contract as their accounts stand now."""
    work = state.work(s)
    for i in range(n):
        if work[W_CONTRACT, i] == contract:
            enter_order(s, i, work[W_ROW, i], work[W_ORDER, i])


def clear_contract(s, contract, n, seconds):
    """Clear the listed orders of one contract at one price.

    Net demand walks the book; what would move the price beyond the limit is cut pro rata on the heavier side. Who cannot bear its part at
    that price is refused, and the price is found again for the others: it is that of what trades.
    """
    positions, contracts, reals, clock = (state.positions(s), state.contracts(s), state.reals(s), state.clock(s))
    owners, accounts, groups = (state.owners(s), state.accounts(s), state.groups(s))
    rates, work = (state.rates(s), state.work(s))
    refused = True
    while refused:
        buys = sells = 0
        for i in range(n):
            if work[W_CONTRACT, i] == contract:
                buys += max(work[W_ORDER, i], 0)
                sells -= min(work[W_ORDER, i], 0)
        if buys == 0 and sells == 0:
            return
        heavy, light, sign = (max(buys, sells), min(buys, sells), 1 if buys >= sells else -1)
        allowed, price = (heavy, contracts[C_TRADE, contract])
        if clock[K_EXTERNAL] == 0:
            reals[F_BUDGET, contract] = rates[R_MOVE_LIMIT] * seconds
            allowed = min(heavy, light + room_by_choice(s, contract, sign, reals[F_BUDGET, contract]))
            if allowed > light:
                price = press_price(s, contract, sign * (allowed - light))
        refused = False
        for i in range(n):
            if work[W_CONTRACT, i] == contract:
                lots = part(work[W_ORDER, i], sign, allowed, heavy)
                work[W_LOTS, i] = lots
                if lots != 0 and not bears(s, i, lots, price, clock[K_TAKER]):
                    work[W_ORDER, i], refused = (0, True)
                    refresh_bands(s, positions[P_ACCOUNT, work[W_ROW, i]])
        if refused:
            enter_again(s, contract, n)
    net = bought = unhedged = 0
    for i in range(n):
        fetch(s, i, n)
        if work[W_CONTRACT, i] == contract:
            lots = work[W_LOTS, i]
            if lots != 0:
                trade(s, i, price)
                net += lots
                group = owners[O_GROUP, accounts[A_OWNER, positions[P_ACCOUNT, work[W_ROW, i]]]]
                unhedged += lots if groups[G_HEDGED, group] == 0 else 0
                bought += max(lots, 0)
            elif work[W_ORDER, i] != 0:
                refresh_bands(s, positions[P_ACCOUNT, work[W_ROW, i]])
    if net != 0:
        fill(s, special_row(s, MAKER, contract), -net, price, BY_CHOICE)
    if clock[K_EXTERNAL] == 0:
        press(s, contract, net, unhedged)
    contracts[C_VOLUME, contract] += (bought + max(-net, 0)) * price * contracts[C_UNIT, contract]
    conserved(s)


def clear_all(s, n, seconds):
    """Clear the n listed orders, contract by contract; what an account does in one changes the equity that it brings to another."""
    count = state.contracts(s).shape[1]
    for contract in range(count):
        if count > 1:
            enter_again(s, contract, n)
        clear_contract(s, contract, n, seconds)


def clear(s, n, seconds):
    """Clear the n listed orders: all in one batch, or those of hedged traders (arbitrage) before or after the others'."""
    accounts, positions, owners, groups = (state.accounts(s), state.positions(s), state.owners(s), state.groups(s))
    work, first = (state.work(s), state.clock(s)[K_HEDGERS])
    if first == 0:
        clear_all(s, n, seconds)
        return
    orders = np.empty(n, np.int64)
    for i in range(n):
        orders[i] = work[W_ORDER, i]
    for turn in (first, -first):
        for i in range(n):
            group = owners[O_GROUP, accounts[A_OWNER, positions[P_ACCOUNT, work[W_ROW, i]]]]
            work[W_ORDER, i] = orders[i] if (groups[G_HEDGED, group] != 0) == (turn > 0) else 0
        for contract in range(state.contracts(s).shape[1]):
            enter_again(s, contract, n)
        clear_all(s, n, seconds)
