"""What every registered severity rule promises: a finite amount, the same from the same rounds, in any currency, for any policy."""

import doctest
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.adl.candidates import Candidates
from adlabm.errors import AdlabmError, InfeasibleBudget
from adlabm.registry import find, names, params_of
from adlabm.severity.base import Round

KEYS = names("severities")
every_severity = pytest.mark.parametrize("key", KEYS)
money = st.one_of(st.just(0.0), st.integers(1, 6).map(float), st.floats(1e-3, 1e9))
rounds = st.lists(st.builds(Round, deficit=money, available=money, fund=st.floats(-1e9, 1e9), needed=st.none() | money), max_size=12)


@every_severity
@settings(max_examples=40)
@given(seen=rounds)
def test_contract(key, seen):
    rule, twin = find("severities", key)(), find("severities", key)()
    raised = [rule.budget(each) for each in seen]
    assert all(0 <= amount < np.inf for amount in raised)
    assert [twin.budget(each) for each in seen] == raised
    if key != "mirror-descent":  # rests above the deficit
        assert sum(raised) <= sum(each.deficit for each in seen) * (1 + 1e-12)


@every_severity
@settings(max_examples=40)
@given(seen=rounds.filter(bool), later=money)
def test_what_is_needed_is_known_only_afterwards(key, seen, later):
    *before, last = seen
    rule, other = find("severities", key)(), find("severities", key)()
    for each in before:
        rule.budget(each)
        other.budget(each)
    assert rule.budget(last) == other.budget(Round(last.deficit, last.available, last.fund, later))


@every_severity
@settings(max_examples=40)
@given(seen=rounds, power=st.integers(-8, 8))
def test_scale_of_the_currency(key, seen, power):
    scale, rule = 2.0**power, find("severities", key)
    units = {name: param.unit for name, param in params_of(rule).items()}
    factors = {"quote currency": scale, "1 / quote currency": 1 / scale}
    other = rule(**{name: param.default * factors.get(units[name], 1) for name, param in params_of(rule).items()})
    plain = rule()
    for each in seen:
        needed = None if each.needed is None else each.needed * scale
        scaled = Round(each.deficit * scale, each.available * scale, each.fund * scale, needed)
        assert other.budget(scaled) / scale == pytest.approx(plain.budget(each), rel=1e-9)


@every_severity
@pytest.mark.parametrize("policy", names("policies"))
def test_goes_with_every_policy(key, policy):
    """What it raises, the policy splits; what nobody can give is told."""
    rule, split = find("severities", key)(), find("policies", policy)()
    numbers = ("quantity", "entry_price", "mark_price", "equity", "wallet", "pnl", "maintenance_margin", "opened_at", "bankruptcy_price")
    table = Candidates(
        id=np.arange(3),
        account=np.arange(3),
        **{name: np.array([3.0, 2.0, 1.0]) for name in (*numbers, "gain_since_default", "matured_pnl")},
    )
    for deficit in (1.0, 2.0, 50.0):
        amount = rule.budget(Round(deficit, available=6.0))
        try:
            assert split.allocate(amount, table, unit="wealth").sum() == pytest.approx(amount)
        except InfeasibleBudget as error:
            assert error.amounts.sum() + error.shortfall == pytest.approx(amount)


@every_severity
def test_it_is_described_and_its_example_holds(key):
    rule = find("severities", key)
    for word in ("Formula:", "Units:", "Source:", "Known for:", "Example:"):
        assert word in rule.__doc__
    done = doctest.testmod(sys.modules[rule.__module__])
    assert done.attempted
    assert not done.failed


@every_severity
def test_parameters_out_of_range_get_one_sentence(key):
    rule = find("severities", key)
    for name, param in params_of(rule).items():
        outside = [bound for bound, step in ((param.low, -1), (param.high, 1)) if bound is not None for bound in (bound + step,)]
        for value in [*outside, float("nan"), None, "many"]:
            with pytest.raises(AdlabmError, match=rf"^{key}\.{name} is {value!r}; it must lie between"):
                rule(**{name: value})
    with pytest.raises(AdlabmError, match=f"There is no parameter 'shre' at severity rule '{key}'"):
        rule(shre=1)


def test_no_parameter_belongs_to_a_policy_too():
    """Both stand in the same table of a venue."""
    owned = {family: {name for key in names(family) for name in params_of(find(family, key))} for family in ("policies", "severities")}
    assert not owned["policies"] & owned["severities"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"deficit": -1.0}, "deficit of an ADL round is -1.0; it must be a finite amount at or above zero"),
        ({"deficit": float("nan")}, "deficit .* nan"),
        ({"deficit": float("inf")}, "deficit .* inf"),
        ({"deficit": 1.0, "available": -2.0}, "available .* -2.0"),
        ({"deficit": 1.0, "needed": -2.0}, "needed .* -2.0"),
        ({"deficit": 1.0, "fund": float("nan")}, "fund .* nan"),
    ],
)
def test_a_round_that_cannot_be(keys, words):
    with pytest.raises(AdlabmError, match=words):
        Round(**keys)


def test_unknown_rules_are_told():
    with pytest.raises(AdlabmError, match=r"There is no severity rule 'ful'.*did you mean 'full'"):
        find("severities", "ful")
