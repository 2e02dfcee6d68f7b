"""Scores in compiled code: the figures they share, and their values for tables and for candidates as the engine sees them."""

import math

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import B_CONTRACT, C_MARK, C_UNIT, F_LOT, F_TICK
from adlabm.kernels.rules import call_real

__all__ = ["ratio", "product", "signed", "return_on", "leverage_on", "apply", "score_table", "score_row", "score_rows"]

ARGUMENTS = ("quantity", "entry_price", "mark_price", "equity", "wallet", "pnl", "maintenance_margin", "bankruptcy_price")
"""What a score may read of a row, by these names, as parameters."""
QUANTITY, ENTRY, MARK, EQUITY, WALLET, PNL, MAINTENANCE = range(7)
MOST_ARGUMENTS = 6

SEEN_ROW, SEEN_IDENTITY, SEEN_LOTS, SEEN_ENTRY, SEEN_EQUITY, SEEN_WALLET, SEEN_PROFIT, SEEN_MARGIN, SEEN_OPENED, SEEN_TOTAL = range(10)
SEEN_COLUMNS = 10


def ratio(above, below):
    """above / below; where below is not positive: 0 for 0, else infinity with the sign of `above`."""
    if below > 0.0:
        return above / below
    return 0.0 if above == 0.0 else math.copysign(math.inf, above)


def product(left, right):
    """left x right, with 0 x infinity = 0."""
    return 0.0 if left == 0.0 or right == 0.0 else left * right


def signed(returns, leverage):
    """returns x leverage where they are above zero, else returns / leverage."""
    return product(returns, leverage if returns > 0.0 else ratio(1.0, leverage))


def return_on(quantity, entry_price, pnl):
    """Unrealised profit over |entry value|."""
    return ratio(pnl, abs(quantity * entry_price))


def leverage_on(quantity, mark_price, equity):
    """|Mark value| over equity."""
    return ratio(abs(quantity * mark_price), equity)


def apply(score, count, x):
    """The score at this address, applied to the first `count` numbers of x."""
    if count == 1:
        return call_real(score, (x[0],))
    if count == 2:
        return call_real(score, (x[0], x[1]))
    if count == 3:
        return call_real(score, (x[0], x[1], x[2]))
    if count == 4:
        return call_real(score, (x[0], x[1], x[2], x[3]))
    if count == 5:
        return call_real(score, (x[0], x[1], x[2], x[3], x[4]))
    return call_real(score, (x[0], x[1], x[2], x[3], x[4], x[5]))


def score_table(score, columns):
    """Scores of n rows whose arguments are the rows of `columns`, float64 (arguments, n)."""
    found, x = (np.empty(columns.shape[1]), np.empty(MOST_ARGUMENTS))
    for i in range(columns.shape[1]):
        for k in range(columns.shape[0]):
            x[k] = columns[k, i]
        found[i] = apply(score, columns.shape[0], x)
    return found


def score_row(s, score, reads, seen, i, x):
    """Score of candidate i of `seen`, in contracts and quote currency; `reads`: what it reads, as places in ARGUMENTS; x: room for that."""
    reals, contracts = (state.reals(s), state.contracts(s))
    contract = state.bands(s)[B_CONTRACT, seen[SEEN_ROW, i]]
    mark, tick = (contracts[C_MARK, contract], reals[F_TICK, contract])
    value = float(seen[SEEN_LOTS, i] * contracts[C_UNIT, contract])
    for k in range(reads.size):
        what = reads[k]
        if what == QUANTITY:
            x[k] = seen[SEEN_LOTS, i] * reals[F_LOT, contract]
        elif what == ENTRY:
            x[k] = seen[SEEN_ENTRY, i] / value * tick
        elif what == MARK:
            x[k] = mark * tick
        elif what == EQUITY:
            x[k] = seen[SEEN_EQUITY, i] / 1e6
        elif what == WALLET:
            x[k] = seen[SEEN_WALLET, i] / 1e6
        elif what == PNL:
            x[k] = seen[SEEN_PROFIT, i] / 1e6
        elif what == MAINTENANCE:
            x[k] = seen[SEEN_MARGIN, i] / 1e6
        else:
            x[k] = (mark - seen[SEEN_EQUITY, i] * (seen[SEEN_TOTAL, i] / max(seen[SEEN_MARGIN, i], 1)) / value) * tick
    return apply(score, reads.size, x)


def score_rows(s, score, reads, seen):
    """Scores of all candidates of `seen`, float64 (n,)."""
    found, x = (np.empty(seen.shape[1]), np.empty(MOST_ARGUMENTS))
    for i in range(seen.shape[1]):
        found[i] = score_row(s, score, reads, seen, i, x)
    return found
