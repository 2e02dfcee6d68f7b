"""The crash library of the reference on market models, section 3.3: falls and times as reported."""

import pytest

from adlabm.scenario import Scenario

REPORTED = [  # scenario, from, to, minutes between (None: interpolated in the file)
    ("mar2020", 7353, 5678, 45),
    ("mar2020", 7353, 3596, 16 * 60 - 1),
    ("mar2020", 5800, 3596, 3 * 60 - 1),
    ("may2021", 43_000, 30_000, None),
    ("sep2021", 50_000, 42_000, 30),
    ("dec2021", 57_000, 42_000, None),
    ("aug2023", 29_000, 25_000, None),
    ("feb2025", 106_000, 91_100, 3 * 24 * 60),
    ("apr2025", 83_000, 74_500, 30 * 60),
]


@pytest.mark.parametrize(("name", "high", "low", "minutes"), REPORTED)
def test_the_path_has_the_reported_levels(name, high, low, minutes):
    scenario = Scenario.load(name)
    knots = scenario.index.params["knots"]
    start = max(seconds for seconds, level in knots if level == high)
    end = min(seconds for seconds, level in knots if level == low)
    assert minutes is None or end - start == 60 * minutes
    assert min(level for _, level in knots) <= low
    assert scenario.contracts[0].price == knots[0][1] == max(level for _, level in knots)
    assert knots[-1][0] <= scenario.ticks * scenario.tick_s
