"""A path from a file of klines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.data.klines import join, read_klines
from adlabm.data.where import locate
from adlabm.errors import BadInput, did_you_mean
from adlabm.kernels.paths import polyline
from adlabm.price.bars import Run, line, opening_price, way_points, without_gaps
from adlabm.price.process import Process

COLUMNS = ("open", "high", "low", "close")
PATHS = ("close", "ohlc")


class Historic(Process):
    """Prices from klines (Binance's format), from the bar that opens at the scenario's start.

    Path ``close``: the chosen column stands for the bar and holds at its end; straight lines where a bar is longer than a tick, the
    first open, highest high, lowest low or last close where it is shorter. Path ``ohlc``: open, the two extremes in the order of the
    shorter path (the low first when the bar rises), close. Missing bars are bridged by straight lines. The opening price is the open of
    the first bar.

    Source: the file; its series (mark, trade) and hash are in `inputs`.
    """

    key = "historic"
    file = Param("", doc="klines as CSV or zip, relative to the scenario or to ADLABM_DATA")
    earlier = Param((), doc="files of the time before, for the entry prices of the opening book")
    column = Param("close", doc="open, high, low or close (path `close` only)")
    path = Param("close", doc="close or ohlc")
    rescale = Param(False, doc="scale the file so that it begins at the contract's opening price")

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        files = [read_klines(locate(file, self.base)) for file in (*self.value("earlier"), self.value("file"))]
        self.inputs = tuple(each.quality for each in files)
        self.width = 4 if self.value("path") == "ohlc" else 1
        bars = join(files)
        begin = int(files[-1].open_time_ms[0]) if self.start_ms is None else self.start_ms
        run = Run(begin - int(bars.open_time_ms[0]), self.tick_s * 1000, self.ticks, bars.interval_ms)
        run.check(bars, self.value("file"))
        grid = without_gaps(bars)
        column = COLUMNS.index(self.value("column"))
        self.points = line(grid, run, column)
        opening = opening_price(grid, run, *self.points)
        scale = self.start_price / opening if self.value("rescale") else 1.0
        self.start_price = opening * scale
        self.points = self.points[0], self.points[1] * scale
        self.way = scale * way_points(grid, run, None if self.width == 4 else column)

    @classmethod
    def validate(cls, params: dict[str, Any]) -> None:
        for name, allowed in (("column", COLUMNS), ("path", PATHS)):
            value = params.get(name, getattr(cls, name).default)
            if value not in allowed:
                raise BadInput(f"index.{name} is {value!r}{did_you_mean(value, allowed)}; allowed are {', '.join(allowed)}.")
        if not params.get("file"):
            raise BadInput("index.file is missing; name a CSV or zip of klines, e.g. from https://data.binance.vision.")

    def advance(self, first: int, count: int, first_contract: NDArray[np.float64] | None) -> NDArray[np.float64]:
        return self.way[first : first + count]

    def history(self, steps: int, step_s: float) -> NDArray[np.float64]:
        """The file's own rows before the start; before its first row, that row's open."""
        out = np.empty(steps)
        polyline(out, -np.arange(steps, 0, -1) * (step_s * 1000.0), *self.points)
        return out[::-1].copy()
