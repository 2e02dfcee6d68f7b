"""Chunks of the exogenous index and of measured depth for the kernels."""

from __future__ import annotations

from copy import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from adlabm import registry
from adlabm.data.book_depth import read_book_depth
from adlabm.data.quality import Quality
from adlabm.data.where import locate
from adlabm.kernels.columns import F_FULL_BID
from adlabm.price.correlation import factor
from adlabm.price.process import Process
from adlabm.scenario import Scenario
from adlabm.streams import RunKey

CHUNK = 4096


class Paths:
    """Index processes and measured depth of all contracts, in chunks of consecutive ticks.

    Attributes:
        shock: largest fall so far of the first contract's exogenous level from its running peak, a fraction.
        start_ticks: int64 (contracts,): opening index in ticks.
        inputs: quality of every file read.
    """

    def __init__(self, scenario: Scenario, key: RunKey) -> None:
        self.scenario = scenario
        self.ticks_of = np.array([float(contract.tick) for contract in scenario.contracts])
        self.processes: list[Process] = []
        start_ms = round(scenario.start.timestamp() * 1000)
        names = [each.name for each in scenario.contracts]
        mixes = factor(scenario.correlation, names) if scenario.correlation else [None] * len(names)
        for contract, index, mix in zip(scenario.contracts, scenario.indexes, mixes, strict=True):
            process = registry.find("index", index.process)
            leader = self.processes[0] if self.processes else None
            self.processes.append(
                process(
                    index.params,
                    start_price=float(contract.price),
                    tick_s=scenario.tick_s,
                    ticks=scenario.ticks,
                    key=key,
                    name=contract.name,
                    start_ms=start_ms,
                    leader=leader,
                    mix=mix,
                )
            )
        self.width = max(process.width for process in self.processes)
        self.start_ticks = np.array(
            [max(round(p.start_price / t), 1) for p, t in zip(self.processes, self.ticks_of, strict=True)], np.int64
        )
        self.books = [_measured(depth, start_ms) for depth in scenario.depths]
        self.inputs: tuple[Quality, ...] = (*(q for p in self.processes for q in p.inputs), *(b["quality"] for b in self.books if b))
        self.last = [p.start_price for p in self.processes]
        self.full: NDArray[np.float64] | None = None
        self.peak, self.shock = self.start_ticks[0] * 1.0, 0.0

    def history(self, contract: int, steps: int, step_s: float) -> NDArray[np.float64]:
        """Levels before the start in ticks, float64 (steps,): entry k lies (k + 1) step_s seconds back."""
        return self.processes[contract].history(steps, step_s) / self.ticks_of[contract]

    def full_depth(self, state: Any) -> NDArray[np.float64]:
        """Calm depth within 1 % by open interest at the opening, lots; float64 (contracts,)."""
        if self.full is None:
            self.full = state.reals[F_FULL_BID].copy()
        return self.full

    def copy(self) -> Self:
        """Paths that go on from here by themselves; what is never written is shared."""
        other = copy(self)
        other.processes, other.last = [copy(process) for process in self.processes], list(self.last)
        for process in other.processes[1:]:
            process.leader = other.processes[0]
        return other

    def turn(self, key: RunKey) -> None:
        """Other noise from here on."""
        for process in self.processes:
            process.run_key = key

    def chunk(
        self, first: int, full_lots: NDArray[np.float64], most: int = CHUNK
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Levels (contracts, ticks, way-points; in price ticks), measured depth (contracts, ticks, 2; lots, 0 = none), declared jumps
        (contracts, ticks) of at most so many ticks from tick `first` on.
        """
        count = min(most, self.scenario.ticks - first)
        n = len(self.processes)
        levels, book, jumps = np.empty((n, count, self.width)), np.zeros((n, count, 2)), np.zeros((n, count), np.bool_)
        leading = None
        for c, process in enumerate(self.processes):
            raw = process.levels(first, count, leading)
            leading = raw if leading is None else leading
            levels[c] = self._spread(c, raw) / self.ticks_of[c]
            jumps[c] = process.jumps(first, count)
            if (measured := self.books[c]) is not None:
                book[c] = self._depth(c, measured, first, count, full_lots[c])
        path = np.concatenate(([self.peak], levels[0].reshape(-1)))
        peaks = np.maximum.accumulate(path)
        self.peak, self.shock = float(peaks[-1]), max(self.shock, float((1.0 - path / peaks).max()))
        return levels, book, jumps

    def _spread(self, contract: int, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Way-points of a close-only path on the common grid: a straight line through each tick."""
        before = np.concatenate(([self.last[contract]], raw[:-1, -1]))
        self.last[contract] = float(raw[-1, -1])
        if raw.shape[1] == self.width:
            return raw
        share = np.arange(1, self.width + 1) / self.width
        return before[:, None] + (raw[:, -1] - before)[:, None] * share

    def _depth(self, contract: int, book: dict[str, Any], first: int, count: int, full: float) -> NDArray[np.float64]:
        """Depth of every tick in lots: the last snapshot before its end, its calm median scaled to the scenario's D1, unless absolute."""
        depth, tick_ms = self.scenario.depths[contract], self.scenario.tick_s * 1000
        ends = book["start_ms"] + (np.arange(first, first + count) + 1) * tick_ms
        at = np.clip(np.searchsorted(book["times"], ends, side="right") - 1, 0, len(book["times"]) - 1)
        lots = np.column_stack([book["bid"][at], book["ask"][at]]) / float(self.scenario.contracts[contract].lot)
        if not depth.absolute:
            lots *= full / (book["typical"] / float(self.scenario.contracts[contract].lot))
        return np.maximum(lots, 1.0)


def _measured(depth: Any, start_ms: int) -> dict[str, Any] | None:
    """A depth file's series, with the median over the day and both sides as its typical level."""
    if not depth.file:
        return None
    book = read_book_depth(locate(depth.file), depth.phi)
    typical = float(np.median(np.concatenate([book.d1_bid, book.d1_ask])))
    return {
        "times": book.times_ms,
        "bid": book.d1_bid,
        "ask": book.d1_ask,
        "typical": typical,
        "start_ms": start_ms,
        "quality": book.quality,
    }
