"""A contract that follows the first one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.contracts import Param
from adlabm.errors import BadInput
from adlabm.kernels.paths import beta_walk
from adlabm.price.process import BACKWARD, YEAR_S, Process


class Beta(Process):
    """The first contract's path to the power beta, times a martingale of its own.

    ``S_t = S_0 (S0_t / S0_0)^beta n_t`` with ``n_(t+1) = n_t exp(sigma sqrt(dt) z - sigma^2 dt / 2)``; jumps are the first contract's.

    Source: one-factor market model, Sharpe (1963), Manag. Sci. 9; beta above 1 as altcoins against bitcoin.
    """

    key = "beta"
    beta = Param(1.2, -10.0, 10.0, "", "elasticity to the first contract", "design default")
    sigma = Param(0.3, 0.0, 20.0, "per square root of a year", "volatility of the contract's own noise", "design default")

    def __init__(self, params: dict[str, Any], **place: Any) -> None:
        super().__init__(params, **place)
        self.width = self._first.width
        self.noise = 1.0

    @property
    def _first(self) -> Process:
        """The process of the first contract."""
        if self.leader is None:
            raise BadInput(
                f"The index process 'beta' of {self.name} follows the first contract, so the first contract needs another process."
            )
        return self.leader

    def advance(self, first: int, count: int, first_contract: NDArray[np.float64] | None) -> NDArray[np.float64]:
        if first_contract is None:
            raise ValueError("beta needs the first contract's levels of the same ticks")
        noise = self._martingale(self.noise, first, count, self.tick_s)
        out = self._follow(first_contract, self.noise, noise)
        self.noise = float(noise[-1]) if count else self.noise
        return out

    def history(self, steps: int, step_s: float) -> NDArray[np.float64]:
        leader = self._first.history(steps, step_s).reshape(steps, 1)
        return self._follow(leader, 1.0, self._martingale(1.0, 0, steps, step_s, BACKWARD))[:, 0]

    def jumps(self, first: int, count: int) -> NDArray[np.bool_]:
        return self._first.jumps(first, count)

    def _martingale(self, level: float, first: int, count: int, step_s: float, *draw: int) -> NDArray[np.float64]:
        """Own noise forwards; backwards its drift has the other sign."""
        sigma, dt = self.value("sigma"), step_s / YEAR_S
        drift = 0.5 * sigma * sigma * dt
        return self.walk(level, first, count, drift if draw else -drift, sigma * math.sqrt(dt), *draw)

    def _follow(self, leader: NDArray[np.float64], before: float, noise: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.empty(leader.shape)
        beta_walk(out, np.ascontiguousarray(leader), self._first.start_price, self.start_price, self.value("beta"), before, noise)
        return out
