"""Price formation: index, depth, premium, mark and funding of every contract.

Consumption c (lots, negative when the bids are eaten) displaces the price by x(c) = sign(c) 1 % (|c| / D1)^(1/phi); a walk of Q lots
moves the price by x(c + Q) - x(c), of which a share
`permanent` moves the index for good (GONE). Trade price = base x (1 + GONE + (1 - permanent) x(c) + ECHO), ECHO what voluntary flow has
left where it follows a law of its own (`adlabm.kernels.metaorder`). Source: Obizhaeva and Wang (2013),
J. Financial Markets 16(1), with a power-law book.
"""

import math

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    C_FUNDING, C_INDEX, C_LONG, C_MARK, C_PREVIOUS, C_REST, C_TRADE, C_UNIT, FUNDING, F_AVERAGE, F_BASE, F_BUDGET, F_DECAY,
    F_DEPTH_ASK, F_DEPTH_BID, F_ECHO, F_FLOOR, F_FULL_ASK, F_FULL_BID, F_GONE, F_LAST, F_PERMANENT, F_PHI, F_PREMIUM, F_RATE,
    F_REFILLED, F_SIGMA, F_SUM, F_TIME, F_USED, F_USUAL, F_VARIANCE, F_WITHDRAWAL, F_WORTH, HORIZONS_S, INDEXED, K_BOOK, K_ERROR,
    K_EXTERNAL, K_QUEUE, NANO, OVERFLOW, R_CAP, R_CLAMP, R_DAMPER, R_INTEREST, R_TAU_MS, R_VARIANCE_MS,
)  # fmt: skip
from adlabm.kernels.ledger import SAFE, conserved, event, journal
from adlabm.kernels.mathx import exp, power
from adlabm.kernels.orderbook import middle

__all__ = [
    "clip", "to_ticks", "shift_of", "shift_area", "lots_at", "level_of", "trade_price", "walk_price", "walk_limit", "capacity", "displace",
    "walk", "set_index", "advance_price", "watch_volatility", "mark_of", "set_mark", "pay_funding",
]  # fmt: skip


def clip(x, low, high):
    """x limited to [low, high]."""
    return min(max(x, low), high)


def to_ticks(price):
    """Nearest whole tick, from 1 to 4e18; halves go up, also what misses one by the last digits of a float: 1e-12 of the price, a
    millionth of a tick at most.
    """
    price = min(price, 4.0e18)
    whole = math.floor(price)
    return max(np.int64(whole) + (price - whole >= 0.5 - min(price * 1e-12, 1e-6)), 1)


def shift_of(s, contract, used):
    """Displacement x(c) of the price (a fraction of the level) by consumption `used` (lots, real)."""
    reals = state.reals(s)
    if used == 0.0:
        return 0.0
    depth = reals[F_DEPTH_ASK, contract] if used > 0 else reals[F_DEPTH_BID, contract]
    size = 0.01 * power(abs(used) / depth, 1.0 / reals[F_PHI, contract])
    return size if used > 0 else -size


def shift_area(s, contract, used):
    """Integral of x over consumption from 0 to `used` (lots x fraction; even in `used`)."""
    reals = state.reals(s)
    if used == 0.0:
        return 0.0
    depth = reals[F_DEPTH_ASK, contract] if used > 0 else reals[F_DEPTH_BID, contract]
    order = 1.0 / reals[F_PHI, contract]
    return 0.01 * depth * power(abs(used) / depth, order + 1.0) / (order + 1.0)


def lots_at(s, contract, shift):
    """Consumption (lots, real) at which the displacement is `shift`."""
    reals = state.reals(s)
    if shift == 0.0:
        return 0.0
    depth = reals[F_DEPTH_ASK, contract] if shift > 0 else reals[F_DEPTH_BID, contract]
    size = depth * power(abs(shift) / 0.01, reals[F_PHI, contract])
    return size if shift > 0 else -size


def level_of(s, contract):
    """Where the walk of the next lot begins, over the exogenous level."""
    reals = state.reals(s)
    shift = shift_of(s, contract, reals[F_USED, contract])
    return 1.0 + reals[F_GONE, contract] + (1.0 - reals[F_PERMANENT, contract]) * shift + reals[F_ECHO, contract]


def trade_price(s, contract):
    """Current trade price (ticks, real): the level that the next lot meets; the middle of an order book."""
    reals = state.reals(s)
    if state.clock(s)[K_BOOK] != 0:
        return middle(state.books(s)[contract])
    return reals[F_BASE, contract] * level_of(s, contract)


