"""Finer rounds must not change the result:

ADL over open interest and the fall move by less than 5 % when both round limits are halved and quartered.
"""

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1] / "experiments" / "convergence" / "analyse.py"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["crash", "oct10"])
def test_finer_rounds_do_not_change_the_outcome(name: str) -> None:
    spec = importlib.util.spec_from_file_location("convergence", PATH)
    study = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(study)
    runs = study.table((name,), 20)
    changes = study.summary(runs)[["adl_over_oi_change", "fall_change"]]
    assert runs.adl_over_oi.min() > 0, "ADL persists at every refinement and seed"
    assert (changes.abs() < 0.05).all(axis=None), changes
