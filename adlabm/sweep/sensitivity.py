"""Which axis matters: designs and indices of Saltelli (variance) and Morris (screening), by SALib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from adlabm.errors import BadInput

if TYPE_CHECKING:
    from adlabm.sweep.plan import Plan

DESIGNS = ("saltelli", "morris")


def sampled(design: str, axes: int, points: int, seed: int) -> NDArray[np.float64]:
    """Points of a design in the unit cube, float64 (n, axes): n = points x (axes + 2) for Saltelli, points x (axes + 1) for Morris.

    Source: Saltelli (2010) without second order; Morris (1991) with four levels.
    """
    problem = _problem(axes)
    if design == "saltelli":
        return _salib("sample.sobol").sample(problem, points, calc_second_order=False, seed=seed)
    return _salib("sample.morris").sample(problem, points, num_levels=4, seed=seed)


def sobol_indices(rows: pd.DataFrame, plan: Plan, outcome: str) -> pd.DataFrame:
    """One row per axis: first-order index `S1` and total index `ST` of the mean over replications, with 95 % half-widths `_conf`.

    Runs are those of one study with the design "saltelli". Near a fold interactions dominate: there S1 says little.
    Source: Saltelli and others (2010), Jansen (1999); bootstrap of SALib.
    """
    found = _salib("analyze.sobol").analyze(
        _problem(len(plan.study.axes)), _means(rows, plan, outcome, "saltelli"), calc_second_order=False, seed=0
    )
    return _table(plan, found, ("S1", "S1_conf", "ST", "ST_conf"))


def morris_indices(rows: pd.DataFrame, plan: Plan, outcome: str) -> pd.DataFrame:
    """One row per axis: mean absolute elementary effect `mu_star` over the axis' range with its half-width, and `sigma`, their spread.

    Runs are those of one study with the design "morris". Large sigma: non-linear or interacting. Source: Campolongo (2007).
    """
    problem, design = _problem(len(plan.study.axes)), np.array([_unit(plan, point) for point, _ in plan.cells])
    found = _salib("analyze.morris").analyze(problem, design, _means(rows, plan, outcome, "morris"), num_levels=4, seed=0)
    return _table(plan, found, ("mu_star", "mu_star_conf", "sigma"))


def _means(rows: pd.DataFrame, plan: Plan, outcome: str, design: str) -> NDArray[np.float64]:
    """Mean of the outcome at every point, in the order of the plan."""
    if plan.study.design != design or len(plan.study.treatments) > 1 or not all(axis.ranged for axis in plan.study.axes):
        raise BadInput(f"Indices of {outcome!r} need a study with design = {design!r}, one treatment, and axes from low to high alone.")
    means = rows[outcome].groupby(rows["run"] % len(plan.cells)).mean().reindex(range(len(plan.cells)))
    if means.isna().any():
        raise BadInput(f"{outcome!r} is missing at {int(means.isna().sum())} of {len(means)} points; indices need all of them.")
    return means.to_numpy(np.float64)


def _unit(plan: Plan, point: tuple[Any, ...]) -> list[float]:
    ends = [axis.ends for axis in plan.study.axes]
    return [(value - low) / (high - low) for (low, high), value in zip(ends, point, strict=True)]


def _table(plan: Plan, found: dict[str, Any], names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({"axis": [axis.key for axis in plan.study.axes], **{name: np.asarray(found[name], np.float64) for name in names}})


def _problem(axes: int) -> dict[str, Any]:
    return {"num_vars": axes, "names": [str(n) for n in range(axes)], "bounds": [[0.0, 1.0]] * axes}


def _salib(module: str) -> Any:
    from importlib import import_module

    try:
        return import_module(f"SALib.{module}")
    except ImportError:
        raise BadInput("Sensitivity designs need SALib; install it with: pip install 'adlabm[analysis]'.") from None
