"""The ways to split an amount at their ends: all that there is, and numbers that floats cannot tell apart."""

import numpy as np
import pytest

from adlabm.adl.shares import at_level, by_weight, in_order, in_proportion, rounded

WAYS = {
    "in_order": lambda amount, caps: in_order(np.arange(len(caps))[::-1], amount, caps),
    "in_proportion": lambda amount, caps: in_proportion(amount, caps * 3, caps),
    "by_weight": lambda amount, caps: by_weight(amount, np.array([1.0, np.inf, 0.0, 7.0]), caps),
    "at_level": lambda amount, caps: at_level(amount, np.zeros(len(caps)), np.arange(1.0, 5.0), caps),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_all_that_there_is_is_what_everybody_has(way, kind):
    caps = np.array([5, 2, 9, 1], kind)
    assert WAYS[way](caps.sum(), caps).tolist() == caps.tolist()
    assert WAYS[way](kind(0), caps).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("short", [1, 5, 2**20 + 1])
def test_whole_numbers_beyond_floats_are_split_to_the_unit(short):
    caps = np.array([2**60, 2**60 + 1, 2**60 + 3])
    amount = int(caps.sum()) - short
    given = rounded(amount, caps.astype(np.float64), caps)
    assert int(given.sum()) == amount
    assert (given <= caps).all()
    assert (given >= 0).all()
