"""Order-book depth in the format of Binance public data (`bookDepth`): cumulative depth within 1 to 5 % of mid, about every 30 s.

Levels freeze at one value when a book is under stress, and a frozen level makes the book look crossed. Validity is therefore judged per
level: *stale* is a level in a run of three or more snapshots with the same depth and notional (the whole run: a recording is read with
hindsight); crossing is judged on the other, *fresh* levels only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adlabm.data.quality import Quality
from adlabm.data.source import Cell, Table, read_table
from adlabm.errors import BadInput

COLUMNS = ("timestamp", "percentage", "depth", "notional")
STALE_RUN = 3
"""Snapshots without change that make a level stale."""
CARRIED_BID, CARRIED_ASK, CROSSED = 1, 2, 4
"""Flags of a snapshot."""
MEANING = {
    "snapshots": "{n} snapshots of the book.",
    "stale": "{n} of {rows} rows are stale: unchanged for three snapshots or more; they are not used.",
    "crossed_snapshots": "{n} snapshots are crossed on fresh levels: a bid level's average price lies above an ask level's.",
    "crossed": "{n} rows take part in that.",
    "carried": "{n} snapshots lack a fresh level on a side; the side's last value is carried on.",
}


@dataclass(frozen=True, eq=False)
class BookDepth:
    """Depth within 1 % of mid over time, one entry per snapshot: ``D1 = N(x) / x ** phi`` at the narrowest fresh level, x in percent.

    Attributes:
        times_ms: int64, UTC.
        d1_bid, d1_ask: float64, contracts (the file's depth column: base currency for linear contracts).
        d1_bid_quote, d1_ask_quote: float64, quote currency (the file's notional column).
        flags: uint8, sum of CARRIED_BID, CARRIED_ASK, CROSSED.
        levels: float64[levels], the distances in percent, negative for bids, ascending.
        depth, notional: float64[snapshots, levels], as recorded (NaN where a level is missing).
        stale: bool[snapshots, levels].
        phi: the exponent used.
        quality: counts, hash and notices.
    """

    times_ms: NDArray[np.int64]
    d1_bid: NDArray[np.float64]
    d1_ask: NDArray[np.float64]
    d1_bid_quote: NDArray[np.float64]
    d1_ask_quote: NDArray[np.float64]
    flags: NDArray[np.uint8]
    levels: NDArray[np.float64]
    depth: NDArray[np.float64]
    notional: NDArray[np.float64]
    stale: NDArray[np.bool_]
    phi: float
    quality: Quality


def read_book_depth(path: str | Path, phi: float = 0.67) -> BookDepth:
    """Read a bookDepth file (CSV or zip, header or none).

    Args:
        path: the file.
        phi: exponent of cumulative depth against distance (0.674 from Amberdata's BTC depths of July and August 2025).

    Raises:
        BadInput: the file, line and column of the first thing that is wrong, and what is allowed.
    """
    if not 0 < phi <= 3:
        raise BadInput(f"depth.phi = {phi} must lie above 0 and at most at 3; the usual value is 0.67.")
    table = read_table(path, COLUMNS, COLUMNS)
    times, levels, depth, notional = _snapshots(table)
    stale = stale_levels(depth, notional)
    fresh = ~stale & ~np.isnan(notional)
    crossed = _crossed(levels, notional / depth, fresh)
    flags = np.where(crossed.any(axis=1), CROSSED, 0).astype(np.uint8)
    sides = {}
    for name, side, flag in (("bid", levels < 0, CARRIED_BID), ("ask", levels > 0, CARRIED_ASK)):
        at, carried = _narrowest(levels, fresh, side)
        if at is None:
            raise BadInput(f"{table.file}: the {name} side has no fresh level in any snapshot; a file with at least one is needed.")
        rows, column = at
        scale = np.abs(levels[column]) ** phi
        sides[name] = depth[rows, column] / scale, notional[rows, column] / scale
        flags |= np.where(carried, flag, 0).astype(np.uint8)
    counts = {
        "snapshots": len(times),
        "stale": int(stale.sum()),
        "crossed_snapshots": int(crossed.any(axis=1).sum()),
        "crossed": int(crossed.sum()),
        "carried": int(np.count_nonzero(flags & (CARRIED_BID | CARRIED_ASK))),
    }
    quality = Quality(Path(path).name, table.sha256, "order book depth", len(table.rows), counts, MEANING)
    (bid, bid_quote), (ask, ask_quote) = sides["bid"], sides["ask"]
    return BookDepth(times, bid, ask, bid_quote, ask_quote, flags, levels, depth, notional, stale, phi, quality)


def stale_levels(depth: NDArray[np.float64], notional: NDArray[np.float64], run: int = STALE_RUN) -> NDArray[np.bool_]:
    """bool[snapshots, levels]: the level belongs to a run of at least `run` snapshots with equal depth and notional."""
    same = (depth[1:] == depth[:-1]) & (notional[1:] == notional[:-1])
    length = np.ones(depth.shape, dtype=np.int64)
    for t in range(1, len(depth)):
        length[t] = np.where(same[t - 1], length[t - 1] + 1, 1)
    for t in range(len(depth) - 2, -1, -1):
        length[t] = np.where(same[t], length[t + 1], length[t])
    return length >= run


def _crossed(levels: NDArray[np.float64], average: NDArray[np.float64], fresh: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool[snapshots, levels]: fresh levels whose average price lies beyond that of a fresh level of the other side."""
    bid, ask = fresh & (levels < 0), fresh & (levels > 0)
    best_bid = np.where(bid, average, -np.inf).max(axis=1, keepdims=True)
    best_ask = np.where(ask, average, np.inf).min(axis=1, keepdims=True)
    return (bid & (average > best_ask)) | (ask & (average < best_bid))


def _narrowest(
    levels: NDArray[np.float64], fresh: NDArray[np.bool_], side: NDArray[np.bool_]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]] | None, NDArray[np.bool_]]:
    """Per snapshot the (snapshot, level) to read: its own narrowest fresh level, else that of the last snapshot with one (or the first)."""
    distance = np.where(fresh & side, np.abs(levels), np.inf)
    column, found = distance.argmin(axis=1), np.isfinite(distance.min(axis=1))
    if not found.any():
        return None, ~found
    row = np.where(found, np.arange(len(found)), -1)
    row = np.maximum.accumulate(row)
    row[row < 0] = int(found.argmax())
    return (row, column[row]), ~found


def _snapshots(
    table: Table,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(times, levels, depth, notional), the latter two as [snapshots, levels]."""
    rows = range(len(table.rows))
    stamps = np.array([_milliseconds(table.cell(row, "timestamp")) for row in rows], dtype=np.int64)
    percent = np.array([table.cell(row, "percentage").number() for row in rows])
    back = np.diff(stamps) < 0
    if back.any():
        table.cell(int(back.argmax()) + 1, "timestamp").refuse("not be earlier than the row before")
    wrong = (percent == 0) | (np.abs(percent) >= 100)
    if wrong.any():
        table.cell(int(wrong.argmax()), "percentage").refuse("be a distance from mid in percent: not zero, below 100, negative for bids")
    times, snapshot = np.unique(stamps, return_inverse=True)
    levels, level = np.unique(percent, return_inverse=True)
    depth, notional = np.full((2, len(times), len(levels)), np.nan)
    for row in rows:
        at = snapshot[row], level[row]
        if not np.isnan(depth[at]):
            table.cell(row, "percentage").refuse("stand once in a snapshot")
        depth[at], notional[at] = (_amount(table.cell(row, name)) for name in ("depth", "notional"))
    return times, levels, depth, notional


def _amount(cell: Cell) -> float:
    value = cell.number()
    if value <= 0:
        cell.refuse("be above zero")
    return value


def _milliseconds(cell: Cell) -> int:
    """`2025-10-10 21:34:32` (UTC) or milliseconds since 1970."""
    if cell.text.isdigit():
        return cell.integer()
    try:
        moment = datetime.fromisoformat(cell.text)
    except ValueError:
        cell.refuse("be a time in UTC like 2025-10-10 21:34:32")
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000
