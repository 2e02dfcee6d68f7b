"""Impact of voluntary flow: the square-root law of metaorders with a power-law propagator. Where it is off, such flow walks the book.

A round's net flow of Q lots moves the price by f = Y s q / sqrt(q + q0), q = |Q| / (V w): s a calm day's volatility, V the lots traded in a
day, w the share of the side's depth that makers have not withdrawn. That is Y s sqrt(q) above q0 = 0.001 and linear below, so that an
order worked in slices does not move the price more than at once. The index moves for good (GONE) by the share `lasting` of the f of those
who have no other leg: hedgers trade the index the other way. The rest fades as 1 / sqrt(1 + t / 60 s): a sum of ECHOES exponentials on
times four apart, from a quarter of a minute to 45 days.

Source: Donier and Bonart (2015), Market Microstructure and Liquidity 1(2), arXiv 1412.4503: Y s sqrt(Q / V), and that it fades.
Bucci, Benzaquen, Lillo and Bouchaud (2019), Phys. Rev. Lett. 122: linear below about a thousandth of a day's volume. Gatheral (2010),
Quantitative Finance 10(7): exponents 1/2 and 1/2 leave no profit in round trips. Farmer, Gerig, Lillo and Waelbroeck (2013),
Quantitative Finance 13(11): two thirds last. Bucci et al. (2018), arXiv 1804.09565: the law is one of net flow, not of each order.
"""

import math
from functools import reduce
from operator import add

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    C_TRADE, ECHOES, F_BASE, F_BUDGET, F_DAILY, F_DEPTH_ASK, F_DEPTH_BID, F_ECHO, F_FULL_ASK, F_FULL_BID, F_IMPACT, F_LASTING,
    F_PARTS,
)  # fmt: skip
from adlabm.kernels.market import capacity, displace, level_of, to_ticks, trade_price, walk, walk_price
from adlabm.kernels.mathx import exp

__all__ = ["daily_lots", "room_by_choice", "impact", "press_price", "press", "fade"]

LINEAR_BELOW = 0.001
FADES_S = tuple(60.0 * 4.0 ** (k - 1) for k in range(ECHOES))
# (1 + t)^(-1/2) is the integral of exp(-x (1 + t)) x^(-1/2) dx / Gamma(1/2), here at x = 4, 1, 1/4, ...: weights exp(-x) sqrt(x).
_SHARES = [exp(-60.0 / each) * math.sqrt(60.0 / each) for each in FADES_S]
SHARES = tuple(each / reduce(add, _SHARES) for each in _SHARES)  # Python 3.12's sum() of floats is another one than 3.11's


def daily_lots(s, contract, sign):
    """What a flow in direction `sign` is measured by (lots, real): the day's lots times the share of depth that is not withdrawn."""
    reals = state.reals(s)
    if sign > 0:
        return reals[F_DAILY, contract] * (reals[F_DEPTH_ASK, contract] / reals[F_FULL_ASK, contract])
    return reals[F_DAILY, contract] * (reals[F_DEPTH_BID, contract] / reals[F_FULL_BID, contract])


def room_by_choice(s, contract, sign, displacement):
    """Whole lots that a round's net voluntary flow may take when it may displace the price by `displacement` (fraction)."""
    size = state.reals(s)[F_IMPACT, contract]
    if size == 0.0:
        return capacity(s, contract, sign, displacement)
    square = (displacement / size) * (displacement / size)
    return np.int64(min(0.5 * (square + math.sqrt(square * (square + 4.0 * LINEAR_BELOW))) * daily_lots(s, contract, sign), 1e18))


def impact(s, contract, lots):
    """Displacement (signed fraction) by a net flow of `lots` (signed)."""
    if lots == 0:
        return 0.0
    q = float(abs(lots)) / daily_lots(s, contract, lots)
    size = state.reals(s)[F_IMPACT, contract] * q / math.sqrt(q + LINEAR_BELOW)
    return size if lots > 0 else -size


def press_price(s, contract, lots):
    """Average price (whole ticks) of a net voluntary flow of `lots` (signed): the mean of f on the way."""
    reals = state.reals(s)
    if reals[F_IMPACT, contract] == 0.0:
        price, _ = walk_price(s, contract, lots)
        return price
    q = float(abs(lots)) / daily_lots(s, contract, lots)
    area = math.sqrt(q + LINEAR_BELOW) * (2.0 * q - 4.0 * LINEAR_BELOW) / 3.0 + 4.0 / 3.0 * LINEAR_BELOW * math.sqrt(LINEAR_BELOW)
    mean = reals[F_IMPACT, contract] * max(area / q, 0.0)
    return to_ticks(reals[F_BASE, contract] * (level_of(s, contract) + (mean if lots > 0 else -mean)))


def press(s, contract, lots, unhedged):
    """Move the price by a net voluntary flow of `lots` (signed), the index by the lasting impact of those that are `unhedged`."""
    contracts, reals = (state.contracts(s), state.reals(s))
    if reals[F_IMPACT, contract] == 0.0:
        if lots != 0:
            walk(s, contract, lots)
        return
    moved = impact(s, contract, lots)
    lasts = reals[F_LASTING, contract] * impact(s, contract, unhedged)
    displace(s, contract, lasts)
    for k in range(ECHOES):
        reals[F_PARTS + k, contract] += (moved - lasts) * SHARES[k]
    reals[F_ECHO, contract] += moved - lasts
    reals[F_BUDGET, contract] -= abs(moved)
    contracts[C_TRADE, contract] = to_ticks(trade_price(s, contract))


def fade(s, contract, seconds):
    """Let past impact fade for so many seconds."""
    reals, left = (state.reals(s), 0.0)
    if reals[F_IMPACT, contract] != 0.0:
        for k in range(ECHOES):
            reals[F_PARTS + k, contract] *= exp(-seconds / FADES_S[k])
            left += reals[F_PARTS + k, contract]
        reals[F_ECHO, contract] = left
