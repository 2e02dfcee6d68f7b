"""From bars of a file to way-points inside the ticks of a run. Only + - * / on doubles, so equal on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from adlabm.data.klines import Klines
from adlabm.errors import BadInput
from adlabm.kernels.paths import polyline

OPEN, HIGH, LOW, CLOSE = range(4)


@dataclass(frozen=True)
class Run:
    """Where a run lies on a grid of bars: `offset_ms` after the first bar's open, in ticks of `tick_ms`; a bar lasts `bar_ms`."""

    offset_ms: int
    tick_ms: float
    ticks: int
    bar_ms: int

    def check(self, bars: Klines, file: str) -> None:
        """Raise BadInput where ticks and bars do not fit, or the file does not cover the run."""
        if self.tick_ms % self.bar_ms and self.bar_ms % self.tick_ms:
            raise BadInput(
                f"tick_s = {self.tick_ms / 1000:g} does not fit {file}, whose bars last {self.bar_ms / 1000:g} s;"
                " one must be a multiple of the other."
            )
        first, last = int(bars.open_time_ms[0]), int(bars.open_time_ms[-1]) + self.bar_ms
        begin, end = first + self.offset_ms, first + self.offset_ms + self.ticks * self.tick_ms
        if begin < first or end > last:
            there = max(0, int((min(end, last) - max(begin, first)) // self.tick_ms))
            raise BadInput(
                f"{file} holds prices from {_utc(first)} to {_utc(last)}, but the run needs {_utc(begin)} to {_utc(end)}"
                f" ({there} of {self.ticks} ticks are there); set start, ticks or tick_s, or name a longer file."
            )
        step = min(self.tick_ms, self.bar_ms)
        if self.offset_ms % step:
            raise BadInput(
                f"start = {_utc(begin)} lies inside a bar of {file}; start a whole multiple of {step / 1000:g} s after {_utc(first)}."
            )


def _utc(ms: float) -> str:
    try:
        return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError):
        return f"{ms:g} ms"


def without_gaps(bars: Klines) -> NDArray[np.float64]:
    """float64[bars, 4] (open, high, low, close) on the whole grid; a straight line from close to open stands for missing bars."""
    at = (bars.open_time_ms - bars.open_time_ms[0]) // bars.interval_ms
    grid = np.empty((int(at[-1]) + 1, 4))
    grid[at] = np.column_stack((bars.open, bars.high, bars.low, bars.close))
    for before, after in pairwise(at):
        missing = after - before - 1
        if missing:
            begin, end = grid[before, CLOSE], grid[after, OPEN]
            levels = begin + (end - begin) * np.arange(missing + 1) / missing
            opens, closes = levels[:-1], levels[1:]
            grid[before + 1 : after] = np.column_stack((opens, np.maximum(opens, closes), np.minimum(opens, closes), closes))
    return grid


def line(grid: NDArray[np.float64], run: Run, column: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(times in ms after the run's start, prices): the first open, then the column's price at the end of each bar."""
    times = np.arange(len(grid) + 1, dtype=np.float64) * run.bar_ms - run.offset_ms
    return times, np.concatenate((grid[:1, OPEN], grid[:, column]))


def opening_price(grid: NDArray[np.float64], run: Run, times: NDArray[np.float64], prices: NDArray[np.float64]) -> float:
    """The open of the bar that begins at the start; inside a bar, the point of the line."""
    bar, inside = divmod(run.offset_ms, run.bar_ms)
    if not inside and bar < len(grid):
        return float(grid[bar, OPEN])
    out = np.empty(1)
    polyline(out, np.zeros(1), times, prices)
    return float(out[0])


def way_points(grid: NDArray[np.float64], run: Run, column: int | None) -> NDArray[np.float64]:
    """float64[ticks, 1] of one column, or float64[ticks, 4] (open, two extremes, close) where `column` is None."""
    if run.tick_ms >= run.bar_ms:
        bars = _aggregated(grid, run)
        return _ordered(bars) if column is None else bars[:, column : column + 1]
    if column is None:
        return _inside(_ordered(grid), run)
    out = np.empty(run.ticks)
    polyline(out, np.arange(1, run.ticks + 1) * run.tick_ms, *line(grid, run, column))
    return out.reshape(-1, 1)


def _aggregated(grid: NDArray[np.float64], run: Run) -> NDArray[np.float64]:
    """One bar a tick from whole bars: first open, highest high, lowest low, last close."""
    first, each = run.offset_ms // run.bar_ms, int(run.tick_ms // run.bar_ms)
    parts = grid[first : first + run.ticks * each].reshape(run.ticks, each, 4)
    return np.column_stack((parts[:, 0, OPEN], parts[:, :, HIGH].max(axis=1), parts[:, :, LOW].min(axis=1), parts[:, -1, CLOSE]))


def _ordered(bars: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shorter path through a bar: the low before the high when it rises or stands, else the high first."""
    rises = (bars[:, CLOSE] >= bars[:, OPEN])[:, None]
    return np.where(rises, bars[:, [OPEN, LOW, HIGH, CLOSE]], bars)


def _inside(paths: NDArray[np.float64], run: Run) -> NDArray[np.float64]:
    """Ticks shorter than a bar: start, the turning points inside the tick, end (repeated where there are fewer than two turning points).

    A bar's path takes a third of the bar for each of its three legs.
    """
    begin = run.offset_ms + np.arange(run.ticks, dtype=np.float64) * run.tick_ms
    bar = (begin // run.bar_ms).astype(np.int64)
    begin = begin - bar * float(run.bar_ms)
    end, path = begin + run.tick_ms, paths[bar]
    first = (begin < run.bar_ms / 3) & (end > run.bar_ms / 3)
    second = (begin < run.bar_ms * 2 / 3) & (end > run.bar_ms * 2 / 3)
    to = _on_path(path, end, run.bar_ms)
    one = np.where(first, path[:, 1], np.where(second, path[:, 2], to))
    two = np.where(first & second, path[:, 2], to)
    return np.column_stack((_on_path(path, begin, run.bar_ms), one, two, to))


def _on_path(path: NDArray[np.float64], at: NDArray[np.float64], bar_ms: int) -> NDArray[np.float64]:
    """Price on each bar's path of three equal legs, `at` ms after the bar's open."""
    leg = (at >= bar_ms / 3).astype(np.int64) + (at >= bar_ms * 2 / 3)
    row = np.arange(len(path))
    begin, end = path[row, leg], path[row, leg + 1]
    share = (at - leg * bar_ms / 3) / (bar_ms / 3)
    return np.where(at == bar_ms, path[:, 3], begin + (end - begin) * share)
