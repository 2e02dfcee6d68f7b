"""Regret: brute force over constants, the bound of online gradient steps, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.metrics.regret import regret, static_regret

paths = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 100)), min_size=1, max_size=15)


@settings(max_examples=60)
@given(paths)
def test_the_best_constant_beats_every_other(rows):
    chosen, target, weight = (np.array(column) for column in zip(*rows, strict=True))
    row = regret(chosen, target, weight)
    grid = np.concatenate([target, np.linspace(0, 1, 21)])
    losses = [float(weight @ np.abs(constant - target)) for constant in grid]
    least = float(weight @ np.abs(row["best_constant"] - target))
    assert least <= min(losses) + 1e-9
    assert row["dynamic"] == pytest.approx(float(weight @ np.abs(chosen - target)))
    assert row["static"] == pytest.approx(row["dynamic"] - least, abs=1e-9)
    table = weight[:, None] * np.abs(grid - target[:, None])
    assert static_regret(weight * np.abs(chosen - target), table) == pytest.approx(row["dynamic"] - min(losses), abs=1e-6)
    assert regret(target, target, weight)["dynamic"] == 0


def test_by_hand():
    row = regret([0.5, 0.5, 0.5], [0.0, 1.0, 1.0], [3.0, 4.0, 12.0])
    assert row == pytest.approx({"dynamic": 9.5, "static": 6.5, "best_constant": 1.0, "path": 1.0, "bound": math.sqrt(3 * 169)})


def test_bad_input():
    with pytest.raises(BadInput, match=r"'target' is 1\.5 in row 0; give one finite number from 0 to 1 per row"):
        regret([0.5], [1.5], [1.0])
    with pytest.raises(BadInput, match=r"has the shape \(2, 1\); it must be 1 rounds by at least one action"):
        static_regret([1.0], [[1.0], [2.0]])
