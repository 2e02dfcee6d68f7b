"""Drawn index processes against their theory; tolerances are four standard errors unless said otherwise."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from adlabm import registry
from adlabm.errors import BadInput
from adlabm.kernels.jumps import chi_square, poisson
from adlabm.price.process import YEAR_S
from adlabm.streams import RunKey

DRAWN = ("gbm", "garch", "merton", "kou", "bates", "svcj", "hawkes", "reverting")
DAY, N = 86_400.0, 200_000
ERRORS = 4.0


def make(key, params=(), **changed):
    place = {"start_price": 100.0, "tick_s": 3600.0, "ticks": N, "key": RunKey.from_seed(11), "name": "BTC"} | changed
    return registry.find("index", key)(dict(params), **place)


def acf(x, lag):
    x = x - x.mean()
    return (x[lag:] * x[:-lag]).mean() / (x * x).mean()


@pytest.mark.parametrize("key", DRAWN)
@settings(max_examples=20)
@given(cuts=st.lists(st.integers(0, 60), max_size=4))
def test_any_chunking_gives_the_same_levels_and_jumps(key, cuts):
    edges = [0, *sorted(cuts), 60]
    busy = {"hawkes": {"base": 1.0}}.get(key, {"rate": 5000.0} if key in ("merton", "kou", "bates", "svcj") else {})
    whole, parts = make(key, busy), make(key, busy)
    levels, jumps = whole.levels(0, 60), whole.jumps(0, 60)
    at = [(parts.levels(a, b - a), parts.jumps(a, b - a)) for a, b in pairwise(edges)]
    assert (np.concatenate([each for each, _ in at]) == levels).all()
    assert (np.concatenate([each for _, each in at]) == jumps).all()
    assert jumps.any() == bool(busy)


@pytest.mark.parametrize("key", [each for each in DRAWN if each != "reverting"])
def test_the_level_is_a_martingale_with_the_stated_volatility(key):
    process = make(key, tick_s=6 * 3600.0)
    r = process.returns(0, N)
    grown = np.exp(r)
    assert abs(grown.mean() - 1) < ERRORS * grown.std() / math.sqrt(N)
    squares = np.add.reduceat((r - r.mean()) ** 2, np.arange(0, N, 1000))  # blocks: volatility clusters
    assert abs(squares.mean() / 1000 - process.volatility**2 * process.dt) < ERRORS * squares.std() / 1000 / math.sqrt(len(squares))


def test_garch_steps_are_students_t_at_any_tick():
    nu, sigma = 5.0, 0.05  # so small that the martingale's drift does not show
    for ticks in (1, 4):
        process = make("garch", {"alpha": 0.0, "beta": 0.0, "nu": nu, "sigma": sigma, "step_s": DAY}, tick_s=DAY / ticks)
        parts = process.returns(0, 40_000 * ticks)
        steps = parts.reshape(-1, ticks).sum(axis=1)
        unit = steps / (sigma * math.sqrt(DAY / YEAR_S)) * math.sqrt(nu / (nu - 2))
        assert stats.kstest(unit, stats.t(nu).cdf).pvalue > 1e-4
        k = 400
        tail = np.sort(np.abs(unit))[::-1][: k + 1]
        hill = k / np.log(tail[:-1] / tail[-1]).sum()
        expected = _hill_of_t(nu, k / len(unit))
        assert abs(hill - expected) < ERRORS * expected / math.sqrt(k)


def _hill_of_t(nu, share):
    """What Hill's estimator gives on the exact tail of |t|: 1 / E[log X / x0 | X > x0]."""
    x0 = stats.t(nu).isf(share / 2)
    u = (np.arange(20_000) + 0.5) / 20_000 * share
    return 1 / np.log(stats.t(nu).isf(u / 2) / x0).mean()


def test_garch_remembers_as_its_formula_says():
    alpha, beta, nu, n = 0.1, 0.8, 30.0, 400_000
    process = make("garch", {"alpha": alpha, "beta": beta, "nu": nu, "step_s": 3600.0}, ticks=n)
    squares = process.returns(0, n) ** 2
    first = alpha * (1 - alpha * beta - beta**2) / (1 - 2 * alpha * beta - beta**2)
    parts = squares.reshape(40, -1)
    for lag in (1, 5, 20):
        found = np.array([acf(each, lag) for each in parts])
        bias = 2 * first / (1 - alpha - beta) / parts.shape[1]  # of the mean removed in each part
        assert abs(found.mean() - first * (alpha + beta) ** (lag - 1)) < ERRORS * found.std() / math.sqrt(len(found)) + bias
    assert abs(acf(process.returns(0, n), 1)) < 0.02


