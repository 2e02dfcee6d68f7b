"""One case of an insurance fund: its path, and what the fund does on it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from adlabm.replay._study import misfit
from adlabm.replay._target import Target
from adlabm.replay._world import Case, Seen, solve, unmoved
from adlabm.scenario import Scenario

TICK_S = 10.0


def predicted(each: dict[str, Any], case: Case) -> dict[str, Any]:
    """One case, split and population: what the fund does, and the same when nobody moves the mark."""
    target = path_of(each)
    course, run = solve(target, case)
    still = unmoved(target, case)
    return {
        "case": each["name"],
        **asdict(case),
        **misfit(target, course, run),
        "draw": _fund(run)[-1],
        "lowest": _fund(run).min(),
        "adl": run.share("adl_notional"),
        "forced": run.forced,
        "null_draw": _fund(still)[-1],
    }


def path_of(each: dict[str, Any]) -> Target:
    """The target of a case: straight lines between its knots, no measured depth."""
    given = Scenario.load(each["scenario"]) if "scenario" in each else None
    begin = given.start if given else datetime.fromisoformat(each["start"])
    seconds, price = np.array(given.index.params["knots"] if given else each["knots"], np.float64).T
    ends = np.arange(TICK_S, seconds[-1] + TICK_S / 2, TICK_S)
    mark = np.interp(ends, seconds, price)
    opening = float(np.interp(0.0, seconds, price))
    start_ms = round(begin.timestamp() * 1000)
    return Target(each["contract"], start_ms, TICK_S, opening, mark, np.full((len(mark), 2), np.nan), 0.0, (seconds * 1000, price), ())


def _fund(run: Seen) -> np.ndarray:
    """Equity of the fund by tick over its start, less one."""
    return run.tables.series["fund_equity"].cast("float64").to_numpy() / float(run.tables.summary["fund_start"]) - 1
