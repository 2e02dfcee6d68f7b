"""Real markets: outcomes agree with the tables they come from, failures are rows, and every study runs at toy size."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import adlabm as ad
from adlabm import cli
from adlabm.errors import BadInput
from adlabm.metrics.by_group import by_group
from adlabm.registry import names
from adlabm.sweep.outcomes import _flat
from adlabm.sweep.run import cost, run_study
from adlabm.sweep.study import Study
from tests.sweep.studies import study

SHORT = ["ticks=34"]


def go(each, **options):
    with ThreadPoolExecutor(1) as pool:
        return run_study(each, executor=pool, jobs=1, **options)


def test_rows_are_what_single_runs_say():
    each = study(
        sets=SHORT, replications=1, seed=3, outcomes=["adl_events", "haircut", "depth_budget.hedgers", "metric:by-group.hedgers.hit_rate"]
    )
    rows = go(each).rows
    assert rows["error"].isna().all()
    for _, row in rows.iterrows():
        policy = "queue" if row["treatment"] == "queue" else "pnl-pro-rata"
        single = ad.run("crash", seed=3, sets=[*SHORT, ("fund.share", row["fund.share"]), ("adl.policy", policy)])
        assert row["adl_events"] == single.summary["adl_events"] > 0
        assert row["haircut"] == float(single.summary["haircut"])
        assert row["depth_budget.hedgers"] == single.summary["depth_budget"]["hedgers"]
        traders = single.tables.traders.to_pandas()
        hedgers = traders[traders["group"] == "hedgers"]
        assert row["metric:by-group.hedgers.hit_rate"] == pytest.approx((hedgers["adl_hits"] > 0).mean())


def test_by_group_adds_up():
    single = ad.run("crash", seed=1)
    traders, events, series = (getattr(single.tables, name).to_pandas() for name in ("traders", "events", "series"))
    found = by_group(traders, events, series)
    people = traders[traders["type"] == "trader"]
    counts = people.groupby("group").size()
    assert (found["hit_rate"] * counts).sum() == pytest.approx(single.summary["adl_traders"])
    assert (found["liquidated"] * counts).sum() == pytest.approx((people["liquidations"] > 0).sum())
    assert found["closed"].between(0, 1.05).all()
    assert found["closed"].le(found["hit_rate"] * 1.05).all()
    shuffled = by_group(traders.sample(frac=1, random_state=1), events.sample(frac=1, random_state=2), series)
    assert np.allclose(shuffled, found, rtol=1e-12)


def test_a_failed_run_is_a_row_with_its_sentence():
    each = study(sets=SHORT, replications=1, treatments=[{"name": "a"}, {"name": "b", "sets": ["max_rounds=1"]}])
    found = go(each)
    assert found.failed == 3
    assert all("needs more than max_rounds = 1 rounds" in error for error in found.rows.loc[found.rows["treatment"] == "b", "error"])
    assert found.rows.loc[found.rows["treatment"] == "a", "haircut"].notna().all()


def test_a_metric_may_answer_in_a_table_a_series_or_words():
    assert _flat("m", pd.Series({"a": 1.0, "b": None})) == {"m.a": 1.0, "m.b": None}
    assert _flat("m", pd.DataFrame({"a": [1.0]}, index=["x"])) == {"m.x.a": 1.0}
    assert _flat("m", {"a": {"b": 2}, "c": "word"}) == {"m.a.b": 2.0}


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ("haircutt", "did you mean 'haircut'"),
        ("depth_budget.hedger", "did you mean 'depth_budget.hedgers'"),
        ("metric:by-grup.hedgers.wealth", "did you mean 'by-group'"),
        ("metric:by-group.hedgers.welth", "did you mean 'metric:by-group.hedgers.wealth'"),
        ("metric:gini", "no metric of whole runs 'gini'|no metric of whole runs"),
        ("digest", "no outcome 'digest'"),
    ],
)
def test_unknown_outcomes(outcome, sentence):
    with pytest.raises(BadInput, match=sentence):
        cost(study(outcomes=[outcome]))


@pytest.mark.parametrize("name", names("studies"))
def test_every_study_runs_at_toy_size(name):
    found = go(Study.load(name, smoke=True))
    assert len(found.rows) > 0
    assert found.errors == []


@pytest.mark.slow
def test_the_command(tmp_path, monkeypatch, capsys):
    """Real processes: the same rows as in this process, exit code 1 when runs failed."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["adlabm", "sweep", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()

    path = tmp_path / "study.toml"
    lines = [
        'title = "t"',
        'question = "q"',
        'scenario = "crash"',
        'outcomes = ["haircut"]',
        'sets = ["ticks=34"]',
        "replications = 2",
        "part = 2",
    ]
    treatments = ['[[treatments]]\nname = "a"', '[[treatments]]\nname = "b"\nsets = ["max_rounds=1"]']
    path.write_text("\n".join([*lines, *treatments]))
    code, out, err = call(str(path), "--jobs", "2", "--out", str(tmp_path / "x"))
    assert (code, "4 runs, 2 failed" in out, "max_rounds" in err) == (1, True, True)
    assert call("--all", "--smoke", "--jobs", "1")[0] == 0
    code, out, _ = call(str(path), "--dry-run")
    assert (code, "4 runs in 2 parts" in out) == (0, True)
    assert call()[0] == 2
