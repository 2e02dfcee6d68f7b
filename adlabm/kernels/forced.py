"""Forced orders: who is worked first, for how much, at which limit, and what the market gives."""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_COUNT, A_FIRST, A_IDENTITY, A_STEPS, B_CONTRACT, C_MARK, C_UNIT, C_VOLUME, FORCED, F_BUDGET, K_AUCTION_MS, K_BOOK,
    K_ENGINE, K_EXTERNAL, K_FRACTION, K_LIQUIDITY, K_NOW, K_QUEUE, K_TAKEOVER, K_TIERS_DOWN, K_UNTIL_HEALTHY, MAKER, NANO,
    NEVER, P_ACCOUNT, P_LOTS, T_FLOOR,
)  # fmt: skip
from adlabm.kernels.integers import mul_div
from adlabm.kernels.ledger import fill
from adlabm.kernels.margin import bankruptcy_price, equity_of, maintenance_of, position_maintenance, tier_of
from adlabm.kernels.market import capacity, walk, walk_limit, walk_price
from adlabm.kernels.matching import book_room, dump, note_forced
from adlabm.kernels.rules import call_integer
from adlabm.kernels.sorting import sort_by
from adlabm.kernels.trading import special_row

__all__ = [
    "sort_queue", "largest_first", "takeover_level", "wanted", "write_orders", "bankrupt_at", "limit_of", "market_room",
    "market_price", "sell_forced", "work_orders",
]  # fmt: skip

B_ROW, B_WANT = range(2)
BOOK_COLUMNS = 2


def sort_queue(s):
    """Order the queue by margin ratio (equity over maintenance, worst first), equal ratios by identity. Returns the ratios."""
    accounts, clock, queue = state.accounts(s), state.clock(s), state.queue(s)
    n = clock[K_QUEUE]
    identity, ratio, listed = np.empty(n, np.int64), np.empty(n, np.float64), np.empty(n, np.int64)
    for i in range(n):
        listed[i] = queue[i]
        identity[i] = accounts[A_IDENTITY, listed[i]]
        ratio[i] = float(equity_of(s, listed[i])) / max(float(maintenance_of(s, listed[i])), 1.0)
    order = sort_by(ratio, identity)
    for i in range(n):
        queue[i] = listed[order[i]]
    return ratio[order]


def largest_first(s, account, done):
    """The account's position with the largest maintenance margin (ties:

    contract) that the bit mask `done` does not name; -1 when there is none.
    """
    accounts, positions = state.accounts(s), state.positions(s)
    first = accounts[A_FIRST, account]
    best, best_value = -1, -1
    for j in range(first, first + accounts[A_COUNT, account]):
        if positions[P_LOTS, j] == 0 or (done >> (j - first)) & 1:
            continue
        value = position_maintenance(s, j)
        if value > best_value:
            best, best_value = j, value
    return best


def takeover_level(s, total):
    """Equity (micro) at or below which an account with this maintenance margin leaves the market for the backstop."""
    return mul_div(total, state.clock(s)[K_TAKEOVER], NANO)


def wanted(s, j, account, equity, total):
    """Lots that the liquidation engine wants to close of position j (between 1 and all)."""
    accounts, positions, contracts, tiers = (state.accounts(s), state.positions(s), state.contracts(s), state.tiers(s))
    clock = state.clock(s)
    lots, contract = (abs(positions[P_LOTS, j]), state.bands(s)[B_CONTRACT, j])
    per_lot = contracts[C_MARK, contract] * contracts[C_UNIT, contract]
    floor = tiers[T_FLOOR, max(tier_of(tiers, lots * per_lot) - clock[K_TIERS_DOWN] + 1, 0)]
    lower = max(floor - 1, 0) // per_lot
    answer = call_integer(clock[K_ENGINE], (lots, lower, equity, total, accounts[A_STEPS, account], clock[K_FRACTION]))
    return min(max(answer, 1), lots)


def write_orders(s, ratio):
    """Forced orders of the round: accounts above the takeover level in order of margin ratio, the positions of equal ratios interleaved
    by their rank in the account.

    Returns the order table (int64, columns B_*) and its ratios. An engine that works until the account is healthy orders only the
    largest position.
    """
    accounts, clock, queue = (state.accounts(s), state.clock(s), state.queue(s))
    n, size = (clock[K_QUEUE], 0)
    done = np.zeros(n, np.int64)
    for i in range(n):
        size += accounts[A_COUNT, queue[i]]
    book, ratios = (np.empty((BOOK_COLUMNS, size), np.int64), np.empty(size, np.float64))
    m = i = 0
    while i < n:
        end = i + 1
        while end < n and ratio[end] == ratio[i]:
            end += 1
        found = True
        while found:
            found = False
            for x in range(i, end):
                account = queue[x]
                equity, total = (equity_of(s, account), maintenance_of(s, account))
                if equity <= takeover_level(s, total) or done[x] == -1:
                    continue
                if clock[K_UNTIL_HEALTHY] != 0 and equity >= total:
                    continue
                j = largest_first(s, account, done[x])
                if j < 0:
                    done[x] = -1
                    continue
                done[x] = -1 if clock[K_UNTIL_HEALTHY] != 0 else done[x] | (1 << (j - accounts[A_FIRST, account]))
                book[B_ROW, m], book[B_WANT, m], ratios[m] = (j, wanted(s, j, account, equity, total), ratio[x])
                found = True
                m += 1
        i = end
    return (book[:, :m], ratios[:m])


