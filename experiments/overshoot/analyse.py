"""The overshoot at the mark and the overshoot played out, from the runs of `adlabm sweep overshoot`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.studies import below, dots, zero
from adlabm.reports.style import BLUE, RED, styled
from adlabm.sweep.effects import outcome
from adlabm.sweep.statistics import paired

PRICE = "index.knots.4.1"
PATHS = {0.94: "price comes back", 0.86: "price falls on"}
PROBES = {"keep": "short", "buy back": "trailing"}


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Per path and behaviour: what ADL cost a short in shares of equity, at the mark (partial) and played out (general), and the market."""
    rows = []
    for (price, behaviour), probe in [((price, each), arm) for price in PATHS for each, arm in PROBES.items()]:
        worlds = {
            world: runs[(runs[PRICE] == price) & (runs["treatment"] == f"{world}: {behaviour}")].set_index("seed")
            for world in ("queue", "hold")
        }
        own = outcome(worlds["queue"], probe, "wealth")
        against = {
            "partial": outcome(worlds["queue"], f"{probe}-exempt", "wealth"),
            "general": outcome(worlds["hold"], probe, "wealth"),
        }
        found = {kind: (other, own) for kind, other in against.items()}
        found["general - partial"] = (against["general"], against["partial"])
        found["fall"] = (worlds["hold"]["max_drawdown"], worlds["queue"]["max_drawdown"])
        for kind, (first, second) in found.items():
            effect = paired(first, second.reindex(first.index))
            row = {"path": PATHS[price], "shorts": behaviour, "outcome": kind, "effect": effect.estimate}
            rows.append(row | {"low": effect.low, "high": effect.high, "p": effect.p, "populations": effect.n})
    return pd.DataFrame(rows)


@styled
def draw(found: pd.DataFrame) -> Figure:
    """Partial beside general, for those who keep and those who buy back."""
    figure = Figure(figsize=(9.6, 3.8), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, path in zip(panels, PATHS.values(), strict=True):
        for n, (kind, colour) in enumerate({"partial": BLUE, "general": RED}.items()):
            part = found[(found["path"] == path) & (found["outcome"] == kind)]
            label = {"partial": "against the mark (partial)", "general": "both worlds played out (general)"}[kind]
            dots(axes, np.arange(len(part)) + 0.16 * n, part, colour, label)
        zero(axes)
        axes.set_xticks(np.arange(2) + 0.08, [f"shorts {behaviour}" for behaviour in PROBES])
        axes.set(title=path, xlim=(-0.4, 1.6))
    panels[0].set_ylabel("what ADL costs a short, % of equity")
    below(panels[0])
    figure.suptitle(f"Does the overshoot survive? ({found['populations'].max()} populations, bars: 95 %)", x=0.01, ha="left", weight="bold")
    return figure
