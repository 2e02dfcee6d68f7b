"""An outcome of a study against its axes."""

from __future__ import annotations

from pathlib import Path

import pytest

from adlabm.errors import BadInput
from adlabm.reports.outcomes import intervals, measured, outcome_against, study_runs, varied
from adlabm.sweep.statistics import bca

RESULTS = Path(__file__).parents[2] / "results" / "own-leverage"
AXIS, OUTCOME = "traders.8.leverage.leverage", "metric:by-group.twin.closed"


@pytest.fixture(scope="module")
def rows():
    return study_runs(RESULTS)


def test_axes_and_outcomes_are_told_apart(rows):
    assert varied(rows) == [AXIS]
    assert {"adl_events", OUTCOME} <= set(measured(rows))
    assert AXIS not in measured(rows)


def test_intervals_are_those_of_the_statistics(rows):
    found = intervals(rows, AXIS, OUTCOME).set_index("value")
    cell = rows[rows[AXIS] == 5.0]
    alone = bca(cell[OUTCOME], cell["seed"])
    assert tuple(found.loc[5.0, ["estimate", "low", "high", "n"]]) == (alone.estimate, alone.low, alone.high, alone.n)
    assert found.index.tolist() == sorted(rows[AXIS].unique())
    assert outcome_against(found.reset_index(), AXIS, OUTCOME, 8.0).axes[0].get_xlabel() == AXIS


def test_too_many_values_are_refused(rows):
    with pytest.raises(BadInput, match="seed has 60 values, too many"):
        intervals(rows, "seed", OUTCOME)
