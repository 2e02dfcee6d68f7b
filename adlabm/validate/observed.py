"""What the battery looks at: a run, or a file of real prices, as the columns that the statistics need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from adlabm.data.klines import join, read_klines
from adlabm.market import Depth
from adlabm.metrics.concentration import gini, top_share
from adlabm.model import AdlModel

STEP_S = 300.0
Column = NDArray[np.float64]


@dataclass(frozen=True)
class Observed:
    """One market's first contract.

    Attributes:
        returns: log returns of 5 minutes.
        volume: traded notional of each, as a share of open interest.
        premium: of every tick, trade price over index less 1; `tick_s` is its step.
        funding: rates at the funding times, per interval; `interval_s` apart.
        sizes: liquidated notional by account and tick.
        liquidations: forced orders per tick.
        with_price: share of liquidated notional on the side that the 5 minutes' move hurts.
        adl: notional by deleveraged trader.
        open_interest: without the maker, of every tick.
        liquidated: notional of every tick as a share of open interest.
        phi: depth exponent that the scenario sets; `impact`: exponent of the impact of voluntary flow.
    """

    returns: Column
    volume: Column = field(default_factory=lambda: np.zeros(0))
    premium: Column = field(default_factory=lambda: np.zeros(0))
    tick_s: float = 60.0
    funding: Column = field(default_factory=lambda: np.zeros(0))
    interval_s: float = 28_800.0
    sizes: Column = field(default_factory=lambda: np.zeros(0))
    liquidations: Column = field(default_factory=lambda: np.zeros(0))
    with_price: float = np.nan
    adl: Column = field(default_factory=lambda: np.zeros(0))
    open_interest: Column = field(default_factory=lambda: np.zeros(0))
    liquidated: Column = field(default_factory=lambda: np.zeros(0))
    phi: float = np.nan
    impact: float = np.nan

    @property
    def gini(self) -> float:
        """Of the notional by deleveraged trader."""
        return gini(self.adl)

    @property
    def top10(self) -> float:
        """Share of the ten most deleveraged."""
        return top_share(self.adl, 10)


def of_run(model: AdlModel, warm_up_s: float = 0.0) -> Observed:
    """A finished run, read as a user reads its tables, without its first `warm_up_s` seconds."""
    tables, config = model.tables(), model.config
    first, skipped = config.contracts[0].name, round(warm_up_s / config.tick_s)
    series = tables.series.to_pandas()
    series = series[series["contract"] == first].iloc[skipped:]
    money = {name: series[name].to_numpy(float) for name in ("open_interest_ex_maker", "volume", "liquidated")}
    each = max(round(STEP_S / config.tick_s), 1)
    trade = series["trade"].to_numpy(float)[each - 1 :: each]
    owned = np.maximum(money["open_interest_ex_maker"], 1.0)
    returns = np.diff(np.log(trade))
    volume = _summed(money["volume"] / owned, each)[1 : len(trade)]
    events = tables.events.to_pandas()
    events = events[(events["contract"] == first) & (events["tick"] >= skipped)]
    forced = events[(events["kind"] == "liquidation") & (events["quantity"].fillna(0.0) != 0.0)]
    notional = (forced["quantity"].abs() * forced["price"]).to_numpy(float)
    ticks = forced["tick"].to_numpy(int) - skipped
    sizes = pd.Series(notional).groupby([forced["trader"].to_numpy(), ticks]).sum().to_numpy(float)
    adl = events[(events["kind"] == "adl") & events["quantity"].notna()]
    return Observed(
        returns=returns,
        volume=volume,
        premium=series["trade"].to_numpy(float) / series["index"].to_numpy(float) - 1.0,
        tick_s=config.tick_s,
        funding=_at_funding_times(series["funding_rate"].to_numpy(float), config.tick_s, config.funding.interval_s),
        interval_s=config.funding.interval_s,
        sizes=sizes,
        liquidations=np.bincount(ticks, minlength=len(series)).astype(float),
        with_price=_with_price(forced["quantity"].to_numpy(float), notional, ticks // each - 1, returns),
        adl=(adl["quantity"].abs() * adl["price"]).groupby(adl["trader"]).sum().to_numpy(float),
        open_interest=money["open_interest_ex_maker"],
        liquidated=money["liquidated"] / owned,
        **(_set(config.depth) if config.price.formation == "depth" else {}),
    )


def _set(depth: Depth) -> dict[str, float]:
    """What a scenario sets of its price formation."""
    return {"phi": depth.phi, "impact": 0.5 if depth.metaorder else 1.0 / depth.phi}


def _at_funding_times(rates: Column, tick_s: float, interval_s: float) -> Column:
    """The rate that each funding time set, from the first one on."""
    each = max(round(interval_s / tick_s), 1)
    return rates[each - 1 :: each]


def _summed(x: Column, each: int) -> Column:
    return x[: len(x) // each * each].reshape(-1, each).sum(axis=1)


def _with_price(quantity: Column, notional: Column, at: NDArray[np.int64], returns: Column) -> float:
    """Share of the liquidated notional that was long while the price fell or short while it rose."""
    known = (at >= 0) & (at < len(returns))
    move = returns[at[known]]
    hurt = np.where(quantity[known] < 0, move < 0, move > 0)
    total = notional[known].sum()
    return float((notional[known] * hurt).sum() / total) if total > 0 else np.nan


def of_files(paths: Iterable[Path]) -> Observed:
    """Real klines of 5 minutes; returns over missing bars are left out."""
    bars = join([read_klines(path) for path in sorted(paths)])
    together = np.diff(bars.open_time_ms) == bars.interval_ms
    return Observed(returns=np.diff(np.log(bars.close))[together])
