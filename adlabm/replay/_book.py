"""The measured book seen from the mark: a bid that never leaves the file moves its middle, and with it every level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adlabm.data.book_depth import BookDepth

ABOVE = 0.002
"""A narrowest bid level whose average price lies so far above the mark is stuck: nobody would leave such a bid unfilled."""
NEAREST = 0.5
"""Least distance from the mark, in percent, at which a level says something about depth."""


@dataclass(frozen=True)
class Net:
    """Depth within 1 % of the mark, contracts, by snapshot.

    Attributes:
        times_ms: int64, UTC.
        sides: float64[snapshots, 2], bids and asks.
        read: bool[snapshots, 2], false where no level could be read; the other side's depth stands there, else the last one.
        stuck: snapshots with a stuck bid.
    """

    times_ms: NDArray[np.int64]
    sides: NDArray[np.float64]
    read: NDArray[np.bool_]
    stuck: int


def seen_from(book: BookDepth, mark: NDArray[np.float64]) -> Net:
    """Net depth of every snapshot, given the mark at its time.

    Formula: with a stuck bid at b the file's middle is (b + mark) / 2, so its level x lies at the distance
        x' = |(b + mark) (1 + x) / (2 mark) - 1| from the mark; D1 = (N(x) - stuck) / x' ** phi at the readable level whose x' is nearest
        to 1 %. Without a stuck bid x' = x.
    Units: mark in quote currency, one per snapshot; depths in contracts.
    Source: own. On 10 October 2025 the file's bids within 1 % freeze at 2.1 M USDT around 121,364; with the middle so moved, the depths
        read at its levels of 4 and 5 % agree (149 and 146 M USDT at 21:10), with the middle at the mark they do not.
    """
    with np.errstate(invalid="ignore"):
        average = book.notional / book.depth
    bids, asks = np.flatnonzero(book.levels < 0)[::-1], np.flatnonzero(book.levels > 0)
    top = average[:, bids[0]]
    seen = np.flatnonzero(top > mark * (1 + ABOVE))
    last = np.zeros(len(mark), np.int64)
    last[seen] = seen
    last = np.maximum.accumulate(last)
    stuck = np.arange(len(mark)) >= (seen[0] if len(seen) else len(mark))
    middle = np.where(stuck, (top[last] + mark) / 2, mark)
    amount = np.where(stuck, book.depth[last, bids[0]], 0.0)
    sides, read = np.empty((len(mark), 2)), np.empty((len(mark), 2), np.bool_)
    for side, (levels, sign) in enumerate(((bids, -1.0), (asks, 1.0))):
        distance = 100 * sign * (middle[:, None] * (1 + book.levels[levels] / 100) / mark[:, None] - 1)
        depth = book.depth[:, levels] - (amount[:, None] if side == 0 else 0.0)
        usable = (distance >= NEAREST) & ~book.stale[:, levels] & (depth > 0)
        off = np.where(usable, np.abs(np.log(np.where(usable, distance, 1.0))), np.inf)
        best, rows = off.argmin(axis=1), np.arange(len(mark))
        read[:, side] = usable.any(axis=1)
        own = depth[rows, best] / np.where(read[:, side], distance[rows, best], 1.0) ** book.phi
        sides[:, side] = np.where(read[:, side], own, np.nan)
    sides = np.where(read, sides, sides[:, ::-1])
    known = np.maximum.accumulate(np.where(read.any(axis=1), np.arange(len(mark)), -1))
    sides = sides[np.where(known < 0, int(read.any(axis=1).argmax()), known)]
    return Net(book.times_ms, sides, read, int(stuck.sum()))
