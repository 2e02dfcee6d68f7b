"""A limit order book with price-time priority in one row of whole numbers: a ring of price levels, a bitmap of those in use, a pool of
orders. Every action takes the same time however deep the book is.

`b` is int64 (size_of(levels, capacity),): a header, then for every level its first and last order, the bitmap (32 levels to a word), the
order rows (the first COUNT are live), the orders. A price p, in ticks, lives in level p mod levels while BASE <= p < BASE + levels; BASE
and levels are multiples of 32. Links are rows + 1, so that 0 means none. The book knows no money: who may trade is the caller's matter.
SIZE, DRAWS and FAIR are the background flow's (`adlabm.kernels.flow`), FROM_BID and FROM_ASK the best prices when the orders of a
round began.
"""

from adlabm.kernels.columns import NEVER

__all__ = [
    "size_of", "open_book", "lowest_from", "highest_from", "order_at", "rest", "remove", "take", "find", "next_match", "middle", "sweep",
    "slide", "submit", "process",
]  # fmt: skip

H_BASE, H_LEVELS, H_CAPACITY, H_WORDS, H_ROWS, H_ORDERS, H_BID, H_ASK, H_COUNT, H_SERIAL, H_LAST = range(11)
H_SIZE, H_DRAWS, H_FAIR, H_FROM_BID, H_FROM_ASK = range(11, 16)
HEADER = 16
U_ID, U_OWNER, U_SIGN, U_PRICE, U_LOTS, U_NEXT, U_PREVIOUS, U_PLACE = range(8)
ORDER_COLUMNS = 8
NO_BID, NO_ASK = 0, NEVER
ANYBODY = -1
LIMIT, MARKET, IMMEDIATE, POST_ONLY, CANCEL = range(5)
DONE, CROSSES, OUTSIDE, FULL, GONE = -1, -2, -3, -4, -5
N_EVENT, N_ID, N_OWNER, N_PRICE, N_LOTS = range(5)
FILL_COLUMNS = 5
Q_KIND, Q_OWNER, Q_SIGN, Q_PRICE, Q_LOTS = range(5)
REQUEST_COLUMNS = 5


def size_of(levels, capacity):
    """Whole numbers that a book of so many levels and orders takes."""
    return HEADER + 2 * levels + levels // 32 + (1 + ORDER_COLUMNS) * capacity


