"""Controls: each stands for settings of the scenario, wrong texts are answered by the model's own sentence."""

from __future__ import annotations

import math

import pytest

from adlabm import registry
from adlabm.errors import UnknownName
from adlabm.web.choice import MOST_TICKS, MOST_TRADERS, Choice


@pytest.mark.parametrize("scenario", registry.names("scenarios"))
def test_untouched_controls_change_nothing(scenario):
    choice = Choice(scenario)
    for section in choice.sections().values():
        for control in section:
            assert choice.with_text(control, choice.shown(control)) == choice, control.name
    assert choice.sets() == []
    assert choice.complaints() == {}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"fund": "0.05"}, lambda s: s.fund.share == 0.05),
        ({"venue": "okx"}, lambda s: s.venue == "okx" and s.fund.trigger == "drawdown"),
        ({"policy": "random"}, lambda s: s.adl.policy == "random"),
        ({"depth": "0.1"}, lambda s: s.depth.share == 0.1),
        ({"ticks": "60"}, lambda s: s.ticks == 60),
        ({"count 0": "5"}, lambda s: s.traders[0].count == 5),
        ({"taking": "ladder"}, lambda s: {g.profit_taking.rule for g in s.traders} == {"ladder"}),
        ({"leverage": "8"}, lambda s: math.isclose(s.traders[0].leverage.params["leverage"].mu, math.log(8), rel_tol=1e-5)),
    ],
)
def test_every_control_does_what_it_says(texts, found):
    choice = Choice(texts=texts)
    assert choice.complaints() == {}
    assert found(choice.build())


def test_a_crash_of_another_size_and_speed():
    knots = Choice(texts={"size": "0.2", "speed": "600"}).build().index.params["knots"]
    assert [list(knot) for knot in knots[:3]] == [[0, 1.0], [1800, 1.0], [2400, 0.8]]
    assert [knot[0] for knot in knots[3:]] == [3300, 9300]  # what follows keeps its pace
    slow = Choice("oct10", texts={"speed": "2400"}).build().index.params["knots"]
    assert min(slow, key=lambda knot: knot[1])[0] == 600 + 2400


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("fund", "-1", "fund.share is -1, but must be at least 0"),
        ("fund", "much", "fund.share is 'much', but must be a number"),
        ("depth", "0", "depth.share is 0, but must be greater than 0"),
        ("ticks", "1.5", "ticks is 1.5, but must be a whole number"),
        ("ticks", str(MOST_TICKS + 1), "the page takes at most 50,000"),
        ("count 0", str(MOST_TRADERS), "the page takes at most 20,000"),
        ("count 0", "-1", "traders.0.count is -1, but must be at least 0"),
        ("leverage", "none", "The median leverage is 'none', but must be a number above 0"),
        ("size", "0", "The size of the crash is '0', but must be a number above 0"),
        ("size", "1.5", "index.knots"),
        ("policy", "nobody", "There is no ADL policy 'nobody'"),
    ],
)
def test_a_wrong_text_is_answered_at_its_control(name, text, sentence):
    complaints = Choice(texts={name: text}).complaints()
    assert list(complaints) == [name]
    assert sentence in complaints[name]


@pytest.mark.parametrize("seed", ["-1", "1.5", "x", "", str(2**63), "9" * 30, "\uff17"])
def test_seeds_are_whole_numbers(seed):
    assert "must be a whole number" in Choice(seed=seed).complaints()["seed"]


def test_no_visitor_gives_a_path(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("key = 'mine'")
    assert "There is no Venue" in Choice(texts={"venue": str(mine)}).complaints()["venue"]
    with pytest.raises(UnknownName, match="There is no scenario"):
        Choice(str(mine))
