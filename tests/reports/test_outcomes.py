"""An outcome of a study against its axes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from adlabm.errors import BadInput
from adlabm.reports.outcomes import intervals, measured, outcome_against, study_runs, varied
from adlabm.sweep.statistics import bca
from adlabm.sweep.store import write_table

AXIS, OUTCOME = "fund.share", "metric:by-group.crowd.closed"


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Two parts of a study of 60 seeds and three sizes of the fund; one run failed."""
    folder, rng = tmp_path_factory.mktemp("study"), np.random.default_rng(1)
    seed, share = np.repeat(np.arange(60), 3), np.tile([0.0, 0.01, 0.05], 60)
    errors = [None] * 179 + ["Traceback"]
    table = pa.table(
        {
            "run": np.arange(180), "replication": seed, "seed": seed, "treatment": ["baseline"] * 180, AXIS: share,
            "adl_events": 300 - 1000 * share + rng.normal(size=180), OUTCOME: rng.random(180), "error": pa.array(errors, pa.string()),
        }
    )  # fmt: skip
    (folder / "parts").mkdir()
    for part in (0, 1):
        write_table(folder / "parts" / f"{part:06d}.parquet", table.slice(90 * part, 90))
    found = study_runs(folder)
    assert len(found) == 179
    return found


def test_axes_and_outcomes_are_told_apart(rows):
    assert varied(rows) == [AXIS]
    assert {"adl_events", OUTCOME} <= set(measured(rows))
    assert AXIS not in measured(rows)


def test_intervals_are_those_of_the_statistics(rows):
    found = intervals(rows, AXIS, OUTCOME).set_index("value")
    cell = rows[rows[AXIS] == 0.01]
    alone = bca(cell[OUTCOME], cell["seed"])
    assert tuple(found.loc[0.01, ["estimate", "low", "high", "n"]]) == (alone.estimate, alone.low, alone.high, alone.n)
    assert found.index.tolist() == sorted(rows[AXIS].unique())
    assert outcome_against(found.reset_index(), AXIS, OUTCOME, 8.0).axes[0].get_xlabel() == AXIS


def test_too_many_values_are_refused(rows):
    with pytest.raises(BadInput, match="seed has 60 values, too many"):
        intervals(rows, "seed", OUTCOME)
