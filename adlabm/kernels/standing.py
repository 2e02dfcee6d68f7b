"""A queue that stands while a round is deleveraged: who gives for a request, and a new place for who has changed.

Columns, best first: `keys` (minus the scores), and `book` with the rows STOOD: position row, account identity, lots and equity (micro).
Closed ones stay with no lots; `head` is the first that has some. `known` is the key of a position row, by which it is found again.
"""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.adl import see
from adlabm.kernels.columns import A_COUNT, A_FIRST, A_IDENTITY, B_CONTRACT, P_LOTS
from adlabm.kernels.scoring import SEEN_EQUITY, SEEN_LOTS, score_row

__all__ = ["place_of", "move_to", "renew", "choose"]

STOOD_ROW, STOOD_IDENTITY, STOOD_LOTS, STOOD_EQUITY = range(4)
STOOD_ROWS = 4
HEAD, TOTAL = range(2)
CHOSEN_ROW, CHOSEN_LOTS, CHOSEN_RANK, CHOSEN_LIGHTS, CHOSEN_PLACE = range(5)
CHOSEN_ROWS = 5


def place_of(keys, book, first, key, identity):
    """The first place from `first` on whose (key, identity) is not below the one given."""
    low, high = (first, keys.size)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key or (keys[middle] == key and book[STOOD_IDENTITY, middle] < identity):
            low = middle + 1
        else:
            high = middle
    return low


def move_to(keys, book, old, new):
    """Move what lies between two places by one, over the old one."""
    step = 1 if new > old else -1
    for at in range(old, new, step):
        keys[at] = keys[at + step]
        for row in range(STOOD_ROWS):
            book[row, at] = book[row, at + step]


def renew(s, contract, sign, losers, score, reads, keys, book, known, marks, seen, x, account):
    """Put the position of an account where it belongs now, if it stands here. `marks`: HEAD and TOTAL lots."""
    accounts, positions = (state.accounts(s), state.positions(s))
    for j in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
        if state.bands(s)[B_CONTRACT, j] != contract or np.isnan(known[j]):
            continue
        identity = accounts[A_IDENTITY, account]
        old = place_of(keys, book, marks[HEAD], known[j], identity)
        if old >= keys.size or book[STOOD_ROW, old] != j:
            return
        marks[TOTAL] -= book[STOOD_LOTS, old]
        if positions[P_LOTS, j] == 0 or see(s, contract, sign, losers, True, j, seen, 0) == 0:
            book[STOOD_LOTS, old] = 0
            while marks[HEAD] < keys.size and book[STOOD_LOTS, marks[HEAD]] == 0:
                marks[HEAD] += 1
            return
        key = -score_row(s, score, reads, seen, 0, x)
        new = place_of(keys, book, marks[HEAD], key, identity)
        new -= new > old
        move_to(keys, book, old, new)
        keys[new], known[j] = (key, key)
        book[STOOD_ROW, new], book[STOOD_IDENTITY, new] = (j, identity)
        book[STOOD_LOTS, new], book[STOOD_EQUITY, new] = (abs(seen[SEEN_LOTS, 0]), seen[SEEN_EQUITY, 0])
        marks[TOTAL] += book[STOOD_LOTS, new]
        return


def choose(keys, book, marks, wanted, loss, whole, bars, chosen):
    """Who closes `wanted` lots; each costs its holder `loss` (micro) of equity. `whole`: only who can give all it holds gives.

    Fills int64 `chosen` (CHOSEN_ROWS, n): position row, lots, place in the queue (1 = first), lights, and where it stands.
    Returns how many there are.
    """
    found, before, rank, at = (0, 0, 0, marks[HEAD])
    while wanted > 0 and at < keys.size:
        held = book[STOOD_LOTS, at]
        if held > 0:
            rank, before = (rank + 1, before + held)
            most = min(held, max(book[STOOD_EQUITY, at], 0) // loss) if loss > 0 else held
            given = min(wanted, 0 if whole and most < held else most)
            if given > 0:
                chosen[CHOSEN_ROW, found], chosen[CHOSEN_LOTS, found] = (book[STOOD_ROW, at], given)
                chosen[CHOSEN_RANK, found], chosen[CHOSEN_PLACE, found] = (rank, at)
                chosen[CHOSEN_LIGHTS, found] = bars + 1 + -bars * before // marks[TOTAL]
                found += 1
                wanted -= given
        at += 1
    return found