def walk_price(s, contract, lots):
    """Average price (whole ticks) of a walk of `lots` (signed: positive buys) and the displacement it adds (signed fraction)."""
    reals = state.reals(s)
    used = reals[F_USED, contract]
    before = shift_of(s, contract, used)
    after = shift_of(s, contract, used + lots)
    mean = (shift_area(s, contract, used + lots) - shift_area(s, contract, used)) / lots - before
    return (to_ticks(reals[F_BASE, contract] * (level_of(s, contract) + mean)), after - before)


def walk_limit(s, contract, sign, limit):
    """Largest displacement (non-negative fraction) a walk may add before its last lot trades worse than `limit` (ticks)."""
    reals = state.reals(s)
    room = limit / reals[F_BASE, contract] - level_of(s, contract)
    return max(room if sign > 0 else -room, 0.0)


def capacity(s, contract, sign, displacement):
    """Whole lots that a walk in direction `sign` may take when it may add `displacement` (fraction); 1e18 stand for any number.

    What misses a whole lot by the last digits of a float, 1e-12 of it, has it: the way back from lots to displacement loses these. A walk
    that ends nearer to the middle than the last digits of the level, 1e-14, ends there: lots rise steeply from it."""
    reals = state.reals(s)
    used = reals[F_USED, contract]
    target = shift_of(s, contract, used) + (displacement if sign > 0 else -displacement)
    target = target if abs(target) > 1e-14 else 0.0
    lots = min(abs(lots_at(s, contract, target) - used), 1e18)
    return max(np.int64(math.floor(lots * (1.0 + 1e-12) + 1e-9)), 0) if displacement > 0.0 else 0


def displace(s, contract, lasts):
    """Move the index for good by `lasts` (fraction of the exogenous level), but not below one tick."""
    reals = state.reals(s)
    gone = reals[F_GONE, contract]
    reals[F_GONE, contract] = max(gone + lasts, min(gone, 1.0 / reals[F_BASE, contract] - 1.0))
    state.contracts(s)[C_INDEX, contract] = to_ticks(reals[F_BASE, contract] * (1.0 + reals[F_GONE, contract]))


def walk(s, contract, lots):
    """Consume the book by `lots` (signed): moves consumption, the index by the permanent share, and the trade price."""
    contracts, reals = (state.contracts(s), state.reals(s))
    before = shift_of(s, contract, reals[F_USED, contract])
    reals[F_USED, contract] += lots
    added = shift_of(s, contract, reals[F_USED, contract]) - before
    displace(s, contract, reals[F_PERMANENT, contract] * added)
    reals[F_BUDGET, contract] -= abs(added)
    contracts[C_TRADE, contract] = to_ticks(trade_price(s, contract))


def set_index(s, contract, level):
    """Move the exogenous level; the index follows with its displacement."""
    contracts, reals = (state.contracts(s), state.reals(s))
    reals[F_BASE, contract] = level
    contracts[C_INDEX, contract] = to_ticks(level * (1.0 + reals[F_GONE, contract]))


def advance_price(s, contract, level, elapsed_ms):
    """One round's passage of time for a contract: index, averages, depth withdrawal and refill."""
    contracts, reals, clock = (state.contracts(s), state.reals(s), state.clock(s))
    set_index(s, contract, level)
    now = level * (1.0 + reals[F_GONE, contract])
    seconds = elapsed_ms / 1000.0
    if clock[K_EXTERNAL] == 0:
        decay = exp(-seconds * reals[F_DECAY, contract])
        lost = abs(reals[F_USED, contract]) * (1.0 - decay)
        if clock[K_QUEUE] > 0 and reals[F_USED, contract] < 0:
            reals[F_REFILLED, contract] += lost
        reals[F_USED, contract] *= decay
        ratio = reals[F_SIGMA, contract] / math.sqrt(max(reals[F_VARIANCE, contract] * 31536000.0, 1e-12))
        share = 1.0 if ratio >= 1.0 else max(power(ratio, reals[F_WITHDRAWAL, contract]), reals[F_FLOOR, contract])
        if reals[F_WORTH, contract] > 0.0:
            share *= reals[F_WORTH, contract] / now
        reals[F_DEPTH_BID, contract] = max(reals[F_FULL_BID, contract] * share, 1.0)
        reals[F_DEPTH_ASK, contract] = max(reals[F_FULL_ASK, contract] * share, 1.0)
        contracts[C_TRADE, contract] = to_ticks(trade_price(s, contract))
    else:
        contracts[C_TRADE, contract] = contracts[C_INDEX, contract]
    for h in range(len(HORIZONS_S)):
        weight = 1.0 - exp(-seconds / HORIZONS_S[h])
        reals[F_AVERAGE + h, contract] += weight * (now - reals[F_AVERAGE + h, contract])


