"""What every registered rule, metric, venue and scenario promises."""

import ast
import inspect
import math

import pytest

from adlabm import registry
from adlabm.catalogue import LISTS, entry
from adlabm.contracts import Param
from adlabm.rule_tables import check_param

RULES = [(family, key) for family, row in registry.FAMILIES.items() if row.holds != "toml" for key in registry.names(family)]
VENUES = registry.names("venues")


@pytest.mark.parametrize(("family", "key"), RULES)
def test_a_rule_lies_in_the_file_of_its_key(family, key):
    file = registry.source_file(family, key)
    assert file.parent.name != "adlabm"
    assert file.stem == key.replace("-", "_")
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize(("family", "key"), RULES)
def test_a_rule_explains_itself(family, key):
    rule = registry.find(family, key)
    assert len(vars(rule)["__doc__"] or "" if inspect.isclass(rule) else rule.__doc__ or "") > 20
    assert entry(family, key).summary


@pytest.mark.parametrize(("family", "key"), RULES)
def test_defaults_lie_within_bounds(family, key):
    for name, param in registry.params_of(registry.find(family, key)).items():
        assert isinstance(param, Param)
        assert param.doc, name
        for bound in (param.low, param.high):
            assert bound is None or math.isfinite(bound)
        assert check_param(name, param, param.default) == param.default


@pytest.mark.parametrize("key", VENUES)
def test_every_value_of_a_venue_says_where_it_comes_from(key):
    from adlabm.catalogue import origin

    found = entry("venues", key)
    assert found.sources
    for name in found.values:
        if name not in ("key", "read"):
            line = origin(found.provenance, name)
            assert line[:3] in ("O: ", "S: ", "T: ", "D: ", "U: "), name
            assert line.startswith("U: unpublished") == line.startswith("U: "), name
    for line in found.provenance:
        assert any(f"{name}.".startswith(f"{line}.") or origin({line: "here"}, name) for name in found.values), line


@pytest.mark.parametrize("key", VENUES)
def test_a_venue_is_valid_and_named_like_its_file(key):
    from adlabm.venue import Venue

    venue = Venue.load(key)
    assert venue.key == key
    assert venue.knobs is not None
    assert venue.contract


@pytest.mark.parametrize("key", VENUES)
def test_a_scenario_runs_at_every_venue(key):
    from adlabm.scenario import Scenario

    scenario = Scenario.load("crash", sets=[("venue", key)])
    assert Scenario.from_dict(scenario.resolved()).resolved() == scenario.resolved()


@pytest.mark.parametrize("key", registry.names("scenarios"))
def test_a_scenario_is_valid_and_resolves_to_itself(key):
    from adlabm.scenario import Scenario

    scenario = Scenario.load(key)
    assert scenario.title
    assert Scenario.from_dict(scenario.resolved()).resolved() == scenario.resolved()


def test_every_family_can_be_listed():
    assert {family for families in LISTS.values() for family in families} == set(registry.FAMILIES)


def test_nothing_but_the_registry_compares_keys_of_policies():
    keys = set(registry.names("policies"))
    for path in registry.PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                words = {
                    each.value for each in [node.left, *node.comparators] if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
                assert not words & keys, f"{path}:{node.lineno}"
