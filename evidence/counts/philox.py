"""The random words are those of Philox4x32-10, computed a second time."""

from __future__ import annotations

import numpy as np
from numba import njit

from adlabm.kernels.philox import philox
from evidence.count import Case, Count

BLOCK = 2**18
LOW = np.uint64(0xFFFFFFFF)


def vectors(counters: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """The ten rounds over whole columns of uint64 words; counters (4, n), keys (2, n) -> (4, n)."""
    x, (k0, k1) = list(counters), keys
    for _ in range(10):
        p, q = np.uint64(0xD2511F53) * x[0], np.uint64(0xCD9E8D57) * x[2]
        x = [(q >> np.uint64(32)) ^ x[1] ^ k0, q & LOW, (p >> np.uint64(32)) ^ x[3] ^ k1, p & LOW]
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & LOW, (k1 + np.uint64(0xBB67AE85)) & LOW
    return np.array(x)


@njit
def _many(words, out):  # type: ignore[no-untyped-def]
    for i in range(words.shape[1]):
        out[0, i], out[1, i], out[2, i], out[3, i] = philox(words[0, i], words[1, i], words[2, i], words[3, i], words[4, i], words[5, i])


def case(number: int) -> Case:
    """A block of random counters and keys."""
    words = np.random.default_rng(number).integers(0, 2**32, (6, BLOCK), dtype=np.uint64)
    found = np.zeros((4, BLOCK), np.uint64)
    _many(words, found)
    wrong = int((found != vectors(words[:4], words[4:])).sum())
    return Case(4 * BLOCK, f"{wrong} words differ" if wrong else "")


COUNT = Count(
    unit="words",
    scope="Random counters and keys, against ten rounds written over columns; the published vectors are in `tests/kernels/test_philox.py`.",
    floor=10**6,
    target=10**9,
    case=case,
    cases=1000,
    share=1,
)
