"""Runs the engine in its mean-field configuration and draws where it ends on where theory says it must."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import adlabm as ad
from adlabm.reports.style import BLUE, GREY, ORANGE, RED, WIDE, styled
from adlabm.theory import cascade_fixed_point, cascade_fold, cascade_limited

PHI = 0.674
LAWS = {"Hyperliquid, December 2025": (1.31, 0.62), "crowd before 10 October 2025": (1.55, 0.80)}
"""Log-normal leverage by notional (market models 4.1); with equal equities the law by count has mu - sigma^2."""
DEPTHS = (0.06, 0.10, 0.20)
SHOCKS = (0.02, 0.035, 0.04, 0.05, 0.07, 0.08, 0.10, 0.13, 0.16)
RESULTS = Path(__file__).parents[2] / "results" / "cascade-theory"


def engine(depth: float, mu: float, sigma: float, shock: float, ramp: bool, unlimited: bool, count: int = 1000, seed: int = 1) -> dict:
    """Fall and residual share of the engine, and the leverage of its longs (whose shares of open interest are as their leverage)."""
    low = 1.0 - shock
    knots = [[0, 1.0], [1, 1.0], *([[101, low]] if ramp else [[1, low], [2, low]])]
    sets = [("index.knots", knots), ("depth.share", depth), ("depth.phi", PHI), ("traders.0.count", count)]
    sets += [("traders.0.leverage.leverage.mu", mu - sigma**2), ("traders.0.leverage.leverage.sigma", sigma)]
    if unlimited:
        sets += [("fund.rule", "pay"), ("fund.cash", 1e11)]
    model = ad.AdlModel(ad.Scenario.load("mean-field", sets=sets), rng=seed)
    traders, start, price = model.traders_frame(), model.open_interest / 1e6, model.mark()
    model.run()
    events, series = model.events_frame(), model.series_frame()
    residual = events.loc[events["kind"] == "adl", "quantity"].astype(float).abs().sum() * price / start
    leverage = traders.loc[traders["group"] == "longs", "leverage_entry"].to_numpy(float)
    return {"fall": 1.0 - float(series["trade"].iloc[-1]) / price, "residual": residual, "leverage": leverage}


def theory(depth: float, leverage: np.ndarray, shock: float, ramp: bool, unlimited: bool) -> dict[str, float]:
    """What the two oracles say of the same longs."""
    market = {"share": leverage, "phi": PHI, "convention": "engine"}
    step = 1e-5 if ramp else None
    found = (
        cascade_fixed_point(shock, depth, leverage, **market) if unlimited else cascade_limited(shock, depth, leverage, step=step, **market)
    )
    return {"fall": found.fall, "residual": found.residual}


def table() -> pd.DataFrame:
    """One row per law, depth, shock, path and kind of order: engine beside theory."""
    rows = []
    for name, (mu, sigma) in LAWS.items():
        for depth in DEPTHS:
            for shock in SHOCKS:
                for ramp in (False, True):
                    for unlimited in (False, True):
                        found = engine(depth, mu, sigma, shock, ramp, unlimited)
                        told = theory(depth, found["leverage"], shock, ramp, unlimited)
                        row = {"law": name, "depth": depth, "shock": shock, "path": "ramp" if ramp else "jump"}
                        row |= {"orders": "unlimited" if unlimited else "limited", "fall": found["fall"], "fall_theory": told["fall"]}
                        rows.append(row | {"residual": found["residual"], "residual_theory": told["residual"]})
    return pd.DataFrame(rows)


def law(mu: float, sigma: float) -> np.ndarray:
    """Quantiles of a law by notional."""
    from statistics import NormalDist

    normal = NormalDist(mu, sigma)
    return np.maximum(np.exp([normal.inv_cdf((i + 0.5) / 4000) for i in range(4000)]), 1.01)


@styled
def draw(runs: pd.DataFrame) -> Figure:
    """Lines: theory of the law. Points: the engine, a population of 1,000 longs."""
    figure = Figure(figsize=(WIDE, 6.4), layout="constrained")
    grid = figure.subplots(2, 2, sharex=True, sharey="row")
    colours = dict(zip(DEPTHS, (RED, ORANGE, BLUE), strict=True))
    shocks = np.linspace(0.0, 0.17, 341)
    for column, (name, (mu, sigma)) in enumerate(LAWS.items()):
        longs = law(mu, sigma)
        for depth, colour in colours.items():
            of = {"phi": PHI, "convention": "engine"}
            unlimited = [cascade_fixed_point(s, depth, longs, **of).fall for s in shocks]
            jumps = [cascade_limited(s, depth, longs, **of).residual for s in shocks]
            grid[0, column].plot(shocks, unlimited, color=colour, label=f"D: {100 * depth:.0f} % of open interest within 1 %")
            grid[1, column].plot(shocks, jumps, color=colour)
            mine = runs[(runs["law"] == name) & (runs["depth"] == depth)]
            for path, marker in (("jump", "o"), ("ramp", "x")):
                at = mine[(mine["path"] == path) & (mine["orders"] == "unlimited")]
                grid[0, column].plot(at["shock"], at["fall"], marker, color=colour, markersize=5, markerfacecolor="none")
            at = mine[(mine["path"] == "jump") & (mine["orders"] == "limited")]
            grid[1, column].plot(at["shock"], at["residual"], "o", color=colour, markersize=5, markerfacecolor="none")
            if fold := cascade_fold(depth, longs, **of):
                grid[0, column].annotate(
                    "fold", (fold.shock, fold.after), (fold.shock - 0.022, fold.after), color=GREY, fontsize=8, va="center"
                )
        grid[0, column].set_title(name)
        grid[1, column].set_xlabel("shock to the index, a fall")
    grid[0, 0].set_ylabel("fall of the price, orders without a limit")
    grid[1, 0].set_ylabel("left for fund and ADL after a jump,\nshare of open interest, limited orders")
    grid[0, 0].legend(frameon=False, loc="upper left", bbox_to_anchor=(0.0, 0.85), fontsize=8)
    for axis in grid.flat:
        axis.set_xticks(np.arange(0, 0.17, 0.04))
        axis.xaxis.set_major_formatter("{x:.0%}")
        axis.yaxis.set_major_formatter("{x:.0%}")
    figure.suptitle("Lines: theory. Circles and crosses: the engine after a jump and after a ramp, 1,000 longs", x=0.01, ha="left")
    return figure


def redraw(runs: pd.DataFrame) -> None:
    """Write table and figure."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    runs.round(6).to_csv(RESULTS / "summary.csv", index=False)
    draw(runs).savefig(RESULTS / "cascade.png", dpi=150, facecolor="white")


if __name__ == "__main__":
    runs = table()
    redraw(runs)
    gap = (runs["fall"] - runs["fall_theory"]).abs()
    print(
        f"{len(runs)} runs; largest distance of fall {gap.max():.2e}, of residual {(runs.residual - runs.residual_theory).abs().max():.2e}"
    )
    print(runs.sort_values("fall", key=lambda _: -gap).head(6).to_string())
