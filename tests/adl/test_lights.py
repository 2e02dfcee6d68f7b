"""The indicator: the published example, losers and flat accounts."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.adl.lights import ahead, lights


def test_bitmex_example_g14():
    """Queue 2, 5, 4, 1, 6, 3 of accounts 1 to 6; percentiles 20, 40, 60+, 80, 80+, 100 %."""
    quantities, scores = np.array([10, 10, 20, 30, 20, 10]), np.array([3, 6, 1, 4, 5, 2])
    order = np.argsort(-scores, kind="stable")
    assert (order + 1).tolist() == [2, 5, 4, 1, 6, 3]
    percentiles = (6 - lights(order, quantities)[order].astype(int)) * 20
    assert percentiles.tolist() == [20, 40, 60, 80, 80, 100]
    assert ahead(order, quantities)[order].tolist() == [0, 10, 30, 60, 70, 80]


def test_losers_and_the_flat():
    quantities = np.array([-3, -5, 0, -2])
    order = np.array([3, 0])
    assert lights(order, quantities).tolist() == [1, 1, 0, 4]
    assert ahead(order, quantities).tolist() == [2, 5, 5, 0]
    assert lights(np.array([], int), quantities).tolist() == [1, 1, 0, 1]


@settings(max_examples=100)
@given(st.lists(st.integers(1, 10**15), min_size=1, max_size=30))
def test_exact_in_integers(lots):
    order, quantities = np.arange(len(lots)), np.array(lots, np.int64)
    shown = lights(order, quantities)
    assert shown.dtype == np.int8
    for row, light in enumerate(shown.tolist()):
        assert light == 6 + (-5 * sum(lots[: row + 1])) // sum(lots)
    assert shown[-1] == 1
