"""Prices as whole ticks."""

from hypothesis import given
from hypothesis import strategies as st

from adlabm.kernels.market import to_ticks

NEAR = 1.0 + 2.0**-51


@given(st.integers(1, 2**48))
def test_prices_are_rounded_to_the_nearest_tick(tick: int) -> None:
    """Whole ticks stay what they are; halves go up, also those that a float misses by its last digits."""
    assert to_ticks(float(tick)) == to_ticks(tick * NEAR) == to_ticks(tick / NEAR) == tick
    half = tick % 2**30 + 0.5
    assert to_ticks(half) == to_ticks(half / NEAR) == half + 0.5
    assert to_ticks(half - 1e-5) == max(half - 0.5, 1)


@given(st.integers(2**48, 2**61))
def test_whole_prices_stay_what_they_are(tick: int) -> None:
    assert to_ticks(float(tick)) == int(float(tick))


def test_prices_end_at_one_tick_and_at_what_64_bits_hold() -> None:
    assert to_ticks(-3.0) == to_ticks(0.0) == to_ticks(0.2) == 1
    assert to_ticks(1e300) == int(4e18)
