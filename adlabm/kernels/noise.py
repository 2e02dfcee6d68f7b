"""Columns of random numbers and functions of whole columns, for set-up work."""

from adlabm.kernels.mathx import exp, log, normal
from adlabm.kernels.philox import draw2

__all__ = ["exp_each", "fill_normals", "fill_uniforms", "log_each", "normal_each"]


def fill_uniforms(out, c0, c1, c2, c3, k0, k1):
    """``out[i]`` = first uniform number of the counter ``(c0[i], c1, c2, c3)``; out float64[n], c0 int64[n]."""
    for i in range(out.size):
        out[i] = draw2(c0[i], c1, c2, c3, k0, k1)[0]


def fill_normals(out, c0, c1, c2, c3, k0, k1):
    """``out[i]`` = the normal quantile of what `fill_uniforms` gives."""
    for i in range(out.size):
        out[i] = normal(draw2(c0[i], c1, c2, c3, k0, k1)[0])


def exp_each(x):
    """``x[i] = exp(x[i])`` in place, float64[n]."""
    for i in range(x.size):
        x[i] = exp(x[i])


def log_each(x):
    """``x[i] = log(x[i])`` in place, float64[n]."""
    for i in range(x.size):
        x[i] = log(x[i])


def normal_each(x):
    """``x[i]`` = the standard normal quantile of ``x[i]``, in place, float64[n]."""
    for i in range(x.size):
        x[i] = normal(x[i])