def test_merton_sizes_are_normal_and_poisson():
    rate, mean, deviation = 2000.0, -0.02, 0.06
    process = make("merton", {"sigma": 0.0, "rate": rate, "mean": mean, "deviation": deviation}, tick_s=3600.0)
    r, jumped = process.returns(0, N), process.jumps(0, N)
    expected = rate * process.dt
    assert abs(jumped.mean() - (1 - math.exp(-expected))) < ERRORS * math.sqrt(expected / N)
    drift = r[~jumped][0]
    counts = process.jumped[1]
    for n in (1, 2):
        sizes = (r - drift)[counts == n]
        assert len(sizes) > 500
        assert stats.kstest(sizes, stats.norm(n * mean, math.sqrt(n) * deviation).cdf).pvalue > 1e-4
    assert drift == pytest.approx(-expected * (math.exp(mean + deviation**2 / 2) - 1))


def test_kou_sizes_are_exponential_on_either_side():
    process = make("kou", {"sigma": 0.0, "rate": 2000.0})
    r = process.returns(0, N)
    counts = process.jumped[1]
    sizes = (r - r[counts == 0][0])[counts == 1]
    falls = sizes < 0
    assert abs(falls.mean() - 0.55) < ERRORS * math.sqrt(0.55 * 0.45 / len(sizes))
    assert stats.kstest(-sizes[falls], stats.expon(scale=0.045).cdf).pvalue > 1e-4
    assert stats.kstest(sizes[~falls], stats.expon(scale=0.04).cdf).pvalue > 1e-4


def test_the_variance_of_bates_returns_to_its_mean_as_a_square_root_process_does():
    kappa, theta, xi = 50.0, 0.3, 2.0
    process = make("bates", {"kappa": kappa, "theta": theta, "xi": xi, "rho": -0.5, "rate": 0.0}, tick_s=3600.0)
    day = process.returns(0, 24 * 8000).reshape(-1, 24)
    realised = (day**2).sum(axis=1) / (24 * process.dt)
    assert abs(realised.mean() - theta) < ERRORS * realised.std() / math.sqrt(len(realised)) * math.sqrt(2 * YEAR_S / DAY / kappa)
    t = DAY / YEAR_S
    for lag in (1, 5, 10):
        decay = np.array([(each[lag:] * each[:-lag]).mean() for each in (realised - theta).reshape(20, -1)])
        inside = ((1 - math.exp(-kappa * t)) / (kappa * t)) ** 2 * math.exp(-kappa * t * (lag - 1))
        truth = xi**2 * theta / (2 * kappa) * inside  # covariance of the variance averaged over two days
        assert abs(decay.mean() - truth) < ERRORS * decay.std() / math.sqrt(len(decay))
    leverage = (day.sum(axis=1)[:-1] * (realised[1:] - theta)).mean()
    error = (day.sum(axis=1)[:-1] * (realised[1:] - theta)).std() / math.sqrt(len(realised))
    truth = -0.5 * xi * theta * t * (1 - math.exp(-kappa * t)) ** 2 / (kappa * t) ** 2
    assert leverage < 0
    assert abs(leverage - truth) < ERRORS * error


def test_svcj_jumps_raise_the_variance_and_lean_on_its_rise():
    given = {"rate": 3000.0, "rise": 0.02, "slope": -2.0, "mean": 0.01, "deviation": 0.02, "kappa": 500.0}
    process = make("svcj", given)
    sizes, rises = process.sizes(0, N)
    counts = process.jumped[1]
    one = counts == 1
    assert stats.kstest(rises[one], stats.expon(scale=0.02).cdf).pvalue > 1e-4
    slope, at_zero, *_ = stats.linregress(rises[one], sizes[one] - sizes[counts == 0][0])
    assert abs(slope + 2.0) < ERRORS * 0.02 / (0.02 * math.sqrt(one.sum()))
    assert abs(at_zero - 0.01) < 2 * ERRORS * 0.02 / math.sqrt(one.sum())
    assert process.mean_variance == pytest.approx(0.0788 + 3000 * 0.02 / 500)


def test_svcj_is_the_published_fit_in_other_units():
    c = 365 / 250
    fit = {
        "kappa": 0.187 * 365,
        "theta": 0.054 * c,
        "xi": math.sqrt(0.0069 * c * 365),
        "rho": 0.2748,
        "rate": 0.051 * 365,
        "mean": -0.049 / math.sqrt(250),
        "deviation": math.sqrt(2.06 / 250),
        "rise": 0.709 * c,
        "slope": -0.21 / c / math.sqrt(250),
    }
    for name, value in fit.items():
        assert registry.params_of(registry.find("index", "svcj"))[name].default == pytest.approx(value, rel=0.005), name


