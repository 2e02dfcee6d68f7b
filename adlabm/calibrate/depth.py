"""Depth parameters from a recorded order book: exponent, level, withdrawal and refill, each with an interval.

Only fresh levels are used: a level that has not changed for three snapshots is frozen, not deep. Depth is cumulative, so a level counts
only while every level inside it is fresh too; snapshots that are crossed do not count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adlabm.data.book_depth import CROSSED, BookDepth, read_book_depth
from adlabm.data.quality import Quality
from adlabm.errors import BadInput

Column = NDArray[np.float64]
BLOCK_S = 1800.0
"""Length of a bootstrap block: snapshots nearer than that are not independent."""
RESAMPLES = 500
FEWEST = 240
"""Snapshots with three fresh levels that a side needs: two hours of one every 30 s."""
LONGEST_GAP = 10
"""Longest pause, in usual steps."""
YEAR_S = 365 * 86_400


@dataclass(frozen=True)
class Estimate:
    """A parameter with its 95 % interval; `rows` snapshots it rests on. nan where it cannot be told."""

    name: str
    side: str
    value: float
    low: float
    high: float
    rows: int
    unit: str
    how: str


@dataclass(frozen=True)
class Calibration:
    """What a file says of a book's depth."""

    estimates: tuple[Estimate, ...]
    quality: Quality


def calibrate_depth(file: str | Path) -> Calibration:
    """Estimate the depth model's parameters from a bookDepth file, side by side.

    Formula: cumulative depth ``N(x) = D1 (x / 1 %)^phi``. phi: median over snapshots of the slope of log N against log x, at least three
    fresh levels each. D1: median of exp(intercept). withdrawal: minus the slope of log D1 against the logarithm of the volatility of mid
    (root mean square of the last 30 minutes). half_life_s: ``log 0.5 / log rho``, rho the ratio of the autocorrelations at lags 2 and 1 of
    log D1 around its median of an hour, so that measurement noise does not count as refill.

    Units: D1 in contracts (the file's depth column); half-life in seconds. Intervals: 2.5 and 97.5 % of 500 resamples of half-hour blocks.

    Source: depth model, market models 2.2 and 3.1; moving blocks, Kuensch (1989), Ann. Stat. 17.
    """
    book = read_book_depth(file, 1.0)
    name, step_s = book.quality.path, _step(book)
    found: list[Estimate] = []
    for side, sign in (("bid", -1.0), ("ask", 1.0)):
        slope, level = _fits(book, sign)
        good = np.isfinite(slope)
        if good.sum() < FEWEST:
            raise BadInput(
                f"{name}: the {side} side has {int(good.sum())} snapshots with three fresh levels; at least {FEWEST} are needed, two hours"
                " at 30 s."
            )
        rows = int(good.sum())
        sigma = _volatility(book)
        data = {"phi": (slope,), "D1": (level,), "withdrawal": (level, sigma), "half_life_s": _products(level, step_s)}
        how: dict[str, tuple[str, str, Callable[..., float]]] = {
            "phi": ("", "depth.phi", lambda x: float(np.nanmedian(x))),
            "D1": ("contracts", "depth.share x open interest", lambda x: float(np.exp(np.nanmedian(x)))),
            "withdrawal": ("", "depth.withdrawal", _withdrawal),
            "half_life_s": ("s", "depth.half_life_s", lambda one, two: _half_life(one, two, step_s)),
        }
        for key, (unit, meaning, estimate) in how.items():
            low, high = _interval(estimate, data[key], max(round(BLOCK_S / step_s), 2))
            found.append(Estimate(key, side, estimate(*data[key]), low, high, rows, unit, meaning))
    return Calibration(tuple(found), book.quality)


def _step(book: BookDepth) -> float:
    """Usual seconds between snapshots; refuses a file with a long pause."""
    steps = np.diff(book.times_ms) / 1000
    if len(steps) < FEWEST:
        raise BadInput(
            f"{book.quality.path} has {len(book.times_ms)} snapshots; at least {FEWEST + 1} are needed, two hours of one every 30 s."
        )
    usual = float(np.median(steps))
    worst = int(steps.argmax())
    if steps[worst] > LONGEST_GAP * usual:
        raise BadInput(
            f"{book.quality.path} has a gap of {steps[worst]:g} s after snapshot {worst + 1}; at most {LONGEST_GAP} usual steps of"
            f" {usual:g} s are allowed: cut the file there."
        )
    return usual


