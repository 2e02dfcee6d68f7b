"""exp, log and their kin from + - * / and sqrt alone: the same bits on every machine, with and without the compiler.

The C library's functions differ in the last bit between processors, so nothing that feeds the state may use them.
"""

import math

import numpy as np

__all__ = ["exp", "horner7", "log", "normal", "power", "tanh"]

_LN2_HIGH = 6.93147180369123816490e-01  # 33 bits: k * _LN2_HIGH is exact
_LN2_LOW = 1.90821492927058770002e-10
_TWO_TO = np.array([math.ldexp(1.0, k) for k in range(-540, 541)])  # two factors reach every double


def exp(x):
    """``e^x``, within 1 ulp. Source: FreeBSD msun e_exp.c (Sun fdlibm)."""
    if x > 709.782712893384:  # the largest x with a finite result
        return math.inf
    if x < -745.1332191019411:  # the smallest with a positive one
        return 0.0
    if math.isnan(x):
        return math.nan
    k = math.floor(x * 1.44269504088896338700 + 0.5)
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))
        )
    )
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    half = k >> 1
    return y * float(_TWO_TO[half + 540]) * float(_TWO_TO[k - half + 540])


def log(x):
    """The natural logarithm, within 1 ulp; ``-inf`` at 0, nan below. Source: FreeBSD msun e_log.c (Sun fdlibm)."""
    if not 0.0 < x < math.inf:
        return -math.inf if x == 0.0 else (x if x == math.inf else math.nan)
    m, k = math.frexp(x)
    if m < 0.70710678118654752440:
        m *= 2.0
        k -= 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    half_square = 0.5 * f * f
    return k * _LN2_HIGH - ((half_square - (s * (half_square + (even + odd)) + k * _LN2_LOW)) - f)


def power(x, y):
    """``x^y = exp(y log x)`` for x > 0 (relative error about ``|y log x|`` ulp), 0 for x = 0, nan below."""
    if x == 0.0:
        return 0.0
    return exp(y * log(x))


def tanh(x):
    """The hyperbolic tangent, within 3 ulp. Source: Moshier, Cephes tanh.c."""
    z = abs(x)
    if z > 20.0:
        return 1.0 if x > 0.0 else -1.0
    if z >= 0.625:
        y = 1.0 - 2.0 / (exp(2.0 * z) + 1.0)
        return y if x > 0.0 else -y
    s = x * x
    top = (-9.64399179425052238628e-1 * s - 9.92877231001918586564e1) * s - 1.61468768441708447952e3
    bottom = ((s + 1.12811678491632931402e2) * s + 2.23548839060100448583e3) * s + 4.84406305325125486048e3
    return x + x * s * (top / bottom)


def horner7(x, a7, a6, a5, a4, a3, a2, a1, a0):
    """The polynomial ``a7 x^7 + ... + a1 x + a0``."""
    return ((((((a7 * x + a6) * x + a5) * x + a4) * x + a3) * x + a2) * x + a1) * x + a0


def normal(u):
    """The standard normal quantile of ``0 < u < 1`` (``-inf`` at 0, ``inf`` at 1), relative error about 1e-15.

    Source: Wichura (1988), algorithm AS 241, doi:10.2307/2347330.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = horner7(
            r,
            2.5090809287301226727e3,
            3.3430575583588128105e4,
            6.7265770927008700853e4,
            4.5921953931549871457e4,
            1.3731693765509461125e4,
            1.9715909503065514427e3,
            1.3314166789178437745e2,
            3.3871328727963666080e0,
        )
        bottom = horner7(
            r,
            5.2264952788528545610e3,
            2.8729085735721942674e4,
            3.9307895800092710610e4,
            2.1213794301586595867e4,
            5.3941960214247511077e3,
            6.8718700749205790830e2,
            4.2313330701600911252e1,
            1.0,
        )
        return q * top / bottom
    if not 0.0 < u < 1.0:
        return -math.inf if u == 0.0 else (math.inf if u == 1.0 else math.nan)
    r = math.sqrt(-log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        top = horner7(
            r,
            7.74545014278341407640e-4,
            2.27238449892691845833e-2,
            2.41780725177450611770e-1,
            1.27045825245236838258e0,
            3.64784832476320460504e0,
            5.76949722146069140550e0,
            4.63033784615654529590e0,
            1.42343711074968357734e0,
        )
        bottom = horner7(
            r,
            1.05075007164441684324e-9,
            5.47593808499534494600e-4,
            1.51986665636164571966e-2,
            1.48103976427480074590e-1,
            6.89767334985100004550e-1,
            1.67638483018380384940e0,
            2.05319162663775882187e0,
            1.0,
        )
    else:
        r -= 5.0
        top = horner7(
            r,
            2.01033439929228813265e-7,
            2.71155556874348757815e-5,
            1.24266094738807843860e-3,
            2.65321895265761230930e-2,
            2.96560571828504891230e-1,
            1.78482653991729133580e0,
            5.46378491116411436990e0,
            6.65790464350110377720e0,
        )
        bottom = horner7(
            r,
            2.04426310338993978564e-15,
            1.42151175831644588870e-7,
            1.84631831751005468180e-5,
            7.86869131145613259100e-4,
            1.48753612908506148525e-2,
            1.36929880922735805310e-1,
            5.99832206555887937690e-1,
            1.0,
        )
    return top / bottom if q > 0.0 else -(top / bottom)
