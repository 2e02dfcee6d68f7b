"""Exact integer arithmetic of the ledger: products of three factors, and tests that find an overflow before it happens.

Every number of the ledger stays below LIMIT in magnitude. The double-width steps split numbers below 2^62 into two digits of
31 bits, so that no step leaves int64: the results are the same with and without the compiler.
"""

__all__ = [
    "LIMIT", "mul_div", "mul_div_up", "nano_up", "wide_divide", "wide_mul_div", "wide_product",
]  # fmt: skip

LIMIT = 2**62
_BITS = 31
_BASE = 2**31
_MASK = 2**31 - 1


def wide_product(a, b):
    """``a * b = high * 2^62 + low`` for ``0 <= a, b < LIMIT``: (high, low), both below 2^62."""
    a1, a0 = a >> _BITS, a & _MASK
    b1, b0 = b >> _BITS, b & _MASK
    lowest = a0 * b0
    middle = a1 * b0 + a0 * b1
    carry = (lowest >> _BITS) + (middle & _MASK)
    return a1 * b1 + (middle >> _BITS) + (carry >> _BITS), ((carry & _MASK) << _BITS) | (lowest & _MASK)


def wide_divide(high, low, c):
    """``(high * 2^62 + low) divmod c`` for ``0 <= high < c < LIMIT``: (quotient, remainder).

    Source: Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D, two digits of 31 bits.
    """
    shift = 0
    for step in (32, 16, 8, 4, 2, 1):
        if c < 1 << (62 - step):
            c <<= step
            shift += step
    rest = (high << shift) | (low >> (62 - shift))
    low = (low & ((1 << (62 - shift)) - 1)) << shift
    c1, c0 = c >> _BITS, c & _MASK
    quotient = 0
    for digit in (low >> _BITS, low & _MASK):
        guess = rest // c1
        over = rest - guess * c1
        while over < _BASE and (guess >= _BASE or guess * c0 > over * _BASE + digit):
            guess -= 1
            over += c1
        rest = over * _BASE + digit - guess * c0
        quotient = quotient * _BASE + guess
    return quotient, rest >> shift


def wide_mul_div(a, b, c):
    """`mul_div` where the product leaves 64 bits; apart, so that the usual case is short."""
    high, low = wide_product(abs(a), abs(b))
    quotient, rest = wide_divide(high, low, c)
    if (a < 0) == (b < 0):
        return quotient
    return -quotient - (1 if rest > 0 else 0)


def mul_div(a, b, c):
    """``floor(a * b / c)``, exact, for ``|a|, |b|, c < LIMIT`` and ``c > 0``; the caller makes sure that the result is below LIMIT too."""
    if abs(float(a) * float(b)) < 4e18:
        return a * b // c
    return wide_mul_div(a, b, c)


def mul_div_up(a, b, c):
    """``ceil(a * b / c)``, exact, under the conditions of `mul_div`."""
    return -mul_div(-a, b, c)


def nano_up(a, b):
    """``ceil(a * b / 1e9)``, exact: `mul_div_up` by a constant, for which the usual case needs no division."""
    if abs(float(a) * float(b)) < 4e18:
        return -(-(a * b) // 1_000_000_000)
    return mul_div_up(a, b, 1_000_000_000)
