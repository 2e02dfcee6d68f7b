"""Counter-based random numbers: a pure function of (run key, stream, name, index, tick, draw).

Counter of Philox4x32-10: ``(index in the group, 32-bit hash of the group or process name, tick, stream * 65536 + draw)``; the key is
two words derived from the seed. So adding a group, a rule or a process changes nobody else's numbers.
"""

from collections.abc import Callable
from enum import IntEnum
from hashlib import blake2b
from operator import index
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adlabm.errors import BadInput
from adlabm.kernels.noise import fill_normals, fill_uniforms

STREAMS_VERSION = 1
DRAWS = 65536


class Stream(IntEnum):
    """What a number is drawn for. The numbers are part of STREAMS_VERSION."""

    POPULATION = 1
    INDEX = 2
    DECISION = 3
    WAIT = 4
    OPENING = 5
    TWINS = 6
    POLICY = 7


class RunKey(NamedTuple):
    """The two 32-bit key words of a run."""

    k0: int
    k1: int

    @classmethod
    def from_seed(cls, seed: int) -> Self:
        """The key of a seed, a whole number from 0 to 2^64 - 1."""
        try:
            number = index(seed)
        except TypeError:
            raise BadInput(f"The seed must be a whole number from 0 to 2^64 - 1, not {seed!r}; for example --seed 1.") from None
        if isinstance(seed, bool) or not 0 <= number < 2**64:
            raise BadInput(f"The seed must be a whole number from 0 to 2^64 - 1, not {seed!r}; for example --seed 1.")
        words = blake2b(f"streams={STREAMS_VERSION} seed={number}".encode(), digest_size=8).digest()
        return cls(int.from_bytes(words[:4], "little"), int.from_bytes(words[4:], "little"))


def name_word(name: str) -> int:
    """The 32-bit word of a group's or process's name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "little")


def uniforms(key: RunKey, stream: int, word: int, indices: ArrayLike, tick: int = 0, draw: int = 0) -> NDArray[np.float64]:
    """One number strictly between 0 and 1 for every index of the group named by ``word``, float64[n]: the first of a counter's two."""
    return _fill(fill_uniforms, key, stream, word, indices, tick, draw)


def normals(key: RunKey, stream: int, word: int, indices: ArrayLike, tick: int = 0, draw: int = 0) -> NDArray[np.float64]:
    """One standard normal number for every index, float64[n]: the quantile of what `uniforms` gives."""
    return _fill(fill_normals, key, stream, word, indices, tick, draw)


def counter_word(stream: int, draw: int = 0) -> int:
    """The last word of the counter, ``stream * 65536 + draw``."""
    if not (0 <= stream < DRAWS and 0 <= draw < DRAWS):
        raise BadInput(f"Stream {stream} and draw {draw} must both be from 0 to {DRAWS - 1}.")
    return int(stream) * DRAWS + int(draw)


def _fill(
    kernel: Callable[..., None], key: RunKey, stream: int, word: int, indices: ArrayLike, tick: int, draw: int
) -> NDArray[np.float64]:
    column = np.ascontiguousarray(indices, dtype=np.int64)
    if column.size and not (column.min() >= 0 and column.max() < 2**32 and 0 <= tick < 2**32):
        raise BadInput("Noise indices and ticks must be from 0 to 2^32 - 1.")
    out = np.empty(column.size)
    kernel(out, column, word, tick, counter_word(stream, draw), key.k0, key.k1)
    return out
