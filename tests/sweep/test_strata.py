"""Two-phase estimates are unbiased and narrower, sensitivity indices are the known ones."""

import numpy as np
import pandas as pd
import pytest

import adlabm as ad
from adlabm.errors import BadInput
from adlabm.sweep import strata
from adlabm.sweep.plan import Plan
from tests.sweep.studies import study

MARKET = ["ticks=60", "index.process=gbm", "index.sigma=2.5", "fund.share=0.1", *(f"traders.{n}.count=12" for n in range(7))]


def test_weights_give_back_any_population():
    """Property over many choices: the mean of the estimates is the mean of all, its spread what the formula says, its interval covers."""
    rng = np.random.default_rng(3)
    badness = rng.exponential(size=800)
    y = (badness + 0.5 * rng.normal(size=800) > 3.0).astype(float)
    found = [strata.horvitz_thompson(y[s.chosen], s) for s in (strata.choose(badness, 120, seed=k) for k in range(400))]
    estimates = np.array([each.estimate for each in found])
    error = estimates.std() / np.sqrt(len(estimates))
    assert abs(estimates.mean() - y.mean()) < 3.5 * error
    plain = np.sqrt(y.mean() * (1 - y.mean()) / 120)
    assert estimates.std() < 0.75 * plain
    assert 0.85 < np.mean([each.low <= y.mean() <= each.high for each in found]) <= 1.0


def test_unbiased_against_plain_monte_carlo_in_the_market():
    """Where all runs are affordable: 60 small wild markets, of which two-phase samples of 16 give the same chance of ADL on average."""
    market = ad.Scenario.load("crash", sets=MARKET)
    badness = np.array([strata.severity(market, seed).max() for seed in range(60)])
    adl = np.array([float(ad.AdlModel(market, rng=seed).run().summary()["adl_events"] > 0) for seed in range(60)])
    assert 0.02 < adl.mean() < 0.9
    assert badness[adl > 0].mean() > badness[adl == 0].mean()
    estimates = [strata.horvitz_thompson(adl[s.chosen], s).estimate for s in (strata.choose(badness, 16, seed=k) for k in range(300))]
    assert abs(np.mean(estimates) - adl.mean()) < 3.5 * np.std(estimates) / np.sqrt(300)


def test_severity_is_that_of_the_path_that_runs():
    market = ad.Scenario.load("crash", sets=[("ticks", 60), ("depth.permanent", 0.0)])
    mark = ad.AdlModel(market, rng=4).run().series_frame().query("contract == 'BTCUSDT'")["index"].to_numpy()
    path = np.log(np.concatenate(([100_000.0], mark)))
    for window, found in zip((300.0, 1800.0), strata.severity(market, 4, (300.0, 1800.0)), strict=True):
        ticks = int(window // 60)
        slow = max(path[max(k - ticks, 0) : k + 1].max() - path[k] for k in range(len(path)))
        assert found == pytest.approx(slow, abs=1e-4)


def test_choices_that_cannot_be():
    with pytest.raises(BadInput, match="at least two a stratum"):
        strata.choose(np.arange(100.0), 4)
    sample = strata.choose(np.arange(100.0), 20)
    with pytest.raises(BadInput, match="one finite value for each"):
        strata.horvitz_thompson(np.ones(19), sample)


AXES = [{"key": key, "low": -np.pi, "high": np.pi} for key in ("depth.permanent", "fund.share", "fund.capacity")]


def ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


@pytest.mark.parametrize("design", ["saltelli", "morris"])
def test_indices_of_a_known_function(design):
    """Ishigami and Homma 1990: S1 = 0.314, 0.442, 0; ST = 0.558, 0.442, 0.244. Morris finds the first two, and the third by interaction."""
    pytest.importorskip("SALib")
    from adlabm.sweep import sensitivity

    plan = Plan(study(axes=AXES, design=design, points=1024 if design == "saltelli" else 200, treatments=[{"name": "a"}], replications=2))
    points = np.array([point for point, _ in plan.cells])
    values = ishigami(points)
    rows = pd.DataFrame({"run": range(2 * len(points)), "haircut": np.concatenate([values - 0.5, values + 0.5])})
    if design == "saltelli":
        found = sensitivity.sobol_indices(rows, plan, "haircut")
        assert found["S1"].to_numpy() == pytest.approx([0.314, 0.442, 0.0], abs=0.04)
        assert found["ST"].to_numpy() == pytest.approx([0.558, 0.442, 0.244], abs=0.04)
    else:
        found = sensitivity.morris_indices(rows, plan, "haircut")
        assert (found["mu_star"] > 1).all()
        assert found["sigma"][2] > found["mu_star"][2] * 0.8
    with pytest.raises(BadInput, match="need a study with design"):
        sensitivity.sobol_indices(rows, Plan(study()), "haircut")
    indices = sensitivity.sobol_indices if design == "saltelli" else sensitivity.morris_indices
    with pytest.raises(BadInput, match="is missing at"):
        indices(rows[rows["run"] % len(points) != 3], plan, "haircut")
