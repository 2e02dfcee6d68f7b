"""Skill within events against a plain recount; halves and deciles add up to the run."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adlabm as ad
from adlabm.metrics.deciles import deciles
from adlabm.metrics.halves import halves
from adlabm.metrics.skill import skill


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 2)), min_size=2, max_size=24))
def test_auc_is_the_share_of_pairs_in_order(rows):
    scores, hits, events = (np.array(column) for column in zip(*rows, strict=True))
    each = []
    for event in np.unique(events):
        hit, spared = scores[(events == event) & hits], scores[(events == event) & ~hits]
        if len(hit) and len(spared):
            each.append(np.mean([(a > b) + 0.5 * (a == b) for a in hit for b in spared]))
    found = skill(scores, hits, events)
    assert found["events"] == len(each)
    assert found["auc"] == pytest.approx(np.mean(each)) if each else np.isnan(found["auc"])


def test_a_score_that_knows_when_but_not_who_has_no_skill():
    """Pooled, an hour's severity sorts hits well; within the hour it says nothing."""
    rng = np.random.default_rng(0)
    event = np.repeat(np.arange(40), 50)
    chance = np.repeat(rng.uniform(0.02, 0.9, 40), 50)
    hit = rng.uniform(size=2000) < chance
    found = skill(chance, hit, event)
    assert found["auc"] == 0.5
    assert found["brier_skill"] < 0.0
    assert skill(chance, hit, np.zeros(2000))["auc"] > 0.7


def test_parts_add_up_to_the_run():
    model = ad.AdlModel("crash", rng=2).run()
    summary, series, traders = model.summary(), model.series_frame(), model.traders_frame()
    parts = halves(series)
    interest = float(series.groupby("tick")["open_interest"].sum().iloc[0])
    assert parts["deleveraged"].sum() * interest == pytest.approx(float(summary["adl_notional"]), rel=1e-9)
    assert parts["liquidated"].sum() * interest == pytest.approx(float(summary["liquidated_notional"]), rel=1e-9)
    for table in deciles(traders).values():
        assert table["closed"].sum() == pytest.approx(1.0)
        assert (table["hit_rate"] * 100).sum() == pytest.approx(summary["adl_traders"])
    assert deciles(traders.sample(frac=1, random_state=1))["leverage"].equals(deciles(traders)["leverage"])
