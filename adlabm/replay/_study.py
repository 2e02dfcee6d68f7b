"""All runs of the market of a day: every baseline solved, then every rule on the solved course."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import product

import numpy as np
import pandas as pd

from adlabm import registry
from adlabm.replay._course import Course
from adlabm.replay._feedback import WITHOUT, market, terms, waves
from adlabm.replay._target import Target
from adlabm.replay._world import MODELLED, Case, Seen, follow, scenario, solve, unmoved

Progress = Callable[[int, int], None]
ONSET_S = (21 * 60 + 15) * 60
"""Second of the day with which the tables of Hyperliquid's ADL begin."""


@dataclass(frozen=True)
class Plan:
    """How much is run.

    Attributes:
        baselines: (venue, fund over open interest, crowd).
        splits: (permanent, makers); the first is drawn.
        populations: seeds.
        policies: ADL policies to compare.
    """

    baselines: Sequence[tuple[str, float, str]]
    splits: Sequence[tuple[float, float]]
    populations: range
    policies: Sequence[str]

    @property
    def cases(self) -> list[Case]:
        """Every baseline with every split and population."""
        return [Case(*base, *split, seed) for base, split, seed in product(self.baselines, self.splits, self.populations)]


@dataclass(frozen=True, eq=False)
class Found:
    """Results: a row per case in `fits` and in `null` (nobody moves the mark), a row per case and policy in `policies`; courses and runs of
    the first population, by case, to be drawn."""

    fits: pd.DataFrame
    null: pd.DataFrame
    policies: pd.DataFrame
    drawn: dict[Case, tuple[Course, Seen]]


def full_plan(measured: bool, baselines: Sequence[tuple[str, float, str]], smoke: bool) -> Plan:
    """The usual size, or a toy."""
    own, other = (0.0, MODELLED) if measured else (MODELLED, 0.0)
    if smoke:
        return Plan(baselines[:1], ((0.2, own),), range(1), ("queue", "pnl-pro-rata"))
    return Plan(baselines, ((0.2, own), (0.0, own), (0.5, other)), range(2), registry.names("policies"))


def study(target: Target, plan: Plan, progress: Progress | None = None) -> Found:
    """Solve every case; where its baseline deleverages and has the crowd of the day, run every policy on its course."""
    fits, null, policies, drawn = [], [], [], {}
    asked = {case: able(case, target, plan.policies) if case.crowd == plan.baselines[0][2] else [] for case in plan.cases}
    total = sum(2 + (len(keys) + len(WITHOUT) if keys else 0) for keys in asked.values())
    done = 0
    for case, keys in asked.items():
        course, run = solve(target, case)
        fits.append({**asdict(case), **misfit(target, course, run), **emergent(target, run)})
        null.append({**asdict(case), **emergent(target, unmoved(target, case))})
        if case.population == plan.populations[0]:
            drawn[case] = course, run
        if keys and len(run.adl):
            policies += counterfactuals(course, case, keys)
        done += 2 + (len(keys) + len(WITHOUT) if keys else 0)
        if progress is not None:
            progress(done, total)
    return Found(pd.DataFrame(fits), pd.DataFrame(null), pd.DataFrame(policies), drawn)


def counterfactuals(course: Course, case: Case, policies: Sequence[str]) -> list[dict[str, object]]:
    """The rows of one case: every policy, and the worlds without ADL."""
    without = {name: follow(course, case, sets) for name, sets in WITHOUT.items()}
    runs = {f"none, {name}": run for name, run in without.items()}
    runs |= {policy: follow(course, case, [("adl.policy", policy)]) for policy in policies}
    return [{**asdict(case), "policy": name, **terms(run, without), **market(run)} for name, run in runs.items()]


def able(case: Case, target: Target, policies: Sequence[str]) -> list[str]:
    """The policies that the venue can ask: what a backstop vault offers has no deficit, so wealth space has nothing to debit there."""
    vault = scenario(target, case).fund.rule == "vault"
    return [key for key in policies if not (vault and registry.find("policies", key).unit == "wealth")]


def misfit(target: Target, course: Course, run: Seen) -> dict[str, float]:
    """How well the baseline follows the day, and what that takes.

    Units: misfits in basis points of the mark; falls as fractions of the opening price; `lift`, the largest excess of the level over the
    mark: exogenous buying that the split has to invent.
    """
    off = np.abs(np.log(run.mark / target.mark))
    return {
        "misfit_rms_bp": 1e4 * float(np.sqrt((off**2).mean())),
        "misfit_max_bp": 1e4 * float(off.max()),
        "real_fall": 1 - float(target.mark.min()) / target.opening,
        "shock_fall": 1 - float(course.level.min()) / target.opening,
        "shock_at_low": 1 - float(course.level[target.mark.argmin()]) / target.opening,
        "lift": float((course.level / run.mark).max()) - 1,
    }


def emergent(target: Target, run: Seen) -> dict[str, float]:
    """What is predicted and was not put in."""
    seen = waves(run) / 1000 + target.start_ms / 1000 % 86_400
    after = seen[seen >= ONSET_S]
    found = market(run)
    return {
        **found,
        "adl_over_forced": found["adl"] / found["forced"] if found["forced"] else np.nan,
        "interest_change": found["interest_end"] - 1,
        "gap_bp": 1e4 * run.share("haircut") / found["adl"] if found["adl"] else np.nan,
        "waves": len(seen),
        "first_adl_s": float(after.iloc[0] - ONSET_S) if len(after) else np.nan,
        "adl_minutes": float(seen.iloc[-1] - seen.iloc[0]) / 60 if len(seen) else np.nan,
    }
