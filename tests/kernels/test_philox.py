"""Philox4x32-10: published vectors, and the numbers made of its words."""

import numpy as np
import pytest

from adlabm.kernels.philox import draw2, philox, uniform

ONES = 0xFFFFFFFF
# Random123, tests/kat_vectors, philox4x32 10: counter, key, words.
VECTORS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES, ONES, ONES, ONES), (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def plain(function):
    """The Python function behind a kernel."""
    return getattr(function, "py_func", function)


def reference(counter, key):
    """Philox4x32-10 in Python's own integers."""
    x, (k0, k1) = list(counter), key
    for _ in range(10):
        p, q = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(q >> 32) ^ x[1] ^ k0, q & ONES, (p >> 32) ^ x[3] ^ k1, p & ONES]
        k0, k1 = (k0 + 0x9E3779B9) & ONES, (k1 + 0xBB67AE85) & ONES
    return tuple(x)


@pytest.mark.parametrize(("counter", "key", "words"), VECTORS)
@pytest.mark.parametrize("call", [lambda f: f, plain])
def test_known_answers(counter, key, words, call):
    with np.errstate(all="raise"):
        assert call(philox)(*counter, *key) == words
    assert reference(counter, key) == words


def test_random_counters_equal_an_independent_version():
    generator = np.random.default_rng(1)
    for row in generator.integers(0, 2**32, (2000, 6)).tolist():
        assert philox(*row) == reference(row[:4], row[4:])
    for row in generator.integers(0, 2**32, (50, 6)):
        assert plain(philox)(*row) == reference(row[:4].tolist(), row[4:].tolist())


def test_uniform_stays_strictly_between_0_and_1():
    zero, ones = np.uint64(0), np.uint64(ONES)
    for call in (uniform, plain(uniform)):
        assert call(zero, zero) == 2.0**-53
        assert call(ones, ones) == 1 - 2.0**-53
        assert call(np.uint64(1 << 31), zero) == 0.5 + 2.0**-53


def test_draw2_takes_two_words_each():
    w = [int(word) for word in philox(1, 2, 3, 4, 5, 6)]
    expected = tuple(((w[i] << 20 | w[i + 1] >> 12) + 0.5) / 2**52 for i in (0, 2))
    assert draw2(1, 2, 3, 4, 5, 6) == plain(draw2)(1, 2, 3, 4, 5, 6) == expected
