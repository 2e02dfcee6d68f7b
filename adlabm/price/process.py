"""What all index processes share: their place in time, their noise, and the check that a level is a price."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.data.quality import Quality
from adlabm.errors import BadInput
from adlabm.kernels.paths import level_walk, tick_normals
from adlabm.streams import RunKey, Stream, counter_word, name_word

YEAR_S = 365 * 86_400
"""Seconds of a year: these markets never close."""
FORWARD, BACKWARD, VARIANCE, MIXING, JUMPS = 0, 1, 2, 1000, 2000
"""Draw numbers: the path after and before the start, its variance, and, with those that follow, its scale and its jumps."""


class Process:
    """An index process: levels of one contract's spot reference at way-points inside consecutive ticks.

    Attributes:
        start_price: level at the start of the run, quote currency; a file or absolute knots may replace the one given.
        width: way-points in a tick: 1 (its end), or 4 (open, two extremes in the order of the shorter path, close).
        inputs: quality of the files it read, for the manifest.
    """

    width: int = 1
    inputs: tuple[Quality, ...] = ()

    def __init__(
        self,
        params: dict[str, Any],
        *,
        start_price: float,
        tick_s: float,
        ticks: int,
        key: RunKey,
        name: str,
        start_ms: int | None = None,
        base: Path | None = None,
        leader: Process | None = None,
        mix: Mapping[str, float] | None = None,
    ) -> None:
        """Place a process in a run.

        Args:
            params: parameters by name; defaults where one is missing.
            start_price: opening price, quote currency.
            tick_s: length of a tick, s.
            ticks: length of the run.
            key: key of the run for the random numbers.
            name: of the contract; the noise is called ``index:NAME``.
            start_ms: UTC time of the start in ms, for files (None: the file's first row).
            base: folder that relative file names start from.
            leader: process of the first contract, for processes that follow it.
            mix: contract -> weight of its normal noise in this one's; by default its own alone.
        """
        self.validate(params)
        self.params, self.start_price, self.tick_s, self.ticks = params, float(start_price), float(tick_s), ticks
        self.run_key, self.name, self.start_ms, self.base, self.leader = key, name, start_ms, base, leader
        self.mix = mix or {name: 1.0}
        self.next_tick = 0

    @classmethod
    def validate(cls, params: dict[str, Any]) -> None:
        """Raise BadInput for parameters that no bound describes."""

    def value(self, parameter: str) -> Any:
        """The value of a parameter."""
        return self.params.get(parameter, getattr(type(self), parameter).default)

    def levels(self, first: int, count: int, first_contract: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Levels at the way-points of ticks ``first .. first + count - 1``; chunks must follow one another.

        Args:
            first_contract: float64[count, w], the first contract's levels in the same ticks, for processes that follow it.

        Returns:
            float64[count, width], quote currency; the last column is the end of the tick.
        """
        if first != self.next_tick:
            raise ValueError(f"ticks must follow one another: expected {self.next_tick}, got {first}")
        out = np.ascontiguousarray(self.advance(first, count, first_contract))
        wrong = ~(np.isfinite(out) & (out > 0)).all(axis=1)
        if wrong.any():
            raise BadInput(
                f"The index of {self.name} leaves the range of prices at tick {first + int(wrong.argmax())};"
                " it must stay above zero and finite: lower sigma or the run's length."
            )
        self.next_tick += count
        return out

    def advance(self, first: int, count: int, first_contract: NDArray[np.float64] | None) -> NDArray[np.float64]:
        """The levels, float64[count, width]; `levels` calls it with consecutive chunks only."""
        raise NotImplementedError

    def history(self, steps: int, step_s: float) -> NDArray[np.float64]:
        """Levels before the start: float64[steps], entry ``k`` lies ``(k + 1) step_s`` seconds before it."""
        raise NotImplementedError

    def jumps(self, first: int, count: int) -> NDArray[np.bool_]:
        """bool[count]: ticks that begin with a declared jump, the only moves that may skip levels."""
        return np.zeros(count, dtype=np.bool_)

    def stream(self, draw: int, name: str = "") -> tuple[int, int, int, int]:
        """The words of the counter (name; stream and draw) and of the key for this contract's noise, or that of the contract `name`."""
        return name_word(f"index:{name or self.name}"), counter_word(Stream.INDEX, draw), self.run_key.k0, self.run_key.k1

    def normals(self, first: int, count: int, draw: int = FORWARD) -> NDArray[np.float64]:
        """Standard normal numbers of ticks ``first ..``, correlated with those of the other contracts; float64[count]."""
        total, out = np.zeros(count), np.empty(count)
        for name, weight in self.mix.items():
            tick_normals(out, first, 0, *self.stream(draw, name))
            total += weight * out
        return total

    def walk(self, level: float, first: int, count: int, drift: float, volatility: float, draw: int = FORWARD) -> NDArray[np.float64]:
        """``S_i = S_(i-1) exp(drift + volatility z_i)`` with the normal noise of ticks ``first ..``; float64[count]."""
        out = drift + volatility * self.normals(first, count, draw)
        level_walk(out, level)
        return out

    def gbm_history(self, steps: int, step_s: float, sigma: float, mu: float = 0.0) -> NDArray[np.float64]:
        """A geometric Brownian motion read backwards from the start price; sigma and mu per year."""
        dt = step_s / YEAR_S
        return self.walk(self.start_price, 0, steps, -(mu - 0.5 * sigma * sigma) * dt, sigma * math.sqrt(dt), BACKWARD)
