"""Lots drawn by policies outside a market."""

from __future__ import annotations

import numpy as np

from adlabm.adl.candidates import Column


def draws(seed: int, name: str, ids: Column, number: int = 0) -> Column:
    """Uniform numbers keyed by identity: by the identity itself where it is a 32-bit whole number, else by a hash of its text.

    Args:
        seed: of the policy.
        name: key of the policy.
        ids: identities, int64[n] or text.
        number: which of up to 65,536 draws.

    Returns:
        float64[n] strictly between 0 and 1.
    """
    from adlabm.streams import RunKey, Stream, name_word, uniforms  # compiles kernels: only for who draws

    if ids.dtype.kind != "i" or ((ids < 0) | (ids >= 2**32)).any():
        ids = np.array([name_word(str(each)) for each in ids.tolist()], np.int64)
    return uniforms(RunKey.from_seed(seed), Stream.POLICY, name_word(name), ids, draw=number)
