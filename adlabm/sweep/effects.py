"""Effects of what traders are told: on one who follows it, on those who do not, and on everyone when a share of all follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from adlabm.sweep.plan import Plan
from adlabm.sweep.statistics import benjamini_hochberg, fixed, holm, paired

METRIC = "metric:by-group"
EXEMPT = "-exempt"
REGRET = "regret"
MEASURES = ("closed", "hit_rate", "haircut", "liquidated", "wealth", REGRET)


def cells(runs: pd.DataFrame, plan: Plan) -> pd.Series:
    """Name of each run's cell: `axis=value` for axes that left their first value, and the treatment, unless it is the first beside such."""
    names, (first, base) = [], plan.cells[0]
    for point, treatment in plan.cells:
        moved = [f"{axis.key}={_word(value)}" for axis, value, start in zip(plan.study.axes, point, first, strict=True) if value != start]
        names.append(", ".join([*moved, treatment.name] if treatment != base or not moved else moved))
    return (runs["run"] % len(names)).map(dict(enumerate(names))).rename("cell")


def outcome(runs: pd.DataFrame, arm: str, measure: str) -> pd.Series:
    """A measure of an arm, run by run; `regret` is the wealth of its exempt twin less its own. nan where there is none."""
    if measure == REGRET:
        return outcome(runs, f"{arm}{EXEMPT}", "wealth") - outcome(runs, arm, "wealth")
    return runs.get(f"{METRIC}.{arm}.{measure}", pd.Series(np.nan, runs.index)).astype(float)


def effects(runs: pd.DataFrame, plan: Plan, control: str, arms: Iterable[str], measures: Iterable[str] = MEASURES) -> pd.DataFrame:
    """Every effect of every arm in every cell, pairs sharing their noise.

    Formula, with Y(arm; a) the outcome at adoption a: private PE = Y(arm; a) - Y(control; a) in every cell; at adoption a the spillover
    SE = Y(control; a) - Y(control; 0) and the total TE = Y(arm; a) - Y(control; 0), run by run. `low`, `high`: over populations (BCa,
    each counted once); `low_fixed`, `high_fixed`: over futures with the populations as they are. `p_adjusted`: of private
    effects on one measure, Holm's over the arms of the first cell, Benjamini and Hochberg's over all other cells.
    Units: those of `adlabm.metrics.by_group`; regret in shares of what was paid in.
    Source: measurement notes 9 and 13.
    """
    runs = runs.assign(cell=cells(runs, plan)).set_index("replication", drop=False)
    by_cell = dict(iter(runs.groupby("cell", sort=False)))
    base = runs["cell"].iloc[0]
    rows = []
    for measure in measures:
        for cell, here in by_cell.items():
            untreated, before = outcome(here, control, measure), outcome(by_cell[base], control, measure)
            for arm in arms:
                treated = outcome(here, arm, measure)
                pairs = {"private": (treated, untreated)}
                if cell == base or cell.startswith("adoption="):
                    pairs |= {"spillover": (untreated, before), "total": (treated, before)}
                for kind, (first, second) in pairs.items():
                    if (difference := (first - second).dropna()).empty:
                        continue
                    population = here["seed"].reindex(difference.index)
                    found = paired(first[difference.index], second[difference.index], population)
                    inside = fixed(difference, population)
                    names = {"kind": kind, "cell": cell, "arm": arm, "measure": measure}
                    levels = {"control_mean": second.mean(), "arm_mean": first.mean(), "effect": found.estimate}
                    bounds = {"low": found.low, "high": found.high, "low_fixed": inside.low, "high_fixed": inside.high, "p": found.p}
                    rows.append(names | levels | bounds | {"populations": found.n, "runs": len(difference)})
    table = pd.DataFrame(rows)
    table["p_adjusted"] = np.nan
    private = table[table["kind"] == "private"]
    for (first, _), part in private.groupby([private["cell"] == base, "measure"]):
        table.loc[part.index, "p_adjusted"] = (holm if first else benjamini_hochberg)(part["p"])
    return table


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
