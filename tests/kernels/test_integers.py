"""Exact integer arithmetic against Python's unbounded integers."""

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from adlabm.kernels import integers
from adlabm.kernels.integers import LIMIT, mul_div, mul_div_up, wide_divide, wide_product

TOP = LIMIT - 1
NASTY = sorted({sign * (2**k + d) for sign in (1, -1) for k in (0, 1, 30, 31, 32, 52, 53, 61) for d in (-1, 0, 1)} | {TOP, -TOP})
NASTY = [n for n in NASTY if abs(n) < LIMIT]


@st.composite
def spread(draw, low=-TOP, high=TOP):
    """Whole numbers of every length, not only long ones."""
    bits = draw(st.integers(0, 62))
    return draw(st.integers(max(low, -(2**bits)), min(high, 2**bits)))


number, positive = spread(), spread(low=1)


def plain(function):
    """The Python function behind a kernel."""
    return getattr(function, "py_func", function)


def ceil_div(a, b):
    return -(-a // b)


@settings(max_examples=500)
@given(number, number, positive)
@example(TOP, TOP, TOP)
@example(TOP, 2, 2)
@example(-TOP, TOP, TOP)
@example(2**61, 2, 1)
@example(TOP, TOP - 1, TOP)
def test_mul_div_is_exact_whenever_it_fits(a, b, c):
    assume(ceil_div(abs(a * b), c) < LIMIT)
    for call in (lambda f: f, plain):
        assert call(mul_div)(a, b, c) == a * b // c
        assert call(mul_div_up)(a, b, c) == ceil_div(a * b, c)


def test_mul_div_on_nasty_values():
    tried = 0
    for a in NASTY:
        for b in NASTY:
            for c in (n for n in NASTY if n > 0):
                if ceil_div(abs(a * b), c) < LIMIT:
                    tried += 1
                    assert (mul_div(a, b, c), mul_div_up(a, b, c)) == (a * b // c, ceil_div(a * b, c))
    assert tried > 10_000


@settings(max_examples=500)
@given(st.integers(0, TOP), st.integers(0, TOP), st.integers(1, TOP))
def test_wide_product_and_division(a, b, c):
    high, low = wide_product(a, b)
    assert high * LIMIT + low == a * b
    assert 0 <= low < LIMIT
    assert wide_divide(high % c, low, c) == divmod(high % c * LIMIT + low, c) == plain(wide_divide)(high % c, low, c)


def test_plain_functions_take_numpy_integers_without_overflow():
    with np.errstate(all="raise"):
        for a, b, c in ((TOP, TOP, TOP), (-TOP, TOP - 5, TOP), (2**40, 2**40, 2**30), (7, -3, 2)):
            got = plain(mul_div)(np.int64(a), np.int64(b), np.int64(c))
            assert got == a * b // c


def test_compiled_functions_are_named_in_all():
    assert all(hasattr(integers, name) for name in integers.__all__)
