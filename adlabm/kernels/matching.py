"""Orders that meet the order book of a market: who trades with whom, what it does to the ledger, what it leaves of the price.

A resting order belongs to a position row, or to ANYBODY: the world outside, whose account is the maker's. Both sides of a trade are one
event of the ledger.
"""

import math

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_IDENTITY, A_OWNER, BY_CHOICE, B_CONTRACT, C_EARNED, C_LIQUIDATED, C_TRADE, C_UNIT, C_VOLUME, FORCED, FUND,
    FUND_GAIN, F_BASE, F_BUDGET, F_DEPTH_ASK, F_DEPTH_BID, F_FORCED, F_PERMANENT, GAINED, G_HEDGED, G_LIMIT, K_DUE,
    K_HEDGERS, K_LIQUIDATION_FEE, K_MAKER, K_TAKER, LIQUIDATION, MAKER, NANO, NEVER, O_FIRST, O_GROUP, O_LIQUIDATED,
    P_ACCOUNT, P_LOTS, R_MOVE_LIMIT, W_CONTRACT, W_HELD, W_ORDER, W_ROW,
)  # fmt: skip
from adlabm.kernels.integers import mul_div_up
from adlabm.kernels.ledger import conserved, event, fill, move
from adlabm.kernels.margin import refresh_bands
from adlabm.kernels.market import displace, to_ticks, trade_price
from adlabm.kernels.orderbook import (
    ANYBODY, H_ASK, H_BASE, H_BID, H_CAPACITY, H_COUNT, H_FROM_ASK, H_FROM_BID, H_LAST, H_LEVELS, NO_ASK, NO_BID, U_LOTS,
    U_OWNER, U_PRICE, find, next_match, order_at, remove, rest, sweep, take,
)  # fmt: skip
from adlabm.kernels.seats import DECISION, enter_order, look, noise, slowly
from adlabm.kernels.sorting import sort_by
from adlabm.kernels.trading import bears, grows, special_row, trade

__all__ = [
    "cancel_orders", "withdraw_orders", "begin_orders", "bound", "impact", "meet", "traded", "note_forced", "outside",
    "dump", "cross", "place", "quote", "clear_book", "book_room", "book_average", "measure_book",
]  # fmt: skip


def cancel_orders(s, j):
    """Cancel the resting orders of position row j."""
    resting, b = (state.resting(s), state.books(s)[state.bands(s)[B_CONTRACT, j]])
    for side in range(2):
        row = find(b, resting[side, j])
        if row >= 0:
            remove(b, row)
        resting[side, j] = 0


def withdraw_orders(s):
    """Who wakes cancels what it has in the book, before it decides anew."""
    work = state.work(s)
    for i in range(state.clock(s)[K_DUE]):
        cancel_orders(s, work[W_ROW, i])


def begin_orders(s, contract, seconds):
    """Note the best prices from which the orders of a round may move the price, and how far."""
    contracts, b = (state.contracts(s), state.books(s)[contract])
    state.reals(s)[F_BUDGET, contract] = state.rates(s)[R_MOVE_LIMIT] * seconds
    b[H_FROM_BID] = b[H_BID] if b[H_BID] != NO_BID else contracts[C_TRADE, contract]
    b[H_FROM_ASK] = b[H_ASK] if b[H_ASK] != NO_ASK else contracts[C_TRADE, contract]


def bound(s, contract, sign, limit):
    """The worst price (ticks) at which an order may trade in this round: its own limit, or the venue's limit on the move of a round."""
    b, share = (state.books(s)[contract], state.reals(s)[F_BUDGET, contract])
    worst = b[H_FROM_ASK] * (1.0 + share) if sign > 0 else b[H_FROM_BID] * (1.0 - share)
    return min(limit, np.int64(min(worst, 4.0e18))) if sign > 0 else max(limit, np.int64(math.ceil(max(worst, 1.0))))


def impact(s, contract, before):
    """After an order that met the best price `before` (ticks): a share of the way that it walked stays in the index."""
    reals, b = (state.reals(s), state.books(s)[contract])
    displace(s, contract, reals[F_PERMANENT, contract] * (float(b[H_LAST] - before) / reals[F_BASE, contract]))


def meet(s, contract, row, sign, lots, code):
    """Book the resting side of a trade of `lots` in direction `sign` with the order in `row`. Returns whether its owner bears it; if not,
    the order is cancelled."""
    b = state.books(s)[contract]
    order = order_at(b, row)
    j, price = (b[order + U_OWNER], b[order + U_PRICE])
    if j == ANYBODY:
        fill(s, special_row(s, MAKER, contract), -sign * lots, price, code)
        return True
    i = state.work(s).shape[1] - 1  # the list never reaches its last place: special owners' rows are never due
    enter_order(s, i, j, -sign * lots)
    if not bears(s, i, -sign * lots, price, state.clock(s)[K_MAKER]):
        remove(b, row)
        return False
    trade(s, i, price)
    return True


