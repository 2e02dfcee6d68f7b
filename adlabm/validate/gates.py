"""The gates of the battery: fact, statistic, band, and whether it can be evidence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from adlabm.validate import statistics as stat
from adlabm.validate.observed import STEP_S, Observed

Label = Literal["input", "inherited", "emergent"]
YEAR_S = 365 * 86_400


@dataclass(frozen=True)
class Gate:
    """One number of the battery.

    Attributes:
        fact: number and name as in market models 5.1 (m: measurement 16).
        name: what is measured.
        measure: the statistic; nan where a market has nothing to measure.
        low, high: the band.
        of: "price" for facts that an exogenous index can bring along, "market" for those of the exchange, "input" for what is set.
    """

    fact: str
    name: str
    measure: Callable[[Observed], float]
    low: float
    high: float
    of: Literal["price", "market", "input"] = "market"

    def label(self, process: str) -> Label:
        """Facts of the price are inherited from any index that has memory or tails of its own."""
        if self.of == "input":
            return "input"
        return "inherited" if self.of == "price" and process != "gbm" else "emergent"

    def holds(self, value: float) -> bool:
        """Whether a value lies in the band; nan does not."""
        return self.low <= value <= self.high


def _lags(x: Observed) -> float:
    return float(np.abs(stat.acf(x.returns, np.arange(2, 21))).max())


def _first(x: np.ndarray) -> float:
    return float(stat.acf(x, np.array([1]))[0])


def _towards_normal(x: Observed) -> float:
    """Excess quantile ratio of overlapping days over that of 5 minutes."""
    days = np.convolve(x.returns, np.ones(288), "valid")[::12]
    return stat.spread_kurtosis(days) / stat.spread_kurtosis(x.returns) if len(days) > 100 else math.nan


def _funding(x: Observed, what: str) -> float:
    if not len(x.funding):
        return math.nan
    return float(np.isclose(x.funding, 1e-4, atol=5e-7).mean() if what == "anchor" else x.funding.mean() * YEAR_S / x.interval_s)


def _per_day(x: Observed) -> float:
    return float(x.liquidated.sum()) / (len(x.liquidated) * x.tick_s / 86_400) if len(x.liquidated) else math.nan


def _kept(x: Observed) -> float:
    return float(x.open_interest[-1] / x.open_interest[0]) if len(x.open_interest) else math.nan


def _peg(x: Observed) -> float:
    return float(np.median(np.abs(x.premium))) if len(x.premium) else math.nan


def _response(x: Observed) -> float:
    """Change of open interest over the worst hour, where that fell by 12 to 16 %."""
    hours = np.convolve(x.returns, np.ones(12), "valid")
    if not len(x.open_interest) or not math.log(0.84) <= hours.min() <= math.log(0.88):
        return math.nan
    each = round(STEP_S / x.tick_s)
    end = (int(hours.argmin()) + 13) * each - 1
    return float(x.open_interest[end] / x.open_interest[end - 12 * each]) - 1.0


def _volume(x: Observed) -> float:
    return stat.rank_correlation(x.volume, np.abs(x.returns)) if len(x.volume) == len(x.returns) else math.nan


def _half_life(x: Observed) -> float:
    return stat.half_life(x.premium) * x.tick_s / 60 if x.premium.any() else math.nan


GATES = (
    Gate("1", "largest absolute ACF of returns, lags 2 to 20", _lags, 0.0, 0.05, "price"),
    Gate("1", "ACF of returns, lag 1", lambda x: _first(x.returns), -0.10, 0.03, "price"),
    Gate("2", "tail exponent of absolute returns, top 5 %", lambda x: stat.hill(np.abs(x.returns), 0.05), 2.0, 4.0, "price"),
    Gate("2", "tail exponent of absolute returns, top 2.5 %", lambda x: stat.hill(np.abs(x.returns), 0.025), 2.0, 4.0, "price"),
    Gate("2", "tail exponent of falls, top 5 %", lambda x: stat.hill(-x.returns, 0.05), 2.0, 4.0, "price"),
    Gate("2", "tail exponent of rises, top 5 %", lambda x: stat.hill(x.returns, 0.05), 2.0, 4.0, "price"),
    Gate("3", "excess spread of days over that of 5 minutes", _towards_normal, -0.5, 0.5, "price"),
    Gate(
        "4",
        "lowest mean ACF of absolute returns, ten lags up to 100",
        lambda x: stat.lowest_block(abs(x.returns)),
        0.005,
        1.0,
        "price",
    ),
    Gate("4", "decay exponent of the ACF of absolute returns", lambda x: stat.decay_exponent(np.abs(x.returns)), 0.1, 0.5, "price"),
    Gate("5", "Hurst exponent of prices", lambda x: stat.hurst(x.returns), 0.42, 0.55, "price"),
    Gate("5", "Hurst exponent of absolute returns", lambda x: stat.hurst(np.abs(x.returns)), 0.7, 0.9, "price"),
    Gate("7", "leverage effect, mean of lags 1 to 20", lambda x: stat.leverage_effect(x.returns), -0.15, 0.15, "price"),
    Gate("8", "rank correlation of volume and absolute return", _volume, 0.3, 0.8),
    Gate("9", "kurtosis of 4 h returns over realised volatility", lambda x: stat.standardised_kurtosis(x.returns), 2.6, 3.5, "price"),
    Gate("10", "exponent of the impact of voluntary flow", lambda x: x.impact, 0.4, 0.6, "input"),
    Gate("11", "depth exponent phi", lambda x: x.phi, 0.5, 0.9, "input"),
    Gate("12", "median absolute premium", _peg, 0.0, 0.001),
    Gate("12", "half-life of the premium, minutes", _half_life, 0.5, 30.0),
    Gate("13", "funding intervals at the anchor", lambda x: _funding(x, "anchor"), 0.5, 1.0),
    Gate("13", "mean funding per year", lambda x: _funding(x, "mean"), 0.05, 0.15),
    Gate("14", "tail exponent of liquidated notional, top 20 %", lambda x: stat.hill(x.sizes, 0.2), 0.6, 1.2),
    Gate("15", "Fano factor of liquidations per tick", lambda x: stat.fano(x.liquidations), 2.0, math.inf),
    Gate("15", "liquidated on the side the move hurts", lambda x: x.with_price, 0.8, 1.0),
    Gate("16", "Gini of ADL notional", lambda x: x.gini if len(x.adl) > 1 else math.nan, 0.9, 0.99),
    Gate("16", "share of the ten most deleveraged", lambda x: x.top10 if len(x.adl) > 10 else math.nan, 0.3, 0.6),
    Gate("17", "change of open interest in an hour of -12 to -16 %", _response, -0.55, -0.15),
    Gate("m", "liquidated per day over open interest", _per_day, 0.001, 0.054),
    Gate("m", "open interest at the end over the start", _kept, 0.7, 1.3),
)
