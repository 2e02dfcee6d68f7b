"""A scripted path: straight lines between knots, with declared jumps and, if wanted, noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.errors import BadInput
from adlabm.kernels.paths import polyline
from adlabm.price.process import YEAR_S, Process

LARGEST = 1e18


class Scripted(Process):
    """Straight lines between knots, constant after the last, times an optional martingale.

    ``S(t) = line(t) n(t)`` with ``n_(t+1) = n_t exp(sigma sqrt(dt) z - sigma^2 dt / 2)``. Two knots at one second are a declared jump:
    the tick that ends there ends before it, the next begins with it.

    Source: crash library of the reference on market models, section 3.3.
    """

    key = "scripted"
    knots = Param((), doc="[[seconds, level], ...]: the first at second 0, at least two, in the order of time; level 1 = opening price")
    absolute = Param(False, doc="levels are prices; the first replaces the contract's opening price")
    sigma = Param(0.0, 0.0, 20.0, "per square root of a year", "volatility of the noise on top", "design default: none")

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        self.seconds, levels = np.array(self.value("knots"), dtype=np.float64).T.copy()
        self.line = levels if self.value("absolute") else levels * self.start_price
        self.start_price = float(self.line[0])
        self.noise = 1.0

    @classmethod
    def validate(cls, params: dict[str, Any]) -> None:
        knots = list(params.get("knots", ()))
        if len(knots) < 2:
            raise BadInput(f"index.knots has {len(knots)} knots; at least two are needed, e.g. [[0, 1.0], [3600, 0.9]].")
        for n, knot in enumerate(knots):
            _check_knot(n, knot)
        times = [knot[0] for knot in knots]
        if times[0] != 0:
            raise BadInput(f"index.knots.0 stands at second {times[0]:g}; the first knot must stand at second 0.")
        for n in range(1, len(times)):
            if times[n] < times[n - 1]:
                raise BadInput(
                    f"index.knots.{n} stands at second {times[n]:g}, before its predecessor; list the knots in the order of time."
                )
            if n > 1 and times[n] == times[n - 2]:
                raise BadInput(f"index.knots.{n} is the third knot at second {times[n]:g}; two are a jump, more are not allowed.")

    def advance(self, first: int, count: int, first_contract: NDArray[np.float64] | None) -> NDArray[np.float64]:
        out = np.empty(count)
        polyline(out, np.arange(first + 1, first + count + 1) * self.tick_s, self.seconds, self.line)
        sigma = self.value("sigma")
        if sigma > 0 and count:
            dt = self.tick_s / YEAR_S
            noise = self.walk(self.noise, first, count, -0.5 * sigma * sigma * dt, sigma * math.sqrt(dt))
            self.noise = float(noise[-1])
            out *= noise
        return out.reshape(count, 1)

    def history(self, steps: int, step_s: float) -> NDArray[np.float64]:
        return self.gbm_history(steps, step_s, self.value("sigma"))

    def jumps(self, first: int, count: int) -> NDArray[np.bool_]:
        out = super().jumps(first, count)
        at = self.seconds[1:][np.diff(self.seconds) == 0]
        ticks = np.floor(at / self.tick_s)
        ticks = ticks[(ticks >= first) & (ticks < first + count)].astype(np.int64)
        out[ticks - first] = True
        return out


def _check_knot(n: int, knot: Any) -> None:
    if not (isinstance(knot, list | tuple) and len(knot) == 2 and all(type(each) in (int, float) for each in knot)):
        raise BadInput(f"index.knots.{n} is {knot!r}; a knot must be two numbers, [seconds, level].")
    seconds, level = knot
    if not 0 <= seconds <= LARGEST:
        raise BadInput(f"index.knots.{n} stands at second {seconds!r}; allowed are finite times of 0 or more.")
    if not 0 < level <= LARGEST:
        raise BadInput(
            f"index.knots.{n} has the level {level!r}; a level must be above zero and finite (an index that jumps to zero cannot be used)."
        )
