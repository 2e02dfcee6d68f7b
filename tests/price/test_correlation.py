"""Contracts whose noise is correlated."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.price.correlation import factor
from adlabm.price.paths import Paths
from adlabm.scenario import Scenario
from adlabm.streams import RunKey

BASE = ((1.0, 0.8, -0.3), (0.8, 1.0, 0.1), (-0.3, 0.1, 1.0))


def scenario(correlation, process="gbm", **more):
    contracts = [{"name": name, "tick": "0.01", "lot": "0.01", "price": 1000} for name in ("A", "B", "C")]
    group = {"name": "g", "count": 1, "equity": 100.0, "signal": {"rule": "side"}, "leverage": {"rule": "fixed", "leverage": 2.0}}
    table = {"ticks": 40_000, "index": {"process": process}, "contracts": contracts, "traders": [group]}
    return Scenario.from_dict(table | more | ({"correlation": correlation} if correlation else {}))


@given(st.integers(2, 6).flatmap(lambda n: st.lists(st.lists(st.floats(-1, 1), min_size=n, max_size=n), min_size=n, max_size=n)))
def test_the_factor_times_itself_is_the_matrix(rows):
    a = np.array(rows) + 2 * np.eye(len(rows))
    covariance = a @ a.T + 0.1 * np.eye(len(rows))
    scale = np.sqrt(np.diag(covariance))
    matrix = covariance / np.outer(scale, scale)
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1.0)
    names = [f"c{i}" for i in range(len(rows))]
    lower = np.array([[each.get(name, 0.0) for name in names] for each in factor(matrix.tolist(), names)])
    assert lower @ lower.T == pytest.approx(matrix, abs=1e-12)


@pytest.mark.parametrize("process", ["gbm", "garch"])
def test_contracts_move_together_as_told(process):
    paths = Paths(scenario(BASE, process), RunKey.from_seed(5))
    levels = np.concatenate([paths.chunk(first, np.ones(3))[0] for first in range(0, 40_000, 4096)], axis=1)[:, :, 0]
    found = np.corrcoef(np.sign(np.diff(np.log(levels), axis=1)))
    truth = 2 / math.pi * np.arcsin(np.array(BASE))  # of signs, whatever the volatility
    assert np.abs(found - truth).max() < 4 / math.sqrt(40_000)


def test_without_a_matrix_each_contract_keeps_its_own_noise():
    free, told = (Paths(scenario(each), RunKey.from_seed(5)).chunk(0, np.ones(3), 50)[0] for each in ((), np.eye(3).tolist()))
    assert (free == told).all()
    tied = Paths(scenario(BASE), RunKey.from_seed(5)).chunk(0, np.ones(3), 50)[0]
    assert (tied[0] == free[0]).all()  # the first contract's path is the same with and without the others


@pytest.mark.parametrize(
    ("correlation", "said"),
    [
        ([[1.0, 0.9, 0.9], [0.9, 1.0, -0.9], [0.9, -0.9, 1.0]], r"correlation.2 makes the matrix not positive definite: C cannot be"),
        ([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]], r"correlation.1 makes the matrix not positive definite: B cannot be"),
        ([[1.0, 0.0], [0.0, 1.0]], r"correlation.0 has 2 entries, but must have 3"),
        ([[1.0, 0.0, 0.0]], r"correlation has 1 rows, but must have 3"),
        ([[1.0, 0.1, 0.0], [0.2, 1.0, 0.0], [0.0, 0.0, 1.0]], r"correlation.1.0 is 0.2, but must equal its mirror 0.1, which is 0.1"),
        ([[2.0, 0.1, 0.0], [0.1, 1.0, 0.0], [0.0, 0.0, 1.0]], r"correlation.0.0 is 2, but must be 1"),
        ([[1.0, "x", 0.0]], r"correlation.0.1 is 'x', but must be"),
    ],
)
def test_bad_matrices_are_one_sentence(correlation, said):
    with pytest.raises(BadInput, match=said):
        scenario(correlation)


def test_who_follows_the_first_contract_follows_that_of_its_own_copy():
    contracts = [{"name": name, "tick": "0.01", "lot": "0.01", "price": 1000} for name in ("A", "B")]
    contracts[1]["index"] = {"process": "beta"}
    config = scenario((), tick_s=3600.0, index={"process": "merton", "rate": 1000.0}, contracts=contracts)
    paths = Paths(config, RunKey.from_seed(5))
    paths.chunk(0, np.ones(2), 10)
    other = paths.copy()
    other.turn(RunKey.from_seed(6))
    mine, its = (each.chunk(10, np.ones(2), 50)[2] for each in (paths, other))
    for jumps in (mine, its):
        assert jumps[0].any()
        assert (jumps[0] == jumps[1]).all()
    assert (mine != its).any()
