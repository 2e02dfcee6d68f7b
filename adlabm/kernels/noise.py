"""Columns of random numbers, for set-up work."""

from adlabm.kernels.mathx import normal
from adlabm.kernels.philox import draw2

__all__ = ["fill_normals", "fill_uniforms"]


def fill_uniforms(out, c0, c1, c2, c3, k0, k1):
    """``out[i]`` = first uniform number of the counter ``(c0[i], c1, c2, c3)``; out float64[n], c0 int64[n]."""
    for i in range(out.size):
        out[i] = draw2(c0[i], c1, c2, c3, k0, k1)[0]


def fill_normals(out, c0, c1, c2, c3, k0, k1):
    """``out[i]`` = the normal quantile of what `fill_uniforms` gives."""
    for i in range(out.size):
        out[i] = normal(draw2(c0[i], c1, c2, c3, k0, k1)[0])