def test_hawkes_jumps_cluster_as_branching_says():
    n = 0.7
    process = make("hawkes", {"base": 0.5, "branching": n, "decay_s": 1200.0}, tick_s=60.0)
    process.returns(0, N)
    counts = process.jumped[1]
    days = counts[: N // 1440 * 1440].reshape(-1, 1440).sum(axis=1)
    mean = 0.5 * 24 / (1 - n)
    assert abs(days.mean() - mean) < ERRORS * math.sqrt(mean / (1 - n) ** 2 / len(days))
    fano = days.var() / days.mean()
    assert abs(fano - 1 / (1 - n) ** 2) < ERRORS * fano * math.sqrt(2 / len(days))  # long windows: 1 / (1 - n)^2
    still = make("hawkes", {"base": 0.5, "branching": 0.0}, tick_s=60.0)
    still.returns(0, N)
    alone = still.jumped[1]
    assert abs(alone.var() / alone.mean() - 1) < ERRORS * math.sqrt(2 / N) + ERRORS / math.sqrt(alone.sum())


def test_laws_of_the_kernels():
    for mean in (0.3, 5.0, 60.0):
        u = np.linspace(0.001, 0.999, 301)
        assert [poisson(mean, each) for each in u] == stats.poisson(mean).ppf(u).tolist()
    drawn = [chi_square(3.5, step, 1, 1000, 5, 6) for step in range(20_000)]
    assert stats.kstest(drawn, stats.chi2(3.5).cdf).pvalue > 1e-4


def klines(path, ratios, bar_ms=60_000):
    close = 100 * np.cumprod(np.concatenate(([1.0], ratios)))
    rows = [f"{1_700_000_000_000 + i * bar_ms},{x!r},{x!r},{x!r},{x!r},0" for i, x in enumerate(map(float, close))]
    path.write_text("open_time,open,high,low,close,volume\n" + "\n".join(rows))
    return str(path)


def bootstrap(tmp_path, ratios, tick_s=60.0, block_s=600.0, **changed):
    file = klines(tmp_path / "k.csv", ratios)
    return make("bootstrap", {"file": file, "block_s": block_s}, tick_s=tick_s, **changed)


def test_bootstrap_keeps_the_returns_and_the_memory_of_a_block(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.001, 4000)
    x = np.zeros(4000)
    for i in range(1, 4000):
        x[i] = 0.8 * x[i - 1] + noise[i]
    process = bootstrap(tmp_path, np.exp(x))
    r = np.diff(np.log(np.concatenate(([100.0], process.levels(0, N)[:, 0]))))
    assert np.isin(np.round(r, 9), np.round(x, 9)).all()
    centred = x - x.mean()
    parts = r.reshape(40, -1)
    for lag in (1, 5, 10):
        circular = (centred * np.roll(centred, -lag)).mean() / (centred**2).mean()
        found = np.array([((each - x.mean())[lag:] * (each - x.mean())[:-lag]).mean() / centred.var() for each in parts])
        assert abs(found.mean() - 0.9**lag * circular) < ERRORS * found.std() / math.sqrt(40)  # Politis and Romano: (1 - p)^lag


def test_bootstrap_of_ticks_shorter_and_longer_than_bars(tmp_path):
    ratios = np.exp(np.random.default_rng(2).normal(0, 0.01, 500))
    bars = bootstrap(tmp_path, ratios).levels(0, 40)[:, 0]
    assert bootstrap(tmp_path, ratios, tick_s=240.0).levels(0, 10)[:, 0] == pytest.approx(bars[3::4])
    short = bootstrap(tmp_path, ratios, tick_s=15.0).levels(0, 160)[:, 0]
    assert short[3::4] == pytest.approx(bars)
    assert np.diff(short[4:8]) == pytest.approx(np.full(3, (bars[1] - bars[0]) / 4))
    parts = bootstrap(tmp_path, ratios, tick_s=15.0)
    assert (np.concatenate([parts.levels(a, b - a)[:, 0] for a, b in ((0, 7), (7, 21), (21, 160))]) == short).all()
    with pytest.raises(BadInput, match=r"tick_s = 90 does not fit .*k.csv, whose bars last 60 s"):
        bootstrap(tmp_path, ratios, tick_s=90.0)


@pytest.mark.parametrize(
    ("key", "params", "said"),
    [
        ("garch", {"step_s": 5000.0}, "'garch' of BTC is 5000 s, but must be a whole number of ticks of 3600 s"),
        ("merton", {"rate": 1e6}, "expects 114 jumps in a tick of 3600 s; at most 10"),
    ],
)
def test_what_does_not_fit_the_run(key, params, said):
    with pytest.raises(BadInput, match=said):
        make(key, params)


@pytest.mark.parametrize(
    ("key", "params", "said"),
    [
        ("garch", {"alpha": 0.4, "beta": 0.6}, "index.alpha is 0.4; with beta, 0.6, it must stay below 1"),
        ("svcj", {"slope": 1.0, "rise": 2.0}, "index.slope is 1; times rise, 2, it must be below 1"),
        ("bootstrap", {}, "index.file is missing"),
    ],
)
def test_parameters_that_do_not_fit_together(key, params, said):
    with pytest.raises(BadInput, match=said):
        registry.find("index", key).validate(params)
