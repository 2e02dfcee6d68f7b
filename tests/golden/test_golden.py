"""What small markets come to is written down: a result changes on purpose, never by the way."""

from collections import defaultdict

import pytest

from tests.golden.markets import all_markets, market, of_rules, of_settings, result, written

WRITTEN = written()
ALIKE = {("policies/percolator-haircut", "policies/pnl-pro-rata"), ("severities/full", "severities/smart")}
"""Without recoveries, and where there is enough to take: in theory too."""
CURE = "Results changed. If that is meant: python -m tests.golden.markets, and a line in CHANGELOG.md."


def test_every_market_is_written_down():
    assert list(WRITTEN) == list(all_markets()), CURE


def test_rules_of_a_family_come_to_different_results():
    """Else a market would not show which of them acts."""
    names = defaultdict(list)
    for name in of_rules():
        names[name.split("/")[0], WRITTEN[name]].append(name)
    assert {tuple(alike) for alike in names.values() if len(alike) > 1} == ALIKE


def test_settings_come_to_different_results():
    """Of each other, and of a market without any."""
    results = [result(market()), *(WRITTEN[name] for name in of_settings())]
    assert len(set(results)) == len(results)


@pytest.mark.parametrize("name", of_rules())
def test_a_rule_comes_to_what_it_did(name):
    assert result(of_rules()[name]) == WRITTEN.get(name), CURE


@pytest.mark.parametrize("name", of_settings())
def test_a_setting_comes_to_what_it_did(name):
    assert result(of_settings()[name]) == WRITTEN.get(name), CURE


@pytest.mark.parametrize("name", [name for name in WRITTEN if name.startswith("world/")])
def test_a_hostile_market_comes_to_what_it_did(name):
    assert result(all_markets()[name]) == WRITTEN.get(name), CURE
