"""Tables of finished studies: what is read of them is what stands in them."""

from __future__ import annotations

import pandas as pd
import pytest

from adlabm.errors import BadInput
from adlabm.registry import PACKAGE
from adlabm.reports.outcomes import outcome_against
from adlabm.reports.summaries import among, summary, tables, told

RESULTS = PACKAGE.parent / "results"
FINISHED = [
    pytest.param(file, id=f"{file.parent.name}-{name}")
    for each in sorted(RESULTS.iterdir())
    if each.is_dir()
    for name, file in tables(each).items()
]


@pytest.mark.parametrize("file", FINISHED)
def test_every_finished_table_can_be_drawn(file):
    axes, long = summary(file)
    assert axes
    assert not long.duplicated([*axes, "outcome"]).any()
    assert told(file.parent.name)[0] != file.parent.name
    held = {name: long[name].iloc[0] for name in axes[:-1]}
    shown = among(long, axes[-1], long["outcome"].iloc[0], "", held)
    assert len(shown)
    assert outcome_against(shown, axes[-1], "outcome", 8.0, "populations").axes


def test_outcomes_side_by_side(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("arm,fund,adl,adl_low,adl_high,fall,fall_low,fall_high,runs\nx,0,5,4,6,1,0,2,9\nx,1,3,2,4,1,0,2,9\ny,0,7,6,8,1,0,2,9\n")
    axes, long = summary(file)
    assert axes == ["arm", "fund"]
    shown = among(long, "fund", "adl", "", {"arm": "x"})
    assert shown[["value", "estimate", "low", "high", "n"]].to_numpy().tolist() == [[0, 5, 4, 6, 9], [1, 3, 2, 4, 9]]
    assert among(long, "fund", "adl", "arm", {})["line"].tolist() == ["x", "x", "y"]


def test_outcomes_one_below_another(tmp_path):
    file = tmp_path / "b.csv"
    file.write_text("market,measure,mean,effect,low,high,populations\nm,closed,9,1,0,2,4\nm,wealth,9,3,2,4,4\nn,closed,9,5,4,6,4\n")
    axes, long = summary(file)
    assert axes == ["market"]
    assert among(long, "market", "closed", "", {})["estimate"].tolist() == [1, 5]


def test_rows_that_nothing_tells_apart(tmp_path):
    file = tmp_path / "c.csv"
    pd.DataFrame({"a": [1, 1], "effect": [2, 2], "low": [1, 1], "high": [3, 3]}).to_csv(file, index=False)
    with pytest.raises(BadInput, match="rows that no column tells apart"):
        summary(file)