def bankrupt_at(s, j):
    """Bankruptcy price of position j as its account stands now."""
    account = state.positions(s)[P_ACCOUNT, j]
    return bankruptcy_price(s, j, equity_of(s, account), maintenance_of(s, account))


def limit_of(s, j):
    """Worst price for position j: its bankruptcy price; in an auction, what lies between the mark and that price in proportion to the time
    since the liquidation began.
    """
    positions, clock, limit = (state.positions(s), state.clock(s), bankrupt_at(s, j))
    gone = clock[K_NOW] - state.since(s)[positions[P_ACCOUNT, j]]
    if gone < clock[K_AUCTION_MS]:
        mark = state.contracts(s)[C_MARK, state.bands(s)[B_CONTRACT, j]]
        limit = mark + mul_div(limit - mark, gone, clock[K_AUCTION_MS])
    return limit


def market_room(s, contract, sign, limit):
    """Lots that the market takes in direction `sign` this round at `limit` (ticks) or better."""
    contracts, reals, clock = (state.contracts(s), state.reals(s), state.clock(s))
    if clock[K_BOOK] != 0:
        return book_room(s, contract, sign, limit)
    if clock[K_EXTERNAL] != 0:
        mark = contracts[C_MARK, contract]
        if (sign < 0 and mark < limit) or (sign > 0 and mark > limit):
            return 0
        return NEVER if clock[K_LIQUIDITY] == 0 else max(np.int64(reals[F_BUDGET, contract]), 0)
    room = min(walk_limit(s, contract, sign, limit), reals[F_BUDGET, contract])
    return capacity(s, contract, sign, room)


def market_price(s, contract, lots, limit):
    """Average price (ticks) of a forced walk of `lots` (signed), never worse than its limit; consumes the book."""
    contracts, reals, clock = (state.contracts(s), state.reals(s), state.clock(s))
    if clock[K_EXTERNAL] != 0:
        reals[F_BUDGET, contract] -= abs(lots)
        return contracts[C_MARK, contract]
    price, _ = walk_price(s, contract, lots)
    walk(s, contract, lots)
    return max(price, limit) if lots < 0 else min(price, limit)


def sell_forced(s, book, first, last, sign, contract, room, limit):
    """Fill the forced orders [first, last) of `book` from `room` lots at one average price, pro rata, left-over lots one each in the
    order they stand (identity).
    """
    accounts, positions, contracts = (state.accounts(s), state.positions(s), state.contracts(s))
    total = 0
    for i in range(first, last):
        total += book[B_WANT, i]
    done = min(total, room)
    price = market_price(s, contract, sign * done, limit)
    left = done
    for i in range(first, last):
        left -= mul_div(book[B_WANT, i], done, total)
    for i in range(first, last):
        lots = mul_div(book[B_WANT, i], done, total)
        if left > 0 and lots < book[B_WANT, i]:
            lots += 1
            left -= 1
        if lots == 0:
            continue
        j = book[B_ROW, i]
        zero = bankrupt_at(s, j)
        accounts[A_STEPS, positions[P_ACCOUNT, j]] += 1
        fill(s, j, sign * lots, price, FORCED)
        fill(s, special_row(s, MAKER, contract), -sign * lots, price, FORCED)
        contracts[C_VOLUME, contract] += lots * price * contracts[C_UNIT, contract]
        note_forced(s, j, MAKER, sign, lots, price, zero)


def work_orders(s, book, ratios):
    """Work the forced orders in turn; neighbours of equal ratio, contract, side and limit share one average."""
    positions = state.positions(s)
    i, n = (0, ratios.size)
    while i < n:
        j = book[B_ROW, i]
        limit, contract, long = (limit_of(s, j), state.bands(s)[B_CONTRACT, j], positions[P_LOTS, j] > 0)
        if state.clock(s)[K_BOOK] != 0:
            if dump(s, j, contract, -1 if long else 1, book[B_WANT, i], limit, bankrupt_at(s, j), FORCED) > 0:
                state.accounts(s)[A_STEPS, positions[P_ACCOUNT, j]] += 1
            i += 1
            continue
        last = i + 1
        while last < n and ratios[last] == ratios[i]:
            other = book[B_ROW, last]
            if state.bands(s)[B_CONTRACT, other] != contract or (positions[P_LOTS, other] > 0) != long or limit_of(s, other) != limit:
                break
            last += 1
        sign = -1 if long else 1
        room = market_room(s, contract, sign, limit)
        if room > 0:
            sell_forced(s, book, i, last, sign, contract, room, limit)
        i = last
