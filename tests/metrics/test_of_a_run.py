"""Metrics on the tables of a run agree with what the engine counted itself."""

import numpy as np
import pytest

from adlabm.api import run
from adlabm.metrics.bankruptcy_gap import bankruptcy_gap
from adlabm.metrics.markout import markout, markout_curve
from adlabm.metrics.naked_delta import closed_deltas, naked_delta
from adlabm.metrics.overshoot import budget_needed
from adlabm.metrics.residual_exposure import residual_exposure


@pytest.fixture(scope="module")
def crash():
    return run("crash", seed=1)


def test_agreement(crash):
    events, series, traders = (getattr(crash.tables, name).to_pandas() for name in ("events", "series", "traders"))
    adl = events[events["kind"] == "adl"]
    assert len(adl) == crash.summary["adl_events"] > 100
    curve = markout_curve(markout(events, series, [5, 60]))
    assert curve.loc[5, "fills"] == len(adl)
    assert curve.loc[5, "haircut"] == pytest.approx(float(crash.summary["haircut"]))
    for horizon, column in ((5, "markout_5m"), (60, "markout_1h")):
        assert curve.loc[horizon, "markout"] == pytest.approx(float(traders[column].dropna().astype(float).sum()))
    assert budget_needed(events) >= float(crash.summary["haircut"]) - 1e-6
    assert bankruptcy_gap(events) == 0  # forced orders have the bankruptcy price as their limit
    naked = naked_delta({"account": [], "delta": []}, closed_deltas(events))
    assert len(naked) == crash.summary["adl_traders"]
    assert float(np.abs(closed_deltas(events)["delta"]).sum()) == pytest.approx(float(crash.summary["adl_notional"]))
    equity = traders["equity_end"].astype(float)
    assert residual_exposure(np.zeros(len(equity)), equity, [0.1])["expected_deficit"] == pytest.approx(-equity[equity < 0].sum())
