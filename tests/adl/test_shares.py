"""A queue that is sorted only as far as it is needed gives what the whole queue gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.adl.shares import best_first, first_to_cover, in_order

SCORES = st.sampled_from([0.0, 0.5, 1.0, 1.5, 7.0, np.inf])


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