def traded(s, contract, row, lots):
    """Take traded lots out of the book."""
    contracts, b = (state.contracts(s), state.books(s)[contract])
    contracts[C_VOLUME, contract] += lots * b[order_at(b, row) + U_PRICE] * contracts[C_UNIT, contract]
    take(b, row, lots)


def note_forced(s, j, other, sign, lots, price, zero):
    """Close the event of a forced fill of `lots` of position row j with an owner: what was liquidated, and the fee it still bears
    above its bankruptcy price `zero`."""
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    reals, account, contract = (state.reals(s), positions[P_ACCOUNT, j], state.bands(s)[B_CONTRACT, j])
    owner, unit = (accounts[A_OWNER, account], contracts[C_UNIT, contract])
    notional = lots * price * unit
    contracts[C_LIQUIDATED, contract] += notional
    owners[O_LIQUIDATED, owner] += notional
    reals[F_FORCED, contract] += float(lots) if sign < 0 else 0.0
    event(s, LIQUIDATION, owner, other, contract, sign * lots, price, zero, 0)
    conserved(s)
    charge = min(mul_div_up(notional, state.clock(s)[K_LIQUIDATION_FEE], NANO), abs(price - zero) * lots * unit)
    if charge > 0:
        move(s, account, FUND, charge, GAINED)
        contracts[C_EARNED, contract] += charge
        event(s, FUND_GAIN, owner, FUND, contract, 0, 0, 0, charge)
        conserved(s)


def outside(s, contract, sign, lots, limit):
    """An order from outside trades at `limit` or better; returns the lots left. Among themselves outsiders leave the ledger alone."""
    b = state.books(s)[contract]
    while lots > 0:
        row = next_match(b, ANYBODY, sign, limit)
        if row < 0:
            break
        order = order_at(b, row)
        price, part = (b[order + U_PRICE], min(lots, b[order + U_LOTS]))
        if b[order + U_OWNER] != ANYBODY:
            if not meet(s, contract, row, sign, part, BY_CHOICE):
                continue
            fill(s, special_row(s, MAKER, contract), sign * part, price, BY_CHOICE)
            conserved(s)
        traded(s, contract, row, part)
        lots -= part
    return lots


def dump(s, j, contract, sign, lots, limit, zero, code):
    """Position row j, of an account in liquidation (FORCED) or of the fund, trades at `limit` or better, immediately or not at all.
    `zero`: its bankruptcy price. Returns the lots traded."""
    accounts, positions, b = (state.accounts(s), state.positions(s), state.books(s)[contract])
    done, before, worst = (0, b[H_ASK] if sign > 0 else b[H_BID], bound(s, contract, sign, limit))
    while done < lots:
        row = next_match(b, j, sign, worst)
        if row < 0:
            break
        order = order_at(b, row)
        price, part = (b[order + U_PRICE], min(lots - done, b[order + U_LOTS]))
        if meet(s, contract, row, sign, part, code):
            fill(s, j, sign * part, price, code)
            if code == FORCED:
                other = b[order + U_OWNER]
                note_forced(s, j, MAKER if other == ANYBODY else accounts[A_OWNER, positions[P_ACCOUNT, other]], sign, part, price, zero)
            else:
                conserved(s)
            traded(s, contract, row, part)
            done += part
    if done > 0:
        impact(s, contract, before)
    return done


def cross(s, contract, i, lots, limit):
    """Listed order i trades up to `lots` (signed) at `limit` or better, while its account bears it. Returns (lots left, lots traded)."""
    work, b = (state.work(s), state.books(s)[contract])
    j, sign, left, done = (work[W_ROW, i], 1 if lots > 0 else -1, abs(lots), 0)
    before = b[H_ASK] if sign > 0 else b[H_BID]
    while left > 0:
        row = next_match(b, j, sign, limit)
        if row < 0:
            break
        order = order_at(b, row)
        price, part = (b[order + U_PRICE], min(left, b[order + U_LOTS]))
        enter_order(s, i, j, sign * part)
        if not bears(s, i, sign * part, price, state.clock(s)[K_TAKER]):
            left = 0
            break
        if meet(s, contract, row, sign, part, BY_CHOICE):
            trade(s, i, price)
            conserved(s)
            traded(s, contract, row, part)
            left -= part
            done += part
    if done > 0:
        impact(s, contract, before)
    return (left, done)