def watch_volatility(s, contract, elapsed_ms):
    """Update the index's variance per second with its return over one tick.

    The clock is the tick's, whatever the rounds: the squared return of a smooth fall shrinks with the step, and makers would see less
    volatility in a finer cascade.
    """
    reals, rates = (state.reals(s), state.rates(s))
    now = reals[F_BASE, contract] * (1.0 + reals[F_GONE, contract])
    change = now / reals[F_LAST, contract] - 1.0
    rate = change * change / (elapsed_ms / 1000.0)
    weight = 1.0 - exp(-elapsed_ms / rates[R_VARIANCE_MS])
    reals[F_VARIANCE, contract] += weight * (rate - reals[F_VARIANCE, contract])
    weight = 1.0 - exp(-elapsed_ms / (1000.0 * HORIZONS_S[-1]))
    reals[F_USUAL, contract] += weight * (rate - reals[F_USUAL, contract])
    reals[F_LAST, contract] = now


def mark_of(s, contract, index, premium):
    """Mark price (ticks) = index x (1 + clip(premium average, -clamp, clamp))."""
    rates = state.rates(s)
    return to_ticks(index * (1.0 + clip(premium, -rates[R_CLAMP], rates[R_CLAMP])))


def set_mark(s, contract, elapsed_ms):
    """Advance the premium's moving average (time constant tau) and set the mark price; an open interest beyond 64-bit money is an error
    here.
    """
    contracts, reals, clock, rates = (state.contracts(s), state.reals(s), state.clock(s), state.rates(s))
    index = reals[F_BASE, contract] * (1.0 + reals[F_GONE, contract])
    premium = trade_price(s, contract) / index - 1.0 if clock[K_EXTERNAL] == 0 else 0.0
    reals[F_PREMIUM, contract] += (1.0 - exp(-elapsed_ms / rates[R_TAU_MS])) * (premium - reals[F_PREMIUM, contract])
    reals[F_SUM, contract] += premium * elapsed_ms
    reals[F_TIME, contract] += elapsed_ms
    contracts[C_PREVIOUS, contract] = contracts[C_MARK, contract]
    contracts[C_MARK, contract] = mark_of(s, contract, index, reals[F_PREMIUM, contract])
    if (
        float(contracts[C_LONG, contract]) * float(contracts[C_MARK, contract]) * float(contracts[C_UNIT, contract]) > SAFE
        and clock[K_ERROR] == 0
    ):
        clock[K_ERROR] = OVERFLOW


def pay_funding(s, contract):
    """Funding at its interval: F = clip(P + clip(I - P, -d, d), -cap, cap) on the mean premium P, paid on the mark value per lot.

    The index per lot is the floor of the exact cumulated funding; the fraction is carried. Source: venue notes form, Binance funding FAQ.
    """
    contracts, reals, rates = (state.contracts(s), state.reals(s), state.rates(s))
    mean = reals[F_SUM, contract] / reals[F_TIME, contract] if reals[F_TIME, contract] > 0 else 0.0
    rate = clip(mean + clip(rates[R_INTEREST] - mean, -rates[R_DAMPER], rates[R_DAMPER]), -rates[R_CAP], rates[R_CAP])
    reals[F_SUM, contract], reals[F_TIME, contract], reals[F_RATE, contract] = (0.0, 0.0, rate)
    nano = np.int64(math.floor(rate * 1000000000.0 + 0.5))
    exact = contracts[C_REST, contract] + nano * (contracts[C_MARK, contract] * contracts[C_UNIT, contract] % NANO)
    whole = nano * (contracts[C_MARK, contract] * contracts[C_UNIT, contract] // NANO)
    change = whole + exact // NANO
    contracts[C_REST, contract] = exact % NANO
    contracts[C_FUNDING, contract] += change
    journal(s, INDEXED, -1, contract, 0, 0, 0, change, 0)
    event(s, FUNDING, -1, -1, contract, 0, 0, 0, change * contracts[C_LONG, contract])
    conserved(s)
