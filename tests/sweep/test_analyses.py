"""Every study's analysis takes the rows its sweep gives, whatever they say, and answers with tables and figures."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adlabm.registry import names
from adlabm.sweep import statistics
from adlabm.sweep.effects import cells
from adlabm.sweep.plan import Plan
from adlabm.sweep.study import Study

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


@pytest.fixture
def analysed(monkeypatch):
    """`analyse.py` of the experiments, with few resamples."""
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    monkeypatch.setattr(statistics, "RESAMPLES", 49)
    import analyse

    yield analyse
    for name in ("analyse", "arms"):
        sys.modules.pop(name, None)


def invented(plan: Plan) -> pd.DataFrame:
    """Rows of every cell, with numbers out of a hat between 0.1 and 1."""
    rng = np.random.default_rng(len(plan))
    numbers = rng.uniform(0.1, 1.0, (len(plan), len(plan.study.outcomes)))
    found = [(run, dict(zip(plan.study.outcomes, row, strict=True)), None) for run, row in enumerate(numbers.tolist())]
    runs = plan.table(found).to_pandas()
    return runs.assign(cell=cells(runs, plan))


@pytest.mark.slow
@pytest.mark.parametrize("name", names("studies"))
def test_every_study_is_analysed(name, analysed, monkeypatch):
    plan = Plan(Study.load(name).model_copy(update={"replications": 3, "populations": 3}))
    written = {}
    monkeypatch.setattr(analysed, "opened", lambda _: (invented(plan), plan))
    monkeypatch.setattr(analysed, "write", lambda name, tables, figures: written.update(tables | figures))
    assert len(analysed.analyse(name)) > 0
    assert all(len(each) > 0 for each in written.values() if isinstance(each, pd.DataFrame))