def place(s, contract, j, sign, price, lots):
    """Let an order of position row j rest in the book, where there is room; it must cross nobody."""
    resting, b = (state.resting(s), state.books(s)[contract])
    if b[H_BASE] <= price < b[H_BASE] + b[H_LEVELS] and b[H_COUNT] < b[H_CAPACITY] and price > NO_BID:
        resting[0 if sign > 0 else 1, j] = rest(b, j, sign, price, lots)


def quote(s, contract, j, owner):
    """Rest a bid and an ask of position row j, each its group's `limit` from the market price, behind the best price of the other side, and
    as large as what its signal wants there."""
    positions, b, group = (state.positions(s), state.books(s)[contract], state.owners(s)[O_GROUP, owner])
    away, price, seat = (state.groups(s)[G_LIMIT, group] / NANO, state.contracts(s)[C_TRADE, contract], j - state.owners(s)[O_FIRST, owner])
    (u, v), (w, _) = (noise(s, owner, seat, DECISION, 0), noise(s, owner, seat, DECISION, 1))
    bid, ask = (np.int64(math.floor(price * (1.0 - away))), np.int64(math.ceil(price * (1.0 + away))))
    bid = min(bid, b[H_ASK] - 1) if b[H_ASK] != NO_ASK else bid
    ask = max(ask, b[H_BID] + 1) if b[H_BID] != NO_BID else ask
    buys = slowly(s, look(s, j, owner, u, v, w, -away), positions[P_LOTS, j], group)
    if buys > 0:
        place(s, contract, j, 1, bid, buys)
    sells = slowly(s, look(s, j, owner, u, v, w, away), positions[P_LOTS, j], group)
    if sells < 0:
        place(s, contract, j, -1, ask, -sells)


def clear_book(s, n, seconds):
    """Carry out the n listed orders of a round, contract by contract, in seeded random order (twins: by identity).

    Who closes takes what is there. Who opens does too, or, in a group with a `limit`, trades at its limit price and lets the rest rest.
    An order of no lots stands for quotes.
    """
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    groups, work = (state.groups(s), state.work(s))
    for contract in range(contracts.shape[1]):
        begin_orders(s, contract, seconds)
    identity, chance = (np.empty(n, np.int64), np.empty(n, np.float64))
    for i in range(n):
        account = positions[P_ACCOUNT, work[W_ROW, i]]
        owner = accounts[A_OWNER, account]
        identity[i] = accounts[A_IDENTITY, account]
        chance[i], _ = noise(s, owner, work[W_ROW, i] - owners[O_FIRST, owner], DECISION, 2)
        if groups[G_HEDGED, owners[O_GROUP, owner]] != 0:
            chance[i] -= state.clock(s)[K_HEDGERS]
    for i in sort_by(chance, identity):
        contract, j, order = (work[W_CONTRACT, i], work[W_ROW, i], work[W_ORDER, i])
        account, sign = (positions[P_ACCOUNT, j], 1 if order > 0 else -1)
        if order == 0:
            quote(s, contract, j, accounts[A_OWNER, account])
            refresh_bands(s, account)
            continue
        limit = bound(s, contract, sign, NEVER - 1 if sign > 0 else 1)
        distance = groups[G_LIMIT, owners[O_GROUP, accounts[A_OWNER, account]]]
        waits = distance > 0 and grows(work[W_HELD, i], order)
        if waits:
            limit = to_ticks(contracts[C_TRADE, contract] * (1.0 - sign * (distance / NANO)))
        left, done = cross(s, contract, i, order, limit)
        if waits and left > 0:
            place(s, contract, j, sign, limit, left)
        if done == 0:
            refresh_bands(s, account)


def book_room(s, contract, sign, limit):
    """Lots that an order in direction `sign` finds this round at `limit` or better."""
    found, _ = sweep(state.books(s)[contract], sign, NEVER, bound(s, contract, sign, limit))
    return found


def book_average(s, contract, lots):
    """Average price (whole ticks) of an order of `lots` (signed) in the book as it stands."""
    found, cost = sweep(state.books(s)[contract], 1 if lots > 0 else -1, abs(lots), NEVER - 1 if lots > 0 else 1)
    return to_ticks(cost / float(found)) if found > 0 else to_ticks(trade_price(s, contract))


def measure_book(s, contract):
    """Write what the tick leaves: the trade price, and the depth of both sides within 1 % of it."""
    contracts, reals, b = (state.contracts(s), state.reals(s), state.books(s)[contract])
    price = trade_price(s, contract)
    contracts[C_TRADE, contract] = to_ticks(price)
    bids, _ = sweep(b, -1, NEVER, to_ticks(0.99 * price))
    asks, _ = sweep(b, 1, NEVER, to_ticks(1.01 * price))
    reals[F_DEPTH_BID, contract], reals[F_DEPTH_ASK, contract] = (float(bids), float(asks))
