"""Intervals cover, tests keep their level, and published examples come out."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.sweep import statistics
from adlabm.sweep.statistics import bca, benjamini_hochberg, half_width, holm, paired, wilson

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_examples():
    assert doctest.testmod(statistics).attempted > 5
    assert doctest.testmod(statistics).failed == 0


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
)
def test_wilson_as_published(hits, n, low, high):
    """Newcombe 1998, table I, method 3."""
    found = wilson(hits, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_benjamini_hochberg_as_published():
    """Benjamini and Hochberg 1995, section 3.2: four discoveries at 5 %; Bonferroni and Holm find three."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4
    assert (holm(p) <= 0.05).sum() == 3


@given(P_VALUES, st.randoms())
def test_adjusted_values_are_ordered_and_know_no_row_order(p, random):
    order = list(range(len(p)))
    random.shuffle(order)
    for adjust in (holm, benjamini_hochberg):
        found = adjust(p)
        assert (found >= np.array(p) - 1e-12).all()
        assert (found <= 1).all()
        assert adjust([p[k] for k in order]) == pytest.approx(found[order])
    assert (holm(p) >= benjamini_hochberg(p) - 1e-12).all()


def test_missing_p_values_do_not_count():
    for adjust in (holm, benjamini_hochberg):
        found = adjust([0.01, np.nan, 0.03])
        assert np.isnan(found[1])
        assert found[[0, 2]] == pytest.approx(adjust([0.01, 0.03]))


def test_bca_covers_a_skewed_mean_and_leans_to_its_tail():
    rng = np.random.default_rng(5)
    inside, lean = 0, 0
    for _ in range(60):
        found = bca(rng.exponential(size=40))
        inside += found.low <= 1.0 <= found.high
        lean += found.high - found.estimate > found.estimate - found.low
    assert 52 <= inside < 60
    assert lean > 50


def test_runs_of_one_population_count_once():
    values, population = np.array([0.0, 0.0, 0.0, 3.0, 5.0]), np.array([2, 2, 2, 1, 3])
    found = bca(values, population)
    assert (found.n, found.estimate) == (3, pytest.approx(8 / 3))
    repeated = bca(np.repeat([1.0, 2.0, 4.0], 50), np.repeat([1, 2, 3], 50))
    assert repeated == bca([1.0, 2.0, 4.0])
    assert repeated.high - repeated.low > bca(np.repeat([1.0, 2.0, 4.0], 50)).high - bca(np.repeat([1.0, 2.0, 4.0], 50)).low


def test_pairs_see_through_shared_noise():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=30)
    effect = paired(noise + 0.2 + 0.1 * rng.normal(size=30), noise)
    assert effect.low > 0.1
    assert effect.p < 0.001
    assert half_width(noise) > 0.2


def test_null_pairs_reject_at_their_level():
    rng = np.random.default_rng(2)
    p = np.array([paired(rng.normal(size=8), rng.normal(size=8)).p for _ in range(200)])
    assert 2 <= (p <= 0.05).sum() <= 20
    assert 0.4 < p.mean() < 0.6


def test_nothing_to_say():
    assert bca([1.0, 1.0, 1.0]).low == bca([1.0, 1.0, 1.0]).high == 1.0
    assert paired([1.0, 1.0], [1.0, 1.0]).p == 1.0
    assert np.isnan(bca([4.0]).low)
    assert half_width([1.0]) == np.inf
    with pytest.raises(BadInput, match="as many treated as controls"):
        paired([1.0], [1.0, 2.0])
    with pytest.raises(BadInput, match="finite"):
        bca([1.0, np.nan])
    with pytest.raises(BadInput, match="no share"):
        wilson(3, 2)


def test_half_width_is_students():
    assert half_width([1.0, 2.0, 3.0]) == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)
