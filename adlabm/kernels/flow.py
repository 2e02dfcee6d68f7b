"""Background flow of an order book: outsiders' limit orders, market orders and cancellations, each a Poisson stream.

Bids and asks of SIZE lots arrive at rate theta D(w) / SIZE per side, at a distance x from their reference with P(distance < x) =
(x / w)^phi up to the window w; every order is cancelled at rate theta = ln 2 / half-life; so in calm the book within x holds
D(x) = D1 (x / 1 %)^phi lots, as under price formation by depth. Market orders of SIZE lots make the daily turnover, half of them on each
side. Anchored at the index, the reference is the index, and the orders move with it: outsiders know it. Anchored at the book, the
reference is the best quote of the other side, and nobody outside knows the index.
Source: Farmer, Patelli and Zovko (2005), PNAS 102(6) (uniform arrivals: phi = 1, anchored at the book); Cont, Stoikov and Talreja (2010),
Operations Research 58(3) (arrivals that fall as a power of the distance, cancellation of every order at a rate of its own).
"""

import math

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    C_LONG, C_TRADE, F_BASE, F_DECAY, F_DEPTH_ASK, F_DEPTH_BID, F_GONE, F_PHI, K_BOOK, K_KEY0, K_KEY1, K_SEGMENT_LEFT,
    K_TICK, NEVER, R_TURNOVER, R_WINDOW,
)  # fmt: skip
from adlabm.kernels.market import to_ticks, trade_price
from adlabm.kernels.matching import outside
from adlabm.kernels.mathx import log, power
from adlabm.kernels.orderbook import (
    ANYBODY, HEADER, H_ASK, H_BASE, H_BID, H_CAPACITY, H_COUNT, H_DRAWS, H_FAIR, H_LAST, H_LEVELS, H_ROWS, H_SIZE, NO_ASK,
    NO_BID, U_LOTS, U_NEXT, U_OWNER, highest_from, lowest_from, order_at, remove, rest, slide,
)  # fmt: skip
from adlabm.kernels.philox import draw2

__all__ = ["fair_price", "reference", "quote", "arrive", "requote", "follow", "fill_book", "background", "trades_at_most"]

FLOW = 8 << 16
AT_INDEX, AT_BOOK = 1, 2


def fair_price(s, contract):
    """What outsiders think the contract is worth (ticks, real): the index, or, where they do not know it, the middle of the book."""
    reals = state.reals(s)
    if state.clock(s)[K_BOOK] == AT_BOOK:
        return trade_price(s, contract)
    return reals[F_BASE, contract] * (1.0 + reals[F_GONE, contract])


def reference(s, contract, sign):
    """The price (ticks, real) from which a new order's distance is counted."""
    b = state.books(s)[contract]
    if state.clock(s)[K_BOOK] == AT_INDEX:
        return fair_price(s, contract)
    best = b[H_ASK] if sign > 0 else b[H_BID]
    return float(b[H_LAST]) if best in (NO_BID, NO_ASK) else float(best)


def quote(s, contract, sign, price, lots):
    """An outsider's limit order: it trades with what it meets, and the rest of it rests where there is room."""
    b = state.books(s)[contract]
    if b[H_BASE] <= price < b[H_BASE] + b[H_LEVELS] and price > NO_BID:
        left = outside(s, contract, sign, lots, price)
        if left > 0 and b[H_COUNT] < b[H_CAPACITY]:
            rest(b, ANYBODY, sign, price, left)


def arrive(s, contract, sign, share):
    """A limit order whose distance is the quantile `share` of its law."""
    b, reals, rates = (state.books(s)[contract], state.reals(s), state.rates(s))
    x = rates[R_WINDOW] * power(share, 1.0 / reals[F_PHI, contract])
    level = reference(s, contract, sign) * (1.0 - sign * x)
    price = np.int64(math.floor(level)) if sign > 0 else np.int64(math.ceil(level))
    if state.clock(s)[K_BOOK] == AT_BOOK:
        price = min(price, b[H_ASK] - 1) if sign > 0 else max(price, b[H_BID] + 1)
    quote(s, contract, sign, price, b[H_SIZE])


