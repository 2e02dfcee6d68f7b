"""The queue that is ranked once a round chooses whom the queue that is ranked for every request chooses."""

from random import Random

import pytest

from adlabm.adl.scores import SCORES
from adlabm.errors import Overflow, TooManyRounds
from adlabm.exchange import standing
from adlabm.exchange.standing import Standing
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.oracle.worlds import world

WORLDS = 60


def market(number):
    """A hostile market whose venue deleverages by a queue."""
    tables, r = world(number), Random(number)
    score = r.choice([key for key, score in SCORES.items() if score.alone])
    kept = {key: value for key, value in tables.get("adl", {}).items() if key in ("price", "filter", "fee", "commission", "maker")}
    return Scenario.from_dict({**tables, "adl": {**kept, "policy": "queue", "score": score, "scope": "position"}}), score


def digest(scenario, number, in_order):
    model = AdlModel(scenario, rng=number)
    model.exchange.in_order &= in_order
    try:
        summary = model.run().summary()
    except (Overflow, TooManyRounds) as error:
        return type(error).__name__, 0
    return summary["digest"], summary["adl_events"]


def test_the_same_traders_are_closed(monkeypatch):
    chosen, renewed, scores = [], [], set()
    choose, renew = Standing.choose, standing.renew
    monkeypatch.setattr(Standing, "choose", lambda self, *request: chosen.append(choose(self, *request)) or chosen[-1])
    monkeypatch.setattr(standing, "renew", lambda *changed: renewed.append(renew(*changed)))
    for number in range(WORLDS):
        scenario, score = market(number)
        found = digest(scenario, number, True)
        assert found == digest(scenario, number, False), number
        scores |= {score} if found[1] else set()
    assert len(scores) > 8
    assert sum(len(each) > 1 for each in chosen) > 20
    assert len(renewed) > 200


@pytest.mark.slow
def test_the_same_traders_are_closed_in_many_markets():
    for number in range(WORLDS, 40 * WORLDS):
        scenario, _ = market(number)
        assert digest(scenario, number, True) == digest(scenario, number, False), number
