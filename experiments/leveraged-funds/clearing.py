"""The market of Thurner, Farmer and Geanakoplos itself: one price a step at which everybody's demand is the supply.

Supply and value are 1. Noise traders spend xi: log xi follows an autoregression of 0.99 with shocks of 0.035. Fund h wants assets worth
min(beta_h m, cap) times its wealth, m = max(log(1 / p), 0) as a share of 1 (the source: V - p), so at its cap it sells into a fall. A fund
below a tenth of its first wealth leaves and comes back after 100 steps. Investors follow performance: they pay in 0.15 (r - 0.005) of its
wealth, r the moving average (weight 0.1) of the fund's returns. Source: Thurner, Farmer and Geanakoplos (2012), Quantitative Finance 12(5),
arXiv 0908.1555; numbers as the reference and the literature give them (M).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BETAS = np.arange(5.0, 51.0, 5.0)
START, RUIN, PAUSE = 0.002, 0.1, 100
"""First wealth of a fund (2e6 of a supply worth 1e9), the share of it below which it is ruined, steps until it is replaced."""
BACK, SHOCK = 0.99, 0.035
FOLLOW, BENCHMARK, MEMORY = 0.15, 0.005, 0.1


def worth(price: float, cash: NDArray[np.float64], held: NDArray[np.float64]) -> NDArray[np.float64]:
    """Wealth at a price, at least 0."""
    return np.maximum(cash + held * price, 0.0)


def cleared(price: float, spent: float, cash: NDArray[np.float64], held: NDArray[np.float64], cap: float) -> float:
    """The price, next to the last one in the direction of excess demand, at which demand is the supply."""

    def excess(log_price: float) -> float:
        p = float(np.exp(log_price))
        return spent + float(worth(p, cash, held) @ np.clip(BETAS * (1.0 - p), 0.0, cap)) - p

    near = float(np.log(price))
    up = excess(near) > 0.0
    far, step = near, 0.005 if up else -0.005
    while (excess(far) > 0.0) == up:
        near, far = far, far + step
    for _ in range(40):
        middle = 0.5 * (near + far)
        near, far = (middle, far) if (excess(middle) > 0.0) == up else (near, middle)
    return float(np.exp(0.5 * (near + far)))


def simulate(cap: float, seed: int, steps: int = 20_000, *, flows: bool = True) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """(prices, share of the supply that funds hold, ruins) of a run; `flows` off: investors neither pay in nor out."""
    shocks = np.random.default_rng(seed).normal(0.0, SHOCK, steps)
    cash, held = np.full(BETAS.size, START), np.zeros(BETAS.size)
    past, good, away = np.full(BETAS.size, START), np.full(BETAS.size, BENCHMARK), np.zeros(BETAS.size, int)
    prices, funds, ruins, spent, price = np.empty(steps), np.empty(steps), 0, 0.0, 1.0
    for t in range(steps):
        spent = BACK * spent + shocks[t]
        price = cleared(price, float(np.exp(spent)), cash, held, cap)
        wealth = worth(price, cash, held)
        wanted = wealth * np.clip(BETAS * (1.0 - price), 0.0, cap) / price
        there = away == 0
        good = np.where(there, (1.0 - MEMORY) * good + MEMORY * (wealth / past - 1.0), BENCHMARK)
        cash, held = wealth - wanted * price, wanted
        if flows:
            cash = cash + np.where(there, np.maximum(FOLLOW * (good - BENCHMARK), -1.0) * wealth, 0.0)
        ruined = there & (wealth < RUIN * START)
        ruins += int(ruined.sum())
        away = np.where(ruined, PAUSE, np.maximum(away - 1, 0))
        back = (away == 0) & ~there
        cash, held = np.where(ruined | (away > 0), 0.0, np.where(back, START, cash)), np.where(away > 0, 0.0, held)
        past = np.where(away > 0, 1.0, np.maximum(worth(price, cash, held), 1e-12))
        prices[t], funds[t] = price, held.sum()
    return prices, funds, ruins


def hill(x: NDArray[np.float64], share: float) -> float:
    """Hill's exponent of the largest `share`, nan where these are 20 or fewer. Source: Hill (1975), Annals of Statistics 3(5)."""
    x = np.sort(np.abs(x))[::-1]
    k = int(share * x.size)
    return float(1.0 / np.log(x[:k] / x[k]).mean()) if k > 20 else float("nan")


def measured(cap: float, flows: bool, seed: int = 0, steps: int = 6000, warm: int = 1000) -> dict[str, float]:
    """Tail exponents of one-step log returns: all (largest 2.5 %), and falls and rises (5 %) from prices below value, where funds are."""
    prices, funds, ruins = simulate(cap, seed, steps, flows=flows)
    returns, under = np.diff(np.log(prices))[warm:], (prices[:-1] < 1.0)[warm:]
    falls, rises = -returns[under & (returns < 0)], returns[under & (returns > 0)]
    tails = {"hill": hill(returns, 0.025), "hill_falls": hill(falls, 0.05), "hill_rises": hill(rises, 0.05)}
    return {"flows": flows, "cap": cap, **tails, "largest_fall": falls.max(), "funds": funds.mean(), "ruins": ruins}


if __name__ == "__main__":
    found = pd.DataFrame([measured(cap, flows) for flows in (True, False) for cap in (1.0, 3.0, 7.5, 15.0)])
    found.to_csv(Path(__file__).parents[2] / "results" / "leveraged-funds" / "clearing.csv", index=False, float_format="%.3g")
    print(found.round(3).to_string(index=False))
