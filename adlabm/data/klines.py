"""Klines (candlesticks) in the format of Binance public data: mark prices, index prices or trades, any interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.data.quality import Quality
from adlabm.data.source import Table, read_table
from adlabm.errors import BadInput

COLUMNS = (
    "open_time", "open", "high", "low", "close", "volume",
    "close_time", "quote_volume", "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
NEEDED = COLUMNS[:6]
MEANING = {
    "interval_ms": "A bar lasts {n} ms.",
    "gaps": "{n} bars are missing between the first and the last; straight lines bridge them.",
}


@dataclass(frozen=True, eq=False)
class Klines:
    """Bars in the order of time; one row per bar, prices in quote currency.

    Attributes:
        open_time_ms: int64, UTC.
        open, high, low, close: float64.
        volume: float64, in the file's unit; 0 everywhere for mark and index prices.
        count: int64, trades or samples (0 where the file does not say).
        interval_ms: length of a bar, the most frequent distance of two rows.
        kind: "trade" where there is volume, else "mark".
        quality: counts, hash and notices.
    """

    open_time_ms: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    count: NDArray[np.int64]
    interval_ms: int
    kind: str
    quality: Quality


def read_klines(path: str | Path) -> Klines:
    """Read klines from a CSV or a zip with one CSV, with or without a header row, in milliseconds or microseconds.

    Raises:
        BadInput: the file, line and column of the first thing that is wrong, and what is allowed.
    """
    table = read_table(path, NEEDED, COLUMNS)
    rows = range(len(table.rows))
    has_count = "count" in table.columns and table.columns["count"] < len(table.rows[0][1])
    times = np.array([_milliseconds(table, row) for row in rows], dtype=np.int64)
    prices = {name: np.array([table.cell(row, name).price() for row in rows]) for name in ("open", "high", "low", "close")}
    volume = np.array([table.cell(row, "volume").number() for row in rows])
    count = np.array([table.cell(row, "count").integer() if has_count else 0 for row in rows], dtype=np.int64)
    _check_bars(table, prices, volume)
    interval = _interval(table, times)
    gaps = int((times[-1] - times[0]) // interval) + 1 - len(times)
    if gaps > len(times):
        raise BadInput(f"{table.file}: {gaps} bars are missing between {len(times)} rows; at most as many may be missing as there are.")
    kind = "trade" if volume.any() else "mark"
    quality = Quality(Path(path).name, table.sha256, f"{kind} price klines", len(times), {"interval_ms": interval, "gaps": gaps}, MEANING)
    return Klines(times, prices["open"], prices["high"], prices["low"], prices["close"], volume, count, interval, kind, quality)


def _milliseconds(table: Table, row: int) -> int:
    cell = table.cell(row, "open_time")
    value = cell.integer()
    milliseconds, rest = (value, 0) if value < 10**14 else divmod(value, 1000)
    if rest or not 10**11 <= milliseconds < 10**14:
        cell.refuse("be a time in UTC in milliseconds or (whole milliseconds as) microseconds since 1970")
    return milliseconds


def _check_bars(table: Table, prices: dict[str, NDArray[np.float64]], volume: NDArray[np.float64]) -> None:
    """The low must not exceed, the high not undercut any price of its bar; no volume is negative."""
    high, low = prices["high"], prices["low"]
    for name in ("high", "open", "close"):
        wrong = np.flatnonzero((prices[name] < low) | (prices[name] > high))
        if len(wrong):
            row = int(wrong[0])
            table.cell(row, name).refuse(f"lie between the low {low[row]:.12g} and the high {high[row]:.12g} of its bar")
    if (volume < 0).any():
        table.cell(int(np.argmax(volume < 0)), "volume").refuse("be zero or more")


def _interval(table: Table, times: NDArray[np.int64]) -> int:
    """Length of a bar in ms; times must increase on its grid."""
    if len(times) < 2:
        raise BadInput(f"{table.file} holds a single bar; at least two are needed, to know how long a bar is.")
    steps = np.diff(times)
    if (steps <= 0).any():
        row = int(np.argmax(steps <= 0)) + 1
        twice, back = np.count_nonzero(steps == 0), np.count_nonzero(steps < 0)
        table.cell(row, "open_time").refuse(f"be later than in the row before ({twice} such rows repeat a time, {back} go back in time)")
    lengths, times_seen = np.unique(steps, return_counts=True)
    interval = int(lengths[times_seen.argmax()])
    if (steps % interval).any():
        row = int(np.argmax(steps % interval != 0)) + 1
        table.cell(row, "open_time").refuse(f"be a whole number of bars of {interval} ms after the row before")
    return interval


def join(files: Sequence[Klines]) -> Klines:
    """One series from files that follow one another in time; its quality is the last file's."""
    last = files[-1]
    times = np.concatenate([each.open_time_ms for each in files])
    for before, after in pairwise(files):
        names = f"{before.quality.path} and {after.quality.path}"
        if (before.kind, before.interval_ms) != (after.kind, after.interval_ms):
            raise BadInput(f"{names} differ in series or interval; allowed are files of one series (mark or trade) and one interval.")
        step = int(after.open_time_ms[0] - before.open_time_ms[-1])
        if step <= 0 or step % last.interval_ms or step // last.interval_ms > len(times):
            raise BadInput(f"{names} do not follow one another; list the files in the order of time, without long holes.")
    columns: dict[str, Any] = {name: np.concatenate([getattr(each, name) for each in files]) for name in (*COLUMNS[1:6], "count")}
    return replace(last, open_time_ms=times, **columns)
