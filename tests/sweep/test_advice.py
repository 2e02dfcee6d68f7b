"""Studies of advice: a star of cells, a share of everybody who follows, probes by the dozen, calls of an assigned size."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adlabm as ad
from adlabm.errors import BadInput
from adlabm.groups import Group
from adlabm.kernels import columns as col
from adlabm.streams import RunKey
from adlabm.sweep.effects import cells, effects
from adlabm.sweep.plan import Plan, make_plan
from adlabm.sweep.study import Study, expanded
from adlabm.traders.population import draw_population, identities
from tests.sweep.studies import study

CROWD = {
    "equity": {"law": "lognormal", "mu": 8.0, "sigma": 1.0},
    "signal": {"rule": "side"},
    "leverage": {"rule": "fixed", "leverage": 5.0},
}
FOLLOW = {"groups": ["holders", "targets"], "sets": ["leverage.leverage.mu=0.5", "profit_taking.rule=fixed"]}


def group(name, **changes):
    return Group.model_validate({"name": name, "count": 40, **CROWD, **changes})


@settings(max_examples=40)
@given(st.floats(0, 1), st.integers(0, 2**60), st.integers(0, 60))
def test_members_and_the_rest_make_the_whole(share, seed, count):
    """Property: who is there has the draws that it has in the whole group, and nobody is there twice or missing."""
    key = RunKey.from_seed(seed)
    whole = draw_population((group("crowd", count=count),), key)
    low, high = group("crowd", count=count, members=[0.0, share]), group("rest", count=count, twin_of="crowd", members=[share, 1.0])
    parts = draw_population((low, high), key)
    assert sorted(parts.noise) == list(range(count))
    order = np.argsort(parts.noise, kind="stable")
    for name in ("equity", "side", "holds", "age"):
        assert (getattr(parts, name)[order] == getattr(whole, name)).all(), name
    assert abs((parts.group == 0).sum() - share * count) <= 0.5 + 1e-9


def test_every_order_of_triplets_is_as_likely():
    """Chi-square over the six orders that three twins' identities can have; identities stay a permutation."""
    groups = (group("a", count=3000), group("b", count=3000, twin_of="a"), group("c", count=3000, twin_of="a"))
    identity = identities(groups, RunKey.from_seed(3))
    assert sorted(identity) == list(range(col.SPECIAL, col.SPECIAL + 9000))
    orders = np.argsort(identity.reshape(3, 3000), axis=0)
    counts = np.unique(orders, axis=1, return_counts=True)[1]
    assert len(counts) == 6
    assert ((counts - 500) ** 2 / 500).sum() < 20.5  # 99.9 % quantile, 5 degrees of freedom


def test_exempt_traders_are_passed_by_and_nobody_else():
    ten = {"rule": "fixed", "leverage": 10.0}
    probe = {**CROWD, "name": "probe", "count": 30, "equity": 100.0, "long_share": 0.0, "mode": "isolated", "leverage": ten}
    sets = ["contracts.0.lot='0.00001'", "ticks=40"]
    market = study(traders=[probe, {"name": "spared", "twin_of": "probe", "exempt": True}], sets=sets).market((("fund.share", 0.0),))
    traders = ad.AdlModel(market, rng=1).run().traders_frame().set_index("group")
    assert traders.loc["spared", "adl_hits"].sum() == 0
    assert traders.loc["probe", "adl_hits"].sum() > 0


def test_a_star_leaves_the_first_point_one_way_at_a_time():
    axes = [{"key": "fund.share", "values": [0.0, 0.03, 0.1]}, {"key": "depth.permanent", "low": 0.0, "high": 0.4}]
    plan = Plan(study(axes=axes, design="star", points=2))
    assert plan.cells[0] == ((0.0, 0.0), plan.study.treatments[0])
    points = [(point, treatment.name) for point, treatment in plan.cells]
    assert points[1:] == [((0.03, 0.0), "queue"), ((0.1, 0.0), "queue"), ((0.0, 0.4), "queue"), ((0.0, 0.0), "pro rata")]
    table = pd.DataFrame({"run": range(len(plan))})
    assert cells(table, plan)[:5].tolist() == ["queue", "fund.share=0.03", "fund.share=0.1", "depth.permanent=0.4", "pro rata"]


def test_futures_share_their_population():
    plan = Plan(study(replications=5, populations=2, axes=[], treatments=[{"name": "a"}]))
    assert [(plan.run(n).seed, plan.run(n).future) for n in range(5)] == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]


def test_followers_are_the_same_people_with_other_rules():
    each = study(advice=FOLLOW, axes=[{"key": "adoption", "values": [0.0, 0.3]}], treatments=[{"name": "a"}])
    make_plan(each)
    plain, some = (ad.AdlModel(each.market((("adoption", share),)), rng=5) for share in (0.0, 0.3))
    assert some.equity_start[col.SPECIAL :].sum() == pytest.approx(plain.equity_start[col.SPECIAL :].sum(), rel=1e-12)
    frame = some.traders_frame()
    counts = frame.groupby("group").size()
    assert (counts["holders-advised"], counts["holders"], counts["hedgers"]) == (105, 245, 100)
    follower = frame[frame["group"] == "holders-advised"]
    assert (follower["profit_taking"] == "fixed").all()
    assert follower["leverage_entry"].median() < frame[frame["group"] == "holders"]["leverage_entry"].median()


