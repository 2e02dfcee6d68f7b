"""Jumps and changing volatility of index processes: random laws and loops over ticks. A tick's draws are its own whatever came before."""

import math

from adlabm.kernels.mathx import exp, log, normal
from adlabm.kernels.philox import draw2

__all__ = ["chi_square", "exponential_jumps", "garch_steps", "normal_jumps", "poisson", "self_exciting_jumps", "variance_steps"]


def poisson(mean, u):
    """The Poisson quantile of ``0 < u < 1``, by summing probabilities; `mean` up to some hundred."""
    n, term = 0, exp(-mean)
    total = term
    while u > total and n < 10_000:
        n += 1
        term *= mean / n
        total += term
    return n


def chi_square(degrees, step, c1, c3, k0, k1):
    """A chi-square number with at least two `degrees` of freedom: draws c3, c3 + 1, ... of tick `step` until one is accepted.

    Source: Marsaglia and Tsang (2000), ACM Trans. Math. Softw. 26, doi:10.1145/358407.358414.
    """
    d = 0.5 * degrees - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    j = 0
    while True:
        u, v = draw2(0, c1, step, c3 + j, k0, k1)
        z = normal(u)
        t = 1.0 + c * z
        t = t * t * t
        if t > 0.0 and log(v) < 0.5 * z * z + d - d * t + d * log(t):
            return 2.0 * d * t
        j += 1


def normal_jumps(counts, sizes, rises, first, expected, mean, deviation, rise, slope, c1, c3, k0, k1):
    """Compound Poisson jumps of ticks ``first ..``: `counts` int64[n], log `sizes` and `rises` of the variance float64[n].

    Each rise is exponential with mean `rise`, each size normal with mean ``mean + slope * rise drawn`` and the standard `deviation`.
    """
    for i in range(sizes.size):
        u, v = draw2(0, c1, first + i, c3, k0, k1)
        n = poisson(expected, u)
        rises[i] = 0.0
        for j in range(n):
            rises[i] -= rise * log(draw2(0, c1, first + i, c3 + 1 + j, k0, k1)[0])
        counts[i], sizes[i] = n, 0.0
        if n > 0:
            sizes[i] = n * mean + slope * rises[i] + math.sqrt(n) * deviation * normal(v)


def exponential_jumps(counts, sizes, first, expected, down_share, down, up, c1, c3, k0, k1):
    """Compound Poisson jumps, each with chance `down_share` an exponential fall of mean `down`, else such a rise of mean `up`."""
    for i in range(sizes.size):
        n = poisson(expected, draw2(0, c1, first + i, c3, k0, k1)[0])
        counts[i], sizes[i] = n, 0.0
        for j in range(n):
            u, v = draw2(0, c1, first + i, c3 + 1 + j, k0, k1)
            sizes[i] += down * log(v) if u < down_share else -up * log(v)


def self_exciting_jumps(counts, sizes, first, waiting, base, share, branching, mean, deviation, growth, c1, c3, k0, k1):
    """Normal jumps of a Hawkes process, less their expected growth; returns the jumps that are still to be expected from earlier ones.

    A tick expects `base` jumps of its own and the `share` of the `waiting` ones; each jump adds `branching` to these.
    """
    for i in range(sizes.size):
        u, v = draw2(0, c1, first + i, c3, k0, k1)
        expected = base + share * waiting
        n = poisson(expected, u)
        counts[i] = n
        sizes[i] = n * mean + math.sqrt(n) * deviation * normal(v) - expected * growth
        waiting = waiting * (1.0 - share) + branching * n
    return waiting


def variance_steps(z, w, rises, variance, dt, kappa, theta, xi, rho):
    """Replaces normal numbers z by log returns of the square-root variance model; returns the variance to go on with.

    w: independent normal numbers. Source: Heston (1993); scheme of full truncation, Lord, Koekkoek, van Dijk (2010), Quant. Finance 10.
    """
    other = math.sqrt(1.0 - rho * rho)
    for i in range(z.size):
        now = max(variance, 0.0)
        root = math.sqrt(now * dt)
        variance += kappa * (theta - now) * dt + xi * root * (rho * z[i] + other * w[i]) + rises[i]
        z[i] = root * z[i] - 0.5 * now * dt
    return variance


def garch_steps(z, first, ticks, variance, scale, total, target, alpha, beta, degrees, c1, c3, k0, k1):
    """Replaces normal numbers z by log returns; returns (variance, scale, total) to go on with.

    Every `ticks` ticks a step begins: its variance is ``target (1 - alpha - beta) + alpha total^2 + beta variance`` with the `total`
    return of the step before, and its `scale` is ``(degrees - 2) / chi-square``, so that the step's return is Student's t.
    """
    for i in range(z.size):
        if (first + i) % ticks == 0:
            if first + i > 0:
                variance = target * (1.0 - alpha - beta) + alpha * total * total + beta * variance
            scale = (degrees - 2.0) / chi_square(degrees, (first + i) // ticks, c1, c3, k0, k1)
            total = 0.0
        part = variance * scale / ticks
        change = math.sqrt(part) * z[i]
        total += change
        z[i] = change - 0.5 * part
    return variance, scale, total
