"""Effects of lower leverage on one trader, from the runs of `adlabm sweep own-leverage`: a table and a figure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports.style import BLUE, GREY, styled
from adlabm.sweep.statistics import holm, paired
from adlabm.sweep.store import read_table

RESULTS = Path(__file__).parents[2] / "results" / "own-leverage"
LEVERAGE = "traders.8.leverage.leverage"
PROBE = 10.0
MEASURES = {
    "hit_rate": ("hit by ADL", 1e2, "percentage points"),
    "closed": ("opening contracts closed by ADL", 1e2, "percentage points"),
    "haircut": ("haircut over opening notional", 1e4, "basis points"),
    "liquidated": ("liquidated", 1e2, "percentage points"),
    "wealth": ("wealth at the end over equity", 1e2, "percentage points"),
}
"""Measure -> its name, and the unit in which the figure shows it."""


def effects(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per measure and leverage of the twins: both means, and the effect with its interval over runs; null pairs are not tested."""
    rows = []
    for measure in MEASURES:
        for leverage, cell in runs.groupby(LEVERAGE):
            twin, probe = (cell[f"metric:by-group.{group}.{measure}"] for group in ("twin", "probe"))
            found = paired(twin, probe, cell["seed"])
            rows.append({"measure": measure, "leverage": leverage, "twin": twin.mean(), "probe": probe.mean(), **vars(found)})
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table["p"].where(table["leverage"] != PROBE))
    return table.rename(columns={"estimate": "effect", "n": "runs"})


@styled
def draw(table: pd.DataFrame) -> Figure:
    """A panel per measure: twin minus probe against the leverage of the twins."""
    figure = Figure(figsize=(10.4, 6.0), layout="constrained")
    panels = figure.subplots(2, 3).ravel()
    for axes, (measure, (label, scale, unit)) in zip(panels, MEASURES.items(), strict=False):
        part = table[table["measure"] == measure].reset_index(drop=True)
        for place, row in part.iterrows():
            colour = GREY if row["leverage"] == PROBE else BLUE
            low, effect, high = (scale * row[name] for name in ("low", "effect", "high"))
            axes.plot([place, place], [low, high], color=colour, linewidth=2.2)
            axes.plot(place, effect, "o", color=colour, markersize=5)
            axes.annotate(f"{effect:+z.1f}", (place, high), (0, 6), textcoords="offset points", ha="center", fontsize=8.5)
        axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
        axes.set(title=label, xlim=(-0.5, len(part) - 0.5), xlabel="leverage of the twin (probe: 10)", ylabel=f"twin minus probe, {unit}")
        axes.set_xticks(range(len(part)), [f"{each:g}" + (" (null)" if each == PROBE else "") for each in part["leverage"]])
        axes.margins(y=0.2)
    panels[-1].axis("off")
    lines = [
        f"Means over {table['runs'].max()} runs, each with its own",
        "population and index path; bars: 95 %",
        "intervals (BCa over runs). Both sides,",
    ]
    panels[-1].text(0.0, 0.95, "\n".join([*lines, "winners or not; equity fixed."]), va="top", fontsize=9)
    figure.suptitle(
        "One trader with less leverage in a crash: what changes against a twin with leverage 10", x=0.01, ha="left", weight="bold"
    )
    return figure


def main() -> None:
    """Writes effects.csv and effects.png."""
    runs = pd.concat([read_table(part).to_pandas() for part in sorted((RESULTS / "parts").glob("*.parquet"))])
    table = effects(runs)
    table.round(6).to_csv(RESULTS / "effects.csv", index=False)
    draw(table).savefig(RESULTS / "effects.png", dpi=130, facecolor="white")
    print(table.round(4).to_string(index=False))


if __name__ == "__main__":
    main()
