"""The day that a market is to reproduce: mark price and net depth over the hours around its deepest fall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adlabm.data.book_depth import BookDepth, read_book_depth
from adlabm.data.klines import join, read_klines
from adlabm.data.quality import Quality
from adlabm.errors import BadInput
from adlabm.price.bars import CLOSE, HIGH, LOW, Run, line, way_points, without_gaps
from adlabm.replay._book import Net, seen_from

HOURS = 4.0
"""Usual length of the window; the low lies at two thirds of it."""
TICK_MS = 10_000
"""Length of a tick, so short that steering keeps up; a bar's open, two extremes and close fall on ends of ticks. Shorter bars are ticks."""
HOLES = 0.1
"""Largest share of bars that may be missing in the window."""
JUMP = 0.2
"""Largest logarithm of the step between two files."""
APART = 0.06
"""Largest relative distance of a book's middle from the mark; perpetuals fell 5 % below their index on 10 October 2025."""


@dataclass(frozen=True, eq=False)
class Target:
    """What the market must reproduce, by ticks.

    Attributes:
        contract: name in front of the first dash of the file's name.
        start_ms: UTC.
        tick_s: 10, or the length of a shorter bar.
        opening: price at the start, quote currency.
        mark: float64[ticks], quote currency, at the end of each tick; the path through a bar is the one of `adlabm.price.bars`.
        net: float64[ticks, 2], bids and asks within 1 % of the price as a share of the day's median; nan without a depth file.
        read: share of the ticks whose bids could be read.
        past: (ms after the start, price) of the file's closes, for the entry prices of the opening book.
        inputs: quality of the files.
        stuck: snapshots of the book in which a bid that never leaves moves the file's levels.
    """

    contract: str
    start_ms: int
    tick_s: float
    opening: float
    mark: NDArray[np.float64]
    net: NDArray[np.float64]
    read: float
    past: tuple[NDArray[np.float64], NDArray[np.float64]]
    inputs: tuple[Quality, ...]
    stuck: int = 0

    @property
    def ticks(self) -> int:
        return len(self.mark)

    @property
    def measured(self) -> bool:
        """Whether there is a measured book."""
        return bool(np.isfinite(self.net).all())


def read_target(klines: Sequence[Path], depth: Path | None, hours: float) -> Target:
    """The window of `hours` around the deepest fall in the klines, with the book of these hours if there is a depth file.

    Args:
        klines: files of one contract that follow one another in time.
        depth: bookDepth file of the day of the fall.
        hours: length of the window.
    """
    files = [read_klines(each) for each in klines]
    bars = join(files)
    for before, after in pairwise(files):
        if abs(np.log(after.open[0] / before.close[-1])) > JUMP:
            raise BadInput(
                f"{before.quality.path} ends at {before.close[-1]:.6g} and {after.quality.path} begins at {after.open[0]:.6g}: different"
                " contracts; name the files of one."
            )
    grid, first, bar = without_gaps(bars), int(bars.open_time_ms[0]), bars.interval_ms
    begin, count = window(grid, round(hours * 3_600_000 / bar))
    there = np.count_nonzero((bars.open_time_ms >= first + begin * bar) & (bars.open_time_ms < first + (begin + count) * bar))
    names = ", ".join(each.name for each in klines)
    if count - there > HOLES * count:
        raise BadInput(
            f"{names}: {count - there} of the {count} bars around the fall are missing; at most a tenth may be: fetch the file again."
        )
    tick = bar // max(3 * round(bar / TICK_MS / 3), 1)
    run = Run(begin * bar, tick, count * bar // tick, bar)
    start = first + begin * bar
    mark = way_points(grid, run, None)[:, -1]
    past = line(grid, run, CLOSE)
    net, read, stuck, inputs = np.full((len(mark), 2), np.nan), 0.0, 0, [each.quality for each in files]
    if depth is not None:
        book = read_book_depth(depth)
        _same_market(book, depth.name, names, start, mark, tick)
        seen = seen_from(book, np.interp(book.times_ms - start, *past))
        stuck = seen.stuck
        net, read = _at(seen, start + np.arange(1.0, len(mark) + 1) * tick)
        inputs.append(book.quality)
    name = Path(klines[0]).name.split("-")[0]
    return Target(name, start, tick / 1000, float(grid[begin, 0]), mark, net, read, past, tuple(inputs), stuck)


def window(grid: NDArray[np.float64], bars: int) -> tuple[int, int]:
    """(first bar, bars): the low of the deepest fall from a high at most so many bars before stands at two thirds of the window."""
    if len(grid) <= bars:
        return 0, len(grid)
    highs = np.lib.stride_tricks.sliding_window_view(np.concatenate((np.zeros(bars - 1), grid[:, HIGH])), bars).max(axis=1)
    low = int((grid[:, LOW] / highs).argmin())
    return min(max(low - 2 * bars // 3, 0), len(grid) - bars), bars


def _at(net: Net, ends: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Depth of the last snapshot before each time, over the median of the file; share of times whose bids could be read."""
    at = np.clip(np.searchsorted(net.times_ms, ends, side="right") - 1, 0, len(net.times_ms) - 1)
    return net.sides[at] / np.median(net.sides), float(net.read[at, 0].mean())


def _same_market(book: BookDepth, file: str, klines: str, start: int, mark: NDArray[np.float64], tick_ms: float) -> None:
    """Refuse a book of another day or contract."""
    end = start + len(mark) * tick_ms
    if book.times_ms[0] > start + 0.1 * (end - start) or book.times_ms[-1] < end - 0.1 * (end - start):
        raise BadInput(
            f"{file} holds the book from {_utc(book.times_ms[0])} to {_utc(book.times_ms[-1])}, but the fall in {klines} lies in the hours"
            f" from {_utc(start)} to {_utc(end)}; name that day's bookDepth, or leave --depth out: the modelled depth is used then."
        )
    inside = (book.times_ms >= start) & (book.times_ms <= end)
    near = np.abs(book.levels) == np.abs(book.levels).min()
    middle = np.nanmedian((book.notional / book.depth)[np.ix_(inside, near)])
    price = np.median(mark)
    if abs(middle / price - 1) > APART:
        raise BadInput(
            f"{file} has orders around {middle:,.6g}, but the prices in {klines} are around {price:,.6g}: another contract;"
            " name the two files of one contract."
        )


def _utc(ms: float) -> str:
    return f"{datetime.fromtimestamp(float(ms) / 1000, UTC):%Y-%m-%d %H:%M}"