def _fits(book: BookDepth, sign: float) -> tuple[Column, Column]:
    """Slope of log depth against log distance, and log depth at 1 %, of every snapshot; nan with fewer than three fresh levels."""
    columns = np.flatnonzero(np.sign(book.levels) == sign)
    columns = columns[np.argsort(np.abs(book.levels[columns]), kind="stable")]
    fresh = np.logical_and.accumulate(~book.stale[:, columns] & ~np.isnan(book.depth[:, columns]), axis=1)
    fresh &= ((book.flags & CROSSED) == 0)[:, None]
    x = np.broadcast_to(np.log(np.abs(book.levels[columns])), fresh.shape)
    y = np.log(np.where(fresh, book.depth[:, columns], 1.0))
    n = fresh.sum(axis=1)
    enough = n >= 3
    n = np.maximum(n, 1)
    mx, my = (np.where(fresh, each, 0.0).sum(axis=1) / n for each in (x, y))
    dx, dy = np.where(fresh, x - mx[:, None], 0.0), np.where(fresh, y - my[:, None], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (dx * dy).sum(axis=1) / (dx * dx).sum(axis=1)
    return np.where(enough, slope, np.nan), np.where(enough, my - slope * mx, np.nan)


def _volatility(book: BookDepth) -> Column:
    """Log of the root mean square return of mid over the last half hour; mid is the mean of the average prices of the outermost levels.

    The outermost levels are the last to freeze; where one is stale the return is left out.
    """
    ends = [0, len(book.levels) - 1]
    price = book.notional[:, ends] / book.depth[:, ends]
    mid = np.where((book.stale[:, ends] | np.isnan(price)).any(axis=1), np.nan, np.log(price).mean(axis=1))
    step = np.diff(book.times_ms, prepend=book.times_ms[0]) / 1000
    squares = np.concatenate(([np.nan], np.diff(mid) ** 2)) / np.where(step > 0, step, np.nan)
    width = max(round(BLOCK_S / float(np.median(step[1:]))), 2)
    known = np.isfinite(squares)
    total, count = (np.convolve(each, np.ones(width))[: len(squares)] for each in (np.where(known, squares, 0.0), known.astype(float)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count >= width / 2, 0.5 * np.log(total / count * YEAR_S), np.nan)


def _withdrawal(level: Column, sigma: Column) -> float:
    good = np.isfinite(level) & np.isfinite(sigma)
    x, y = sigma[good], level[good]
    return -float(np.polyfit(x, y, 1)[0]) if len(x) > 20 and np.ptp(x) > 0 else math.nan


def _products(level: Column, step_s: float) -> tuple[Column, Column]:
    """Products at lags 1 and 2 of the deviations of `level` from its running median of an hour."""
    half, every = max(round(1800 / step_s), 2), max(round(300 / step_s), 1)
    at = np.arange(0, len(level), every)
    windows = [level[max(i - half, 0) : i + half + 1] for i in at]
    middle = np.array([np.nanmedian(each) if np.isfinite(each).any() else np.nan for each in windows])
    x = level - np.interp(np.arange(len(level)), at, middle)
    return x[2:] * x[1:-1], x[2:] * x[:-2]


def _half_life(one: Column, two: Column, step_s: float) -> float:
    """From the decay between lag 1 and lag 2."""
    rho = float(np.nanmean(two) / np.nanmean(one))
    return step_s * math.log(0.5) / math.log(rho) if 0 < rho < 1 else math.nan


def _interval(estimate: Callable[..., float], data: tuple[Column, ...], block: int) -> tuple[float, float]:
    """2.5 and 97.5 % over resamples of blocks; the same blocks of every column."""
    rng = np.random.default_rng(0)
    size = len(data[0])
    starts = rng.integers(0, size - block + 1, (RESAMPLES, -(-size // block)))
    values = []
    for each in starts:
        rows = (each[:, None] + np.arange(block)).reshape(-1)[:size]
        values.append(estimate(*(column[rows] for column in data)))
    known = np.array(values)
    if np.isfinite(known).sum() <= RESAMPLES / 2:
        return math.nan, math.nan
    low, high = np.nanquantile(known, [0.025, 0.975])
    return float(low), float(high)


def lines(found: Calibration) -> list[str]:
    """The estimates as a table in Markdown, then what is odd about the file."""
    out = ["| parameter | side | value | 95 % interval | unit | for | snapshots |", "|---|---|---|---|---|---|---|"]
    for each in found.estimates:
        interval = f"{each.low:.4g} to {each.high:.4g}"
        out.append(f"| {each.name} | {each.side} | {each.value:.4g} | {interval} | {each.unit} | {each.how} | {each.rows} |")
    return [*out, "", *found.quality.lines()]
