"""A path resampled from a file of klines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.data.klines import join, read_klines
from adlabm.data.where import locate
from adlabm.errors import BadInput
from adlabm.kernels.paths import block_walk
from adlabm.price.bars import CLOSE, without_gaps
from adlabm.price.process import JUMPS, YEAR_S, Process


class Bootstrap(Process):
    """Blocks of the file's close-to-close ratios, each begun at random and of geometric length: what the file remembers within a
    block is kept.

    At every bar a new block begins with probability ``bar / block_s`` at a row drawn evenly, else the next row follows; after the last row
    comes the first. Ticks and bars must be whole multiples of one another; a straight line leads through a bar that is
    longer than a tick. The path starts at the contract's opening price; the past is a
    geometric Brownian motion of the file's volatility.

    Source: Politis and Romano (1994), J. Am. Stat. Assoc. 89, doi:10.1080/01621459.1994.10476870.
    """

    key = "bootstrap"
    file = Param("", doc="klines as CSV or zip, relative to the scenario or to ADLABM_DATA")
    earlier = Param((), doc="files of the time before, joined to it")
    block_s = Param(86_400.0, 0.001, 1e9, "s", "mean length of a block", "D: market models 3.3")

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        files = [read_klines(locate(file, self.base)) for file in (*self.value("earlier"), self.value("file"))]
        self.inputs = tuple(each.quality for each in files)
        bars = join(files)
        closes = without_gaps(bars)[:, CLOSE]
        self.ratios, self.bar_s = closes[1:] / closes[:-1], bars.interval_ms / 1000
        longer, shorter = max(self.tick_s, self.bar_s), min(self.tick_s, self.bar_s)
        if longer % shorter:
            raise BadInput(
                f"tick_s = {self.tick_s:g} does not fit {self.value('file')}, whose bars last {self.bar_s:g} s; one must be a multiple of"
                " the other."
            )
        self.state = -1, self.start_price, self.start_price

    @classmethod
    def validate(cls, params: dict[str, Any]) -> None:
        if not params.get("file"):
            raise BadInput("index.file is missing; name a CSV or zip of klines, e.g. from https://data.binance.vision.")

    def advance(self, first: int, count: int, first_contract: NDArray[np.float64] | None) -> NDArray[np.float64]:
        out = np.empty(count)
        parts, bars = max(round(self.bar_s / self.tick_s), 1), max(round(self.tick_s / self.bar_s), 1)
        restart = min(self.bar_s / self.value("block_s"), 1.0)
        self.state = block_walk(out, first, *self.state, self.ratios, restart, parts, bars, *self.stream(JUMPS))
        return out.reshape(count, 1)

    def history(self, steps: int, step_s: float) -> NDArray[np.float64]:
        return self.gbm_history(steps, step_s, self.volatility)

    @property
    def volatility(self) -> float:
        """Root mean square return of a bar, per square root of a year."""
        squares = math.fsum((self.ratios - 1.0) ** 2)
        return math.sqrt(squares / len(self.ratios) * YEAR_S / self.bar_s)
