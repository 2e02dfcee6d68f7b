"""The ways to split an amount at their ends (all that there is, numbers that floats cannot tell apart), and the head of a queue."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.adl.shares import at_level, best_first, by_weight, first_to_cover, in_order, in_proportion, rounded

SCORES = st.sampled_from([0.0, 0.5, 1.0, 1.5, 7.0, np.inf])
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
    shared = rounded(amount, caps.astype(np.float64), caps)
    assert int(shared.sum()) == amount
    assert (shared <= caps).all()
    assert (shared >= 0).all()


@given(st.lists(st.tuples(SCORES, st.integers(0, 50)), min_size=1, max_size=60), st.floats(0, 1), st.sampled_from([np.int64, np.float64]))
def test_the_head_of_the_queue_is_enough(rows, share, kind):
    scores, caps = np.array([score for score, _ in rows]), np.array([cap for _, cap in rows], kind) / (3 if kind is np.float64 else 1)
    caps, ids = caps.astype(kind), np.arange(len(rows))[::-1].copy()
    amount = kind(share * caps.sum())
    head, whole = first_to_cover(scores, ids, amount, caps), best_first(scores, ids)
    assert (head == whole[: len(head)]).all()
    assert (in_order(head, amount, caps) == in_order(whole, amount, caps)).all()


@pytest.mark.parametrize("share", [0.01, 0.2, 0.9])
def test_it_is_sorted_no_further_than_needed(share):
    scores, caps = np.random.default_rng(3).permutation(1000).astype(float), np.ones(1000)
    assert len(first_to_cover(scores, np.arange(1000), share * 1000, caps)) == {0.01: 125, 0.2: 500, 0.9: 1000}[share]
