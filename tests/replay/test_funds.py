"""Insurance funds: the cases are read as written, and predictions are compared with what is reported."""

import numpy as np
import pandas as pd
import pytest

from adlabm.replay._funds import path_of, predicted
from adlabm.replay._world import MODELLED, Case
from adlabm.replay.funds import CASES, compared, funds
from adlabm.settings import read_toml

EACH = {each["name"]: each for each in read_toml(CASES, "cases")["cases"]}
REPORTED = {  # market models 4.3: fund over open interest, draw
    "BitMEX, 12 March 2020": (35_500 / 35_500 * 280 / 1000, (-2606 / 35_500, -1627 / 35_500)),
    "BitMEX, 10 May 2020": (315 / 587, (-0.01, -0.01)),
    "Binance BTC, 10 May 2020": (21.0 / 314, (-0.63, -0.63)),
    "Binance BTC, 10 October 2025": (1.23 / 11, (-188 / 1230, -188 / 1230)),
}


@pytest.mark.parametrize("name", EACH)
def test_cases_are_the_reported_ones(name):
    fund, draw = REPORTED[name]
    assert EACH[name]["fund"] == pytest.approx(fund, rel=0.02)
    assert EACH[name]["draw"] == pytest.approx(draw, abs=1e-3)


def test_a_path_goes_through_its_knots():
    target = path_of(EACH["BitMEX, 12 March 2020"])
    at = {seconds: target.mark[round(seconds / target.tick_s) - 1] for seconds in (4500, 59340, 59400)}
    assert at == {4500: 5678, 59340: 3596, 59400: 3978}
    assert target.opening == 7353
    assert 1 - target.mark.min() / target.opening == pytest.approx(0.511, abs=1e-3)  # market models 3.3: -51 %


def test_a_fund_follows_from_its_run():
    each = {**EACH["Binance BTC, 10 May 2020"], "knots": [[-3600, 9450], [0, 9450], [600, 9450], [1200, 8101], [3000, 8700]]}
    row = predicted(each, Case("binance", each["fund"], "bitmex", 0.2, MODELLED, 0))
    assert row["real_fall"] == pytest.approx(1 - 8101 / 9450, abs=1e-6)
    assert row["lowest"] <= min(row["draw"], 0)
    assert row["misfit_rms_bp"] < 50


def test_medians_and_ranges():
    runs = pd.DataFrame(
        {
            "case": ["a"] * 3,
            "crowd": ["c"] * 3,
            "real_fall": 0.5,
            "draw": [-0.1, -0.4, -0.2],
            "lowest": -0.5,
            "adl": [0, 0.1, 0.2],
            "null_draw": 0.0,
        }
    )
    row = compared(runs, [{"name": "a", "fund": 0.1, "draw": [-0.3, -0.1], "adl": True}]).iloc[0]
    assert row[["predicted", "from", "to", "reported_low", "reported_high"]].tolist() == pytest.approx([-0.2, -0.4, -0.1, -0.3, -0.1])
    assert row["ADL predicted"] == "2 of 3"


@pytest.mark.slow
def test_all_cases_at_toy_size():
    found = funds(smoke=True)
    assert set(found.tables["funds"]["case"]) == set(EACH)
    assert np.isfinite(found.tables["runs"]["draw"]).all()
