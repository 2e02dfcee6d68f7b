"""Price paths: loops over ticks."""

from adlabm.kernels.mathx import exp, log, normal
from adlabm.kernels.philox import draw2

__all__ = ["beta_walk", "block_walk", "level_walk", "polyline", "tick_normals"]


def tick_normals(out, first, c0, c1, c3, k0, k1):
    """``out[i]`` = standard normal number of tick ``first + i`` in the stream (c0, c1, ., c3); out float64[n]."""
    for i in range(out.size):
        out[i] = normal(draw2(c0, c1, first + i, c3, k0, k1)[0])


def level_walk(out, level):
    """Replaces log returns r by levels: ``S_i = S_(i-1) exp(r_i)``, S before the first = `level`; out float64[n]."""
    for i in range(out.size):
        level = level * exp(out[i])
        out[i] = level


def block_walk(out, first, row, before, level, ratios, restart, parts, bars, c1, c3, k0, k1):
    """Levels at the ends of ticks ``first ..`` from resampled price ratios of bars; returns (row, before, level) to go on with.

    At each bar a new random row of `ratios` begins with probability `restart`, else the next one follows (the first after the last).
    A tick spans `bars` bars, or a bar `parts` ticks with a straight line through it; `before` and `level` are the ends of that line.
    """
    for i in range(out.size):
        part = (first + i) % parts
        if part == 0:
            before = level
            for k in range(bars):
                u, v = draw2(0, c1, (first + i) // parts * bars + k, c3, k0, k1)
                row = int(v * ratios.size) if row < 0 or u < restart else (row + 1) % ratios.size
                level = level * ratios[row]
        out[i] = level if part + 1 == parts else before + (level - before) * (part + 1) / parts
    return row, before, level


def beta_walk(out, leader, leader_start, start, beta, before, noise):
    """``out = start (leader / leader_start)^beta n``; out and leader float64[n, w].

    The noise factor n of tick i runs on a straight line from ``noise[i-1]`` (`before` for the first) to ``noise[i]`` over the w points.
    """
    points = out.shape[1]
    for i in range(out.shape[0]):
        for j in range(points):
            factor = noise[i] if j == points - 1 else before + (noise[i] - before) * (j + 1) / points
            out[i, j] = start * exp(beta * log(leader[i, j] / leader_start)) * factor
        before = noise[i]


def polyline(out, at, times, values):
    """``out[i]`` = the value at ``at[i]`` of the line through the points (times, values), constant outside.

    Both `at` and `times` ascend. Two points at one time are a jump: at that very time the value is still the one before it.
    """
    j = 0
    last = times.size - 1
    for i in range(at.size):
        while j <= last and times[j] < at[i]:
            j += 1
        if j == 0:
            out[i] = values[0]
        elif j > last:
            out[i] = values[last]
        elif times[j] == at[i]:
            out[i] = values[j]
        else:
            share = (at[i] - times[j - 1]) / (times[j] - times[j - 1])
            out[i] = values[j - 1] + (values[j] - values[j - 1]) * share