def open_book(b, price, levels, capacity):
    """Lay out an empty book whose window is centred on `price`."""
    b[:] = 0
    b[H_BASE], b[H_LEVELS], b[H_CAPACITY] = max(price - levels // 2, 0) // 32 * 32, levels, capacity
    b[H_LAST] = b[H_FAIR] = price
    b[H_WORDS] = HEADER + 2 * levels
    b[H_ROWS] = b[H_WORDS] + levels // 32
    b[H_ORDERS] = b[H_ROWS] + capacity
    b[H_BID], b[H_ASK] = NO_BID, NO_ASK
    for row in range(capacity):
        b[b[H_ROWS] + row] = row


def lowest_from(b, price):
    """Lowest price in use at or above `price`, NO_ASK when there is none."""
    end = b[H_BASE] + b[H_LEVELS]
    while price < end:
        slot = price & (b[H_LEVELS] - 1)
        word = b[b[H_WORDS] + (slot >> 5)] >> (slot & 31)
        if word != 0:
            for step in (16, 8, 4, 2, 1):
                if word & ((1 << step) - 1) == 0:
                    word >>= step
                    price += step
            return price
        price += 32 - (slot & 31)
    return NO_ASK


def highest_from(b, price):
    """Highest price in use at or below `price`, NO_BID when there is none."""
    while price >= b[H_BASE]:
        slot = price & (b[H_LEVELS] - 1)
        word = b[b[H_WORDS] + (slot >> 5)] & ((2 << (slot & 31)) - 1)
        price -= slot & 31
        if word != 0:
            for step in (16, 8, 4, 2, 1):
                if word >> step != 0:
                    word >>= step
                    price += step
            return price
        price -= 1
    return NO_BID


def order_at(b, row):
    """Where an order's columns begin."""
    return b[H_ORDERS] + ORDER_COLUMNS * row


def rest(b, owner, sign, price, lots):
    """Put an order behind those of its price and return its number. It must cross nobody, lie in the window and find a free row."""
    row = b[b[H_ROWS] + b[H_COUNT]]
    level, order = HEADER + 2 * (price & (b[H_LEVELS] - 1)), order_at(b, row)
    last = b[level + 1]
    b[H_SERIAL] += 1
    number = b[H_SERIAL] * b[H_CAPACITY] + row
    b[order + U_ID], b[order + U_OWNER], b[order + U_SIGN], b[order + U_PRICE], b[order + U_LOTS] = (number, owner, sign, price, lots)
    b[order + U_NEXT], b[order + U_PREVIOUS], b[order + U_PLACE] = (0, last, b[H_COUNT])
    b[H_COUNT] += 1
    b[level + 1] = row + 1
    if last != 0:
        b[order_at(b, last - 1) + U_NEXT] = row + 1
        return number
    b[level] = row + 1
    slot = price & (b[H_LEVELS] - 1)
    b[b[H_WORDS] + (slot >> 5)] |= 1 << (slot & 31)
    if sign > 0:
        b[H_BID] = max(b[H_BID], price)
    else:
        b[H_ASK] = min(b[H_ASK], price)
    return number


def remove(b, row):
    """Take an order out of the book."""
    order = order_at(b, row)
    price, before, after, place = (b[order + U_PRICE], b[order + U_PREVIOUS], b[order + U_NEXT], b[order + U_PLACE])
    slot = price & (b[H_LEVELS] - 1)
    level = HEADER + 2 * slot
    if before != 0:
        b[order_at(b, before - 1) + U_NEXT] = after
    else:
        b[level] = after
    if after != 0:
        b[order_at(b, after - 1) + U_PREVIOUS] = before
    else:
        b[level + 1] = before
    b[order + U_ID] = 0
    b[H_COUNT] -= 1
    last = b[b[H_ROWS] + b[H_COUNT]]
    b[b[H_ROWS] + place], b[b[H_ROWS] + b[H_COUNT]] = (last, row)
    b[order_at(b, last) + U_PLACE] = place
    if before == 0 and after == 0:
        b[b[H_WORDS] + (slot >> 5)] ^= 1 << (slot & 31)
        if price == b[H_BID]:
            b[H_BID] = highest_from(b, price - 1)
        elif price == b[H_ASK]:
            b[H_ASK] = lowest_from(b, price + 1)


def take(b, row, lots):
    """Trade `lots` of an order."""
    order = order_at(b, row)
    b[H_LAST] = b[order + U_PRICE]
    b[order + U_LOTS] -= lots
    if b[order + U_LOTS] == 0:
        remove(b, row)


def find(b, number):
    """Row of a live order, -1 when it was filled or cancelled."""
    row = number % b[H_CAPACITY]
    return row if number > 0 and b[order_at(b, row) + U_ID] == number else -1


def next_match(b, owner, sign, limit):
    """Row of the order that the next lot of `owner` in direction `sign` trades with at `limit` or better, -1 when there is none.

    Orders of the same owner (but not of ANYBODY) that stand in the way are cancelled: nobody trades with himself.
    """
    while True:
        price = b[H_ASK] if sign > 0 else b[H_BID]
        if (price > limit) if sign > 0 else (price < limit):
            return -1
        row = b[HEADER + 2 * (price & (b[H_LEVELS] - 1))] - 1
        if owner == ANYBODY or b[order_at(b, row) + U_OWNER] != owner:
            return row
        remove(b, row)


def middle(b):
    """The middle of bid and ask (ticks, real); where a side is empty, the last price, but not beyond the other side."""
    if b[H_BID] == NO_BID:
        return float(min(b[H_LAST], b[H_ASK]))
    return 0.5 * (float(b[H_BID]) + float(b[H_ASK])) if b[H_ASK] != NO_ASK else float(max(b[H_LAST], b[H_BID]))


def sweep(b, sign, lots, limit):
    """What an order in direction `sign` would find at `limit` or better: (lots, at most `lots`; their sum of lots x price, real)."""
    price, found, cost = (b[H_ASK] if sign > 0 else b[H_BID], 0, 0.0)
    while found < lots and ((price <= limit) if sign > 0 else (price >= limit)):
        row = b[HEADER + 2 * (price & (b[H_LEVELS] - 1))]
        while row != 0 and found < lots:
            order = order_at(b, row - 1)
            part = min(b[order + U_LOTS], lots - found)
            found += part
            cost += float(part) * float(price)
            row = b[order + U_NEXT]
        price = lowest_from(b, price + 1) if sign > 0 else highest_from(b, price - 1)
    return (found, cost)


def slide(b, base):
    """Move the window to begin at `base`; orders outside of it are cancelled."""
    k = 0
    while k < b[H_COUNT]:
        row = b[b[H_ROWS] + k]
        price = b[order_at(b, row) + U_PRICE]
        if base <= price < base + b[H_LEVELS]:
            k += 1
        else:
            remove(b, row)
    b[H_BASE] = base


def submit(b, fills, n, event, kind, owner, sign, price, lots):
    """Carry out an order and log its fills from row n on. Returns (number of the resting order, or DONE when nothing rests, CROSSES,
    OUTSIDE, FULL; rows of `fills` in use)."""
    if kind == POST_ONLY and ((price >= b[H_ASK]) if sign > 0 else (price <= b[H_BID])):
        return (CROSSES, n)
    rests = kind in (LIMIT, POST_ONLY)
    if rests:
        if not b[H_BASE] <= price < b[H_BASE] + b[H_LEVELS]:
            return (OUTSIDE, n)
        if b[H_COUNT] == b[H_CAPACITY]:
            return (FULL, n)
    limit = price if kind != MARKET else (NEVER - 1 if sign > 0 else 1)
    while lots > 0:
        row = next_match(b, owner, sign, limit)
        if row < 0:
            break
        order = order_at(b, row)
        part = min(lots, b[order + U_LOTS])
        fills[n, N_EVENT], fills[n, N_ID], fills[n, N_OWNER] = (event, b[order + U_ID], b[order + U_OWNER])
        fills[n, N_PRICE], fills[n, N_LOTS] = (b[order + U_PRICE], part)
        n += 1
        lots -= part
        take(b, row, part)
    if lots > 0 and rests:
        return (rest(b, owner, sign, price, lots), n)
    return (DONE, n)


def process(b, requests, answers, fills):
    """Carry out requests in turn; requests int64 (n, REQUEST_COLUMNS), answers int64 (n,), fills int64 (enough, FILL_COLUMNS).

    A CANCEL names the request that placed the order in Q_LOTS; its answer is DONE or GONE. Returns the rows of `fills` in use.
    """
    n = 0
    for event in range(requests.shape[0]):
        request = requests[event]
        if request[Q_KIND] == CANCEL:
            row = find(b, answers[request[Q_LOTS]])
            answers[event] = GONE if row < 0 else DONE
            if row >= 0:
                remove(b, row)
        else:
            answers[event], n = submit(
                b, fills, n, event, request[Q_KIND], request[Q_OWNER], request[Q_SIGN], request[Q_PRICE], request[Q_LOTS]
            )
    return n