@pytest.mark.parametrize("key", ["traders.holders.mode", "traders.0.mode"])
def test_who_follows_has_what_an_axis_or_a_treatment_gives_the_group(key):
    each = study(advice=FOLLOW, axes=[], treatments=[{"name": "a"}])
    market = each.market(((key, "isolated"), ("traders.holders.profit_taking", {"rule": "none"}), ("adoption", 0.3)))
    groups = {group.name: group for group in market.traders}
    assert groups["holders"].mode == groups["holders-advised"].mode == "isolated"
    assert groups["holders"].profit_taking.rule == "none" != groups["holders-advised"].profit_taking.rule


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"advice": {"groups": ["holder"], "sets": ["equity=1.0"]}}, "did you mean 'holders'"),
        ({"advice": FOLLOW, "axes": [{"key": "adoption", "values": [0.0, 1.2]}]}, r"adoption is 1\.2, but must be from 0 to 1"),
        ({"treatments": [{"name": "a", "sets": ["scenario=crush"]}]}, "did you mean 'crash'"),
    ],
)
def test_advice_that_cannot_be(changes, sentence):
    with pytest.raises(BadInput, match=sentence):
        make_plan(study(**changes))


def test_a_base_is_joined_and_overruled(tmp_path):
    (tmp_path / "base.toml").write_text('scenario = "crash"\nreplications = 3\noutcomes = ["haircut"]\n[[treatments]]\nname = "a"\n')
    (tmp_path / "study.toml").write_text(
        'title = "t"\nquestion = "q"\nbase = "base.toml"\nreplications = 7\noutcomes = ["fund_{start,end}"]\n'
    )
    found = Study.load(tmp_path / "study.toml")
    assert found.outcomes == ("haircut", "fund_start", "fund_end")
    assert (found.replications, [each.name for each in found.treatments]) == (7, ["a"])
    assert expanded(("{a,b}.{c,d}", "e")) == ("a.c", "a.d", "b.c", "b.d", "e")


def test_a_call_closes_what_was_assigned_and_advice_cannot_change_how_much():
    """The conservation behind measurement 9: with the quantity given, everybody following moves the burden and never lessens it."""
    each = Study.load("own-leverage")
    for share in (0.05, 0.5):
        equity = (("traders.called.equity", 4e8 * share), ("traders.holding.equity", 4e9 * (1 - share)))
        closed = []
        for adoption in (0.0, 1.0):
            market = each.market((("scenario", "adl-call"), *equity, ("adoption", adoption), ("ticks", 37)))
            model = ad.AdlModel(market, rng=2)
            opening = model.state.contracts[col.C_LONG, 0]
            events = model.run().events_frame()
            adl = events[(events["kind"] == "adl") & (events["contract"] == "BTCUSDT")]
            closed.append(adl["quantity"].astype(float).abs().sum() / (opening * float(market.contracts[0].lot)))
        assert closed == pytest.approx([share, share], rel=0.002)


def test_effects_are_recovered():
    """Runs made of known effects: private -0.3, and -0.2 for everybody at adoption 1; noise that twins share cancels."""
    probes = ["probe", "low", "low-exempt", "probe-exempt"]
    outcomes = [f"metric:by-group.{arm}.{each}" for arm in probes for each in ("closed", "wealth")]
    each = study(
        design="star", axes=[{"key": "adoption", "values": [0.0, 1.0]}], treatments=[{"name": "a"}], replications=40, populations=20
    )
    each = each.model_copy(update={"outcomes": tuple(outcomes)})
    plan, rng = Plan(each), np.random.default_rng(0)
    shared = rng.normal(size=40)
    rows = []
    for number in range(len(plan)):
        run = plan.run(number)
        level = shared[run.replication] - 0.2 * (run.values[0] == 1.0)
        row = {"run": number, "replication": run.replication, "seed": run.seed, "metric:by-group.probe.closed": level}
        row |= {"metric:by-group.low.closed": level - 0.3 + 0.01 * rng.normal(), "metric:by-group.probe.wealth": 1.0}
        rows.append(
            row | {"metric:by-group.low.wealth": 1.0, "metric:by-group.probe-exempt.wealth": 1.1, "metric:by-group.low-exempt.wealth": 1.0}
        )
    table = effects(pd.DataFrame(rows), plan, "probe", ["low"], ["closed", "regret"]).set_index(["measure", "kind", "cell"])
    for key, truth in {
        ("closed", "private", "a"): -0.3,
        ("closed", "private", "adoption=1"): -0.3,
        ("closed", "spillover", "adoption=1"): -0.2,
        ("closed", "total", "adoption=1"): -0.5,
        ("regret", "private", "a"): -0.1,
    }.items():
        row = table.loc[key]
        assert row["effect"] == pytest.approx(truth, abs=0.01), key
        assert row["low"] <= truth + 1e-9 <= row["high"] + 0.01, key
        assert (row["populations"], row["runs"]) == (20, 40)
    assert table.loc[("closed", "private", "a"), "p_adjusted"] < 0.01
