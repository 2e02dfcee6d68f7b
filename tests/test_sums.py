"""The quick exact sum is the slow one, bit for bit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adlabm import sums
from adlabm.sums import exact_sum

NUMBERS = st.floats(-1e200, 1e200, allow_nan=False)


@given(arrays(np.float64, st.integers(0, 40), elements=NUMBERS))
def test_equal_to_fsum(values):
    assert exact_sum(values) == math.fsum(values)


@pytest.mark.parametrize("seed", range(3))
def test_long_arrays_in_any_order(seed):
    rng = np.random.default_rng(seed)
    values = rng.pareto(0.8, 50_000) * rng.choice([1.0, 1e-9, 1e9], 50_000)
    assert exact_sum(values) == exact_sum(np.sort(values)) == exact_sum(values[::-1]) == math.fsum(values)
    assert exact_sum(np.concatenate([values, -values[1:]])) == values[0]  # cancellation is left to fsum


def test_ties_between_two_floats_are_left_to_fsum(monkeypatch):
    """Half a unit in the last place: extended precision cannot tell; the even one is right, unless a crumb decides."""
    one = np.array([1.0, 2.0**-53])
    assert exact_sum(one) == 1.0
    assert exact_sum(np.append(one, 1e-300)) == 1.0 + 2.0**-52
    monkeypatch.setattr(sums.math, "fsum", lambda values: "asked")
    assert exact_sum(one) == "asked"
    assert exact_sum(np.array([1.0, 2.0])) == 3.0