def requote(s, contract):
    """Outsiders shift their orders with the index, in the order in which they lie in the book."""
    b = state.books(s)[contract]
    fair = to_ticks(fair_price(s, contract))
    shift, n = (fair - b[H_FAIR], 0)
    b[H_FAIR] = fair
    if shift == 0:
        return
    rows, moved = (np.empty(b[H_COUNT], np.int64), np.empty((3, b[H_COUNT]), np.int64))
    for sign in (1, -1):
        price = b[H_BID] if sign > 0 else b[H_ASK]
        while price not in (NO_BID, NO_ASK):
            link = b[HEADER + 2 * (price & (b[H_LEVELS] - 1))]
            while link != 0:
                order = order_at(b, link - 1)
                if b[order + U_OWNER] == ANYBODY:
                    rows[n], moved[0, n], moved[1, n], moved[2, n] = (link - 1, sign, price + shift, b[order + U_LOTS])
                    n += 1
                link = b[order + U_NEXT]
            price = highest_from(b, price - 1) if sign > 0 else lowest_from(b, price + 1)
    for i in range(n):
        remove(b, rows[i])
    for i in range(n):
        quote(s, contract, moved[0, i], moved[1, i], moved[2, i])


def follow(s, contract):
    """Centre the book's window anew when the price has gone an eighth of it."""
    b = state.books(s)[contract]
    base = max(to_ticks(fair_price(s, contract)) - b[H_LEVELS] // 2, 0) // 32 * 32
    if abs(base - b[H_BASE]) > b[H_LEVELS] // 8:
        slide(b, base)


def fill_book(s, contract):
    """The opening book: the orders of D(w) on both sides, at the mid-quantiles of their law."""
    b, reals, rates = (state.books(s)[contract], state.reals(s), state.rates(s))
    share = power(rates[R_WINDOW] / 0.01, reals[F_PHI, contract])
    for sign in (1, -1):
        depth = reals[F_DEPTH_BID, contract] if sign > 0 else reals[F_DEPTH_ASK, contract]
        count = np.int64(depth * share / b[H_SIZE])
        for k in range(count):
            arrive(s, contract, sign, (k + 0.5) / count)


def background(s, contract, seconds):
    """Background events of a stretch of time, one after another; then the trade price is the middle of the book."""
    b, contracts, reals = (state.books(s)[contract], state.contracts(s), state.reals(s))
    clock, rates = (state.clock(s), state.rates(s))
    follow(s, contract)
    if clock[K_BOOK] == AT_INDEX:
        requote(s, contract)
    theta, size = (reals[F_DECAY, contract], float(b[H_SIZE]))
    within = power(rates[R_WINDOW] / 0.01, reals[F_PHI, contract])
    bids, asks = (theta * reals[F_DEPTH_BID, contract] * within / size, theta * reals[F_DEPTH_ASK, contract] * within / size)
    takers = rates[R_TURNOVER] * float(contracts[C_LONG, contract]) / 86400.0 / size
    while True:
        total = bids + asks + takers + theta * float(b[H_COUNT])
        u, v = draw2(b[H_DRAWS] & 0xFFFFFFFF, contract, clock[K_TICK], FLOW, clock[K_KEY0], clock[K_KEY1])
        b[H_DRAWS] += 1
        seconds += log(u) / total
        if seconds <= 0.0:
            break
        which = v * total
        if which < bids:
            arrive(s, contract, 1, which / bids)
        elif which < bids + asks:
            arrive(s, contract, -1, (which - bids) / asks)
        elif which < bids + asks + takers:
            sign = 1 if which - bids - asks < 0.5 * takers else -1
            outside(s, contract, sign, b[H_SIZE], NEVER - 1 if sign > 0 else 1)
        else:
            row = b[b[H_ROWS] + min(np.int64((which - bids - asks - takers) / theta), b[H_COUNT] - 1)]
            if b[order_at(b, row) + U_OWNER] == ANYBODY:
                remove(b, row)
    contracts[C_TRADE, contract] = to_ticks(trade_price(s, contract))


def trades_at_most(s):
    """A number that the trades of a round will not reach: for room in the logs. Orders of a round number theta x seconds x those that
    rest, give or take their root."""
    books, contracts, reals, rates = (state.books(s), state.contracts(s), state.reals(s), state.rates(s))
    clock, total = (state.clock(s), 0.0)
    if clock[K_BOOK] != 0:
        seconds = clock[K_SEGMENT_LEFT] / 1000.0
        for contract in range(books.shape[0]):
            taken = rates[R_TURNOVER] * float(contracts[C_LONG, contract]) / 86400.0 / float(books[contract, H_SIZE])
            total += 2.0 * (books[contract, H_COUNT] + 64.0) * (1.0 + reals[F_DECAY, contract] * seconds) + 2.0 * taken * seconds
    return np.int64(total)
