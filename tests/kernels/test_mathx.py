"""exp, log and kin: close to the true value, and the same bits on every machine."""

import hashlib
import math
import os
import subprocess
import sys
from decimal import Context, Decimal
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from scipy import special

from adlabm.kernels import mathx
from adlabm.kernels.mathx import exp, log, normal, power, tanh
from adlabm.kernels.noise import fill_normals, fill_uniforms

GENERATOR = np.random.default_rng(7)
INF, NAN = math.inf, math.nan
WIDE = Context(prec=50)


def plain(function):
    """The Python function behind a kernel."""
    return getattr(function, "py_func", function)


def ulps(values, truth):
    truth = np.asarray(truth)
    return np.max(np.abs(np.asarray(values) - truth) / np.spacing(np.abs(truth)))


@pytest.mark.parametrize(("low", "high"), [(-708, 709), (-1, 1), (-1e-6, 1e-6)])
def test_exp(low, high):
    x = GENERATOR.uniform(low, high, 5000)
    assert ulps([exp(v) for v in x], np.exp(x)) <= 2


def test_exp_and_log_within_one_ulp_of_the_true_value():
    for x in GENERATOR.uniform(-700, 700, 200).tolist():
        truth = WIDE.exp(Decimal(x))
        assert abs(Decimal(exp(x)) - truth) <= Decimal(math.ulp(float(truth)))
        truth = WIDE.ln(Decimal(abs(x)))
        assert abs(Decimal(log(abs(x))) - truth) <= Decimal(math.ulp(float(truth)))


@pytest.mark.parametrize(
    "x", [GENERATOR.uniform(0.5, 2, 5000), np.exp(GENERATOR.uniform(-744, 709, 5000)), 1 + GENERATOR.normal(0, 1e-9, 500)]
)
def test_log(x):
    assert ulps([log(v) for v in x], np.log(x)) <= 2


def test_tanh():
    for x in (GENERATOR.uniform(-22, 22, 5000), GENERATOR.uniform(-0.7, 0.7, 5000), GENERATOR.uniform(-1e-9, 1e-9, 100)):
        assert ulps([tanh(v) for v in x], np.tanh(x)) <= 3


def test_power():
    x, y = np.exp(GENERATOR.uniform(-5, 5, 2000)), GENERATOR.uniform(-4, 4, 2000)
    assert np.allclose([power(a, b) for a, b in zip(x, y, strict=True)], x**y, rtol=2e-14, atol=0)
    assert power(0.0, 0.67) == 0.0
    assert power(2.0, 0.0) == 1.0
    assert math.isnan(power(-1.0, 2.0))


def test_normal():
    u = np.concatenate([GENERATOR.uniform(0, 1, 5000), 10.0 ** GENERATOR.uniform(-300, -1, 2000)])
    got = np.array([normal(v) for v in u])
    truth = special.ndtri(u)
    bulk = np.abs(truth) > 1e-3
    assert np.max(np.abs(got[bulk] / truth[bulk] - 1)) < 3e-15
    assert np.max(np.abs(got - truth)[~bulk]) < 1e-15
    assert [normal(v) for v in u[:200]] == pytest.approx([NormalDist().inv_cdf(v) for v in u[:200]], rel=1e-15)


def test_normal_is_antisymmetric_and_increasing():
    u = np.linspace(2**-52, 0.5, 5001)
    lower, upper = [normal(v) for v in u], [normal(1 - v) for v in u]
    assert np.allclose(lower, -np.array(upper), rtol=1e-12, atol=1e-300)
    assert np.all(np.diff(lower) > 0)


EDGES = [
    (exp, [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN), (710.0, INF), (-746.0, 0.0)]),
    (exp, [(709.782712893384, math.exp(709.782712893384)), (-745.1332191019411, 5e-324)]),
    (log, [(1.0, 0.0), (0.0, -INF), (-1.0, NAN), (INF, INF), (NAN, NAN), (-INF, NAN), (5e-324, math.log(5e-324))]),
    (tanh, [(0.0, 0.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN), (25.0, 1.0), (-25.0, -1.0)]),
    (normal, [(0.5, 0.0), (0.0, -INF), (1.0, INF), (NAN, NAN), (-0.1, NAN), (1.1, NAN)]),
]


@pytest.mark.parametrize(("function", "pairs"), EDGES)
def test_edges(function, pairs):
    for x, expected in pairs:
        for call in (function, plain(function)):
            assert call(x) == expected or (math.isnan(expected) and math.isnan(call(x))), (x, expected)


def battery() -> str:
    """A hash over many results of all functions."""
    index, u, z = np.arange(1500), np.empty(1500), np.empty(1500)
    fill_uniforms(u, index, 1, 2, 3, 4, 5)
    fill_normals(z, index, 1, 2, 3, 4, 5)
    digest = hashlib.sha256(u.tobytes() + z.tobytes())
    for a, b in zip(u.tolist(), z.tolist(), strict=True):
        row = [
            exp(200 * b),
            exp(-700 - 45 * a),
            log(a),
            log(exp(300 * b)),
            tanh(b),
            tanh(b / 100),
            power(a, b),
            normal(a * a * a),
            power(a, 0.67),
        ]
        digest.update(np.array(row).tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize(
    "setting",
    [
        {"NUMBA_DISABLE_JIT": "1"},
        {"NUMBA_CPU_NAME": "generic", "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4"},
        {"NUMBA_OPT": "1"},
    ],
    ids=["no compiler", "generic processor", "little optimisation"],
)
def test_same_bits_everywhere(setting):
    env = {**os.environ, **setting, "PYTHONPATH": str(Path(mathx.__file__).parents[2])}
    done = subprocess.run([sys.executable, __file__], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == battery()


if __name__ == "__main__":
    print(battery())
