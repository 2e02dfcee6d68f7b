"""Concentration measures: closed forms, bounds and two published vectors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.metrics.concentration import concentration, gini, hhi, lorenz, top_share

amounts = st.lists(st.floats(0, 1e9), min_size=1, max_size=40).filter(lambda each: sum(each) > 1e-3)


def test_closed_forms():
    assert gini([1, 1, 1, 1]) == 0
    assert gini([0, 0, 0, 5]) == 0.75
    assert gini([1, 2, 3]) == pytest.approx(2 / 9)
    assert hhi([1, 1, 1, 1]) == 0.25
    assert hhi([3, 0]) == 1
    assert top_share([1, 2, 7], 1) == 0.7
    assert top_share([1, 2, 7], 9) == 1
    assert top_share([1, 2], 0) == 0
    assert concentration([1, 1, 2])["effective_n"] == pytest.approx(1 / 0.375)


def test_nothing_to_concentrate():
    for values in ([], [0, 0]):
        assert math.isnan(gini(values))
        assert math.isnan(hhi(values))
        assert math.isnan(top_share(values, 3))
        assert math.isnan(concentration(values)["effective_n"])


@pytest.mark.parametrize("values", [[1, -1], [1, math.nan], [math.inf]])
def test_bad_amounts(values):
    with pytest.raises(BadInput, match="finite amounts"):
        gini(values)
    with pytest.raises(BadInput, match="above zero"):
        lorenz([0, 0])


@settings(max_examples=100)
@given(amounts, st.floats(1e-3, 1e3))
def test_bounds_scale_and_order(values, scale):
    n = len(values)
    assert -1e-12 <= gini(values) <= (n - 1) / n + 1e-12
    assert 1 / n - 1e-12 <= hhi(values) <= 1 + 1e-12
    assert gini(np.array(values) * scale) == pytest.approx(gini(values), abs=1e-9)
    assert concentration(values) == concentration(values[::-1])
    assert concentration(values)["jain"] == pytest.approx(1 / (n * hhi(values)))


@settings(max_examples=100)
@given(amounts)
def test_the_lorenz_curve_encloses_the_gini(values):
    people, share = lorenz(values)
    assert share[0] == 0
    assert share[-1] == 1
    assert np.all(np.diff(share) >= -1e-12)
    area = float(np.sum(np.diff(people) * (share[1:] + share[:-1]) / 2))
    assert 1 - 2 * area == pytest.approx(gini(values), abs=1e-9)
    assert 1 - share[-2] == pytest.approx(top_share(values, 1), abs=1e-9)
