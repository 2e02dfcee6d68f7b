"""Philox4x32-10: random numbers as a pure function of a counter and a key.

Source: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC11); test vectors of Random123.
"""

import numpy as np

__all__ = ["draw2", "philox", "uniform"]

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_MASK, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_UP, _DOWN = np.uint64(20), np.uint64(12)


def philox(c0, c1, c2, c3, k0, k1):
    """Four words (uint64 below 2^32) of a counter of four words and a key of two; ten rounds."""
    x0, x1, x2, x3 = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    y0, y1 = np.uint64(k0), np.uint64(k1)
    for _ in range(10):
        p0 = _M0 * x0
        p1 = _M1 * x2
        x0, x1, x2, x3 = (p1 >> _HALF) ^ x1 ^ y0, p1 & _MASK, (p0 >> _HALF) ^ x3 ^ y1, p0 & _MASK
        y0 = (y0 + _W0) & _MASK
        y1 = (y1 + _W1) & _MASK
    return x0, x1, x2, x3


def uniform(high, low):
    """A number strictly between 0 and 1 from two words: ``(n + 1/2) / 2^52`` with n of 52 bits.

    52 and not 53 bits: ``n + 1/2`` is then exact, so that 1.0 cannot come out by rounding.
    """
    return (np.float64(np.int64((high << _UP) | (low >> _DOWN))) + 0.5) * 2.220446049250313e-16


def draw2(c0, c1, c2, c3, k0, k1):
    """Two independent uniform numbers from one call of `philox`."""
    w0, w1, w2, w3 = philox(c0, c1, c2, c3, k0, k1)
    return uniform(w0, w1), uniform(w2, w3)
