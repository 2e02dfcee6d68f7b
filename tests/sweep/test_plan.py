"""The plan is fixed by the study alone, and bad studies are refused in one sentence."""

import numpy as np
import pytest

from adlabm.errors import BadInput
from adlabm.sweep.plan import Plan, make_plan, points
from adlabm.sweep.study import Study
from tests.sweep.studies import BASE, study

RANGED = [
    {"key": "fund.share", "low": 0.0, "high": 0.4},
    {"key": "adl.policy", "values": ["queue", "fifo"]},
    {"key": "depth.permanent", "low": 0.1, "high": 0.5},
]


def test_runs_are_numbered_replication_by_replication_and_share_their_noise():
    plan = make_plan(study(seed=100))
    runs = [plan.run(number) for number in range(len(plan))]
    assert len(runs) == 3 * 2 * 5
    assert [each.number for each in runs] == [number for part in range(plan.parts) for number in plan.numbers(part)]
    assert {each.seed - each.replication for each in runs} == {100}
    for replication in range(5):
        cells = [(each.values, each.treatment) for each in runs if each.replication == replication]
        assert cells == [((share,), name) for share in (0.0, 0.03, 0.1) for name in ("queue", "pro rata")]
    assert plan.run(3).sets == (("fund.share", 0.03), ("adl.policy", "pnl-pro-rata"))


def test_a_study_survives_the_way_to_a_worker():
    first = study(traders=[{"name": "x", "count": 1, "leverage": {"rule": "fixed", "leverage": 10.0}}])
    again = Study.model_validate_json(first.model_dump_json())
    assert again == first
    assert [Plan(again).run(k) for k in range(30)] == [Plan(first).run(k) for k in range(30)]


def test_the_key_tells_studies_apart():
    keys = {make_plan(each).key for each in (study(), study(seed=1), study(part=5), study(sets=["ticks=9"]), study(title="b"))}
    assert len(keys) == 5
    assert make_plan(study()).key in keys


def test_grid_spaces_evenly():
    found = points(study(axes=RANGED, points=3))
    assert len(found) == 3 * 2 * 3
    assert sorted({each[0] for each in found}) == pytest.approx([0.0, 0.2, 0.4])
    assert sorted({each[2] for each in found}) == pytest.approx([0.1, 0.3, 0.5])


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_samples_fill_every_stratum_once(design):
    """The defining property of both designs: each of n equal stretches of an axis holds one of n points."""
    found = points(study(axes=RANGED, points=16, design=design))
    assert len(found) == 16 * 2
    for axis, (low, high) in {0: (0.0, 0.4), 2: (0.1, 0.5)}.items():
        column = np.array([each[axis] for each in found if each[1] == "fifo"])
        assert sorted(np.floor((column - low) / (high - low) * 16)) == list(range(16))
    assert found == points(study(axes=RANGED, points=16, design=design))
    assert found != points(study(axes=RANGED, points=16, design=design, seed=1))


def test_a_toy_keeps_the_ends_of_every_axis():
    toy = study(smoke=["ticks=3"], sets=["ticks=9"], stop={"outcome": "haircut", "half_width": 0.1}).toy()
    assert toy.axes[0].values == (0.0, 0.1)
    assert (toy.replications, toy.stop, toy.market().ticks) == (1, None, 3)


def test_groups_join_those_of_the_scenario():
    twin = {"name": "twin", "count": 5, "equity": 9.0, "signal": {"rule": "side"}, "leverage": {"rule": "fixed", "leverage": 2.0}}
    market = study(traders=[twin]).market((("traders.7.count", 6),))
    assert [group.name for group in market.traders[:7]] == [group.name for group in study().market().traders]
    assert (market.traders[7].name, market.traders[7].count) == ("twin", 6)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"axes": [{"key": "fund.shar", "values": [0.1]}]}, r"axis 'fund\.shar'.*did you mean 'share'"),
        ({"axes": [{"key": "fund.share", "values": [0.1, -1.0]}]}, r"axis 'fund\.share'.*at least 0"),
        ({"treatments": [{"name": "a", "sets": ["adl.policy=quue"]}]}, r"treatment 'a'.*did you mean 'queue'"),
        ({"replications": 0}, "is empty; give replications of 1 or more"),
        ({"replications": 10**6, "axes": [{"key": "fund.share", "values": [k / 100 for k in range(9)]}]}, "at most 10000000"),
        ({"scenario": "crush"}, "did you mean 'crash'"),
    ],
)
def test_a_plan_that_cannot_be(changes, sentence):
    with pytest.raises(BadInput, match=sentence):
        make_plan(study(**changes))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("replicatons = 3", r"replicatons is no known key \(did you mean 'replications'\?\)"),
        ("outcomes = []", "outcomes is .* of at least 1 entries"),
        ('outcomes = ["haircut", "haircut"]', r"outcomes\.1 is 'haircut', which is there already"),
        ('design = "sobel"', "did you mean 'sobol'"),
        ('design = "sobol"\npoints = 100', "points is 100, but must be a power of 2"),
        ('sets = ["ticks"]', "write it as key=value"),
        ('[[axes]]\nkey = "ticks"', "needs either values, or both low and high"),
        ('[[axes]]\nkey = "ticks"\nvalues = [1, 1]', "has a value twice"),
        ('[stop]\noutcome = "haircut"\nhalf_width = 0.1', "needs 'adl_events' among the outcomes"),
        ('[[treatments]]\nname = "a"\n[[treatments]]\nname = "a"', "has already"),
    ],
)
def test_a_file_that_is_no_study(tmp_path, line, sentence):
    path = tmp_path / "study.toml"
    head = {"title": "t", "question": "q", "scenario": "crash", "outcomes": ["haircut"]}
    path.write_text("\n".join([*(f"{key} = {value!r}" for key, value in head.items() if key not in line.partition(" ")[0]), line]))
    with pytest.raises(BadInput, match=sentence):
        Study.load(path)


def test_unknown_study_names_the_nearest():
    with pytest.raises(BadInput, match="did you mean 'own-leverage'"):
        Study.load("own-leverag")
    assert Study.load("own-leverage").title
    assert BASE["title"] == study().title
