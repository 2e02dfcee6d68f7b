"""What ADL leaves behind: exposure, naked legs, missed drift, churn, reopening."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.metrics.churn import churn
from adlabm.metrics.markout import markout, markout_curve
from adlabm.metrics.moral_hazard import moral_hazard
from adlabm.metrics.naked_delta import closed_deltas, naked_delta
from adlabm.metrics.policy_regret import policy_regret
from adlabm.metrics.residual_exposure import residual_exposure
from adlabm.metrics.undo_fraction import undo_fraction

quick = settings(max_examples=40)
EVENTS = pd.DataFrame(
    {
        "kind": ["adl", "liquidation", "adl"],
        "tick": [1, 1, 2],
        "trader": [7, 8, 9],
        "contract": ["A", "A", "B"],
        "quantity": [4.0, -4.0, -2.0],
        "price": [98.0, 99.0, 50.0],
        "mark": [97.0, 97.0, 52.0],
    }
)
SERIES = pd.DataFrame({"tick": [1, 1, 2, 2, 3, 3], "contract": ["A", "B"] * 3, "mark": [97.0, 51.0, 95.0, 53.0, 96.0, 55.0]})


def test_markout_is_haircut_and_drift():
    table = markout(EVENTS, SERIES, [0, 1, 2])
    short = table[table["trader"] == 7].set_index("horizon")  # 4 bought back at 98 while the mark was 97, then 95, then 96
    assert short["haircut"].tolist() == [4, 4, 4]
    assert short["drift"].tolist() == [0, 8, 4]
    assert short["markout"].tolist() == [4, 12, 8]
    long = table[table["trader"] == 9].set_index("horizon")  # 2 sold at 50 while the mark was 52; at the tick's end 53, then 55
    assert long["markout"].tolist()[:2] == [6, 10]
    assert math.isnan(long.loc[2, "markout"])
    curve = markout_curve(table)
    assert curve.loc[2].to_dict() == {"fills": 1, "haircut": 4, "drift": 4, "markout": 8}
    assert curve.loc[1, "markout"] == 22
    assert markout(EVENTS[EVENTS["kind"] == "liquidation"], SERIES, [1]).empty


def test_policy_regret():
    table = policy_regret([3.0, 5.0, 10.0], [2.0, 2.0, 2.0])
    assert table.to_dict("records")[0] == {
        "pairs": 3,
        "mean": 4.0,
        "standard_error": pytest.approx(np.std([1, 3, 8], ddof=1) / math.sqrt(3)),
    }
    assert policy_regret([math.nan], [1.0])["pairs"].tolist() == [0]
    with pytest.raises(BadInput, match=r"'exempt' has the shape \(2,\), 'own' \(1,\)"):
        policy_regret([1.0, 2.0], [1.0])


def test_a_hedged_account_loses_one_leg():
    held = {"account": ["m", "m", "d", "d"], "delta": [-100.0, 100.0, -80.0, 20.0]}
    table = naked_delta(held, {"account": ["m", "d", "m"], "delta": [30.0, 50.0, 10.0]}, adverse_move=0.1)
    assert table.loc["m"].to_dict() == pytest.approx({"before": 0, "after": 40, "naked": 40, "damage": 4})
    assert table.loc["d"].to_dict() == pytest.approx({"before": -60, "after": -10, "naked": 0, "damage": 0})
    changed = closed_deltas(EVENTS)
    assert changed["account"].tolist() == [7, 9]
    assert changed["delta"].tolist() == [388, -104]
    nobody = naked_delta({"account": [], "delta": []}, changed)
    assert nobody["naked"].tolist() == [388, 104]
    with pytest.raises(BadInput, match="no column 'delta'"):
        naked_delta({"account": ["m"]}, changed)


def test_residual_exposure():
    row = residual_exposure([100.0, -60.0, -40.0, 0.0], [50.0, 10.0, -5.0, 3.0], [0.0, 0.5, -0.6])
    assert row["open_interest"] == 100
    assert row["leverage_max"] == 6
    assert row["leverage_median"] == 4
    assert row["expected_deficit"] == pytest.approx(((0 + 0 + 5) + (0 + 20 + 25) + (10 + 0 + 0)) / 3)
    assert math.isnan(residual_exposure([], [], [])["leverage_max"])


@quick
@given(
    st.lists(st.tuples(st.floats(1, 1e4), st.floats(0.5, 50)), min_size=1, max_size=10), st.lists(st.floats(-1, 1), min_size=1, max_size=10)
)
def test_expected_deficit_is_notional_times_psi(rows, shocks):
    """For one side: sum N psi(1 / leverage), psi(u) = E[(u + Z)^-]."""
    notional, leverage = (np.array(column) for column in zip(*rows, strict=True))
    psi = np.maximum(-(1 / leverage[:, None] + np.array(shocks)), 0).mean(axis=1)
    row = residual_exposure(notional, notional / leverage, shocks)
    assert row["expected_deficit"] == pytest.approx(float(notional @ psi), rel=1e-9, abs=1e-9)


def test_churn_shows_what_it_assumes():
    """Published: a 10 % haircut makes 39 % leave, one of 20 % 63 %; 7.6 basis points of revenue a day."""
    assert churn([0.1], [1.0])["leavers"] == pytest.approx(0.39, abs=0.005)
    assert churn([0.2], [1.0])["leavers"] == pytest.approx(0.63, abs=0.005)
    row = churn([0.2, 0.0], [500.0, 9e9])
    assert row["revenue_per_day"] == pytest.approx(7.6e-4)
    assert row["revenue_loss"] == pytest.approx(730 * 7.6e-4 * 500 * (1 - math.exp(-1)))
    assert row["kappa"] == 5
    assert churn([0.2], [1.0], kappa=8)["leavers"] > row["leavers"]
    assert churn([0.2], [1.0], kappa=0)["revenue_loss"] == 0
    with pytest.raises(BadInput, match="'kappa' is -1"):
        churn([0.2], [1.0], kappa=-1)


def test_undo_fraction():
    assert undo_fraction([-10.0, 10.0, 4.0], [0.0, 2.5, 8.0]).tolist() == [0, 0.25, 1]
    assert math.isnan(undo_fraction([0.0], [1.0])[0])


def test_moral_hazard_of_account_structure():
    """Published: positions of +10 and -4 in one account pay 1.5 of 4 beside a winner of 10; in two accounts 2."""
    other = {"id": [1], "pnl": [10.0], "equity": [50.0]}
    merged = {name: [*column, value] for (name, column), value in zip(other.items(), (2, 6.0, 50.0), strict=True)}
    parted = {name: [*column, value] for (name, column), value in zip(other.items(), (2, 10.0, 50.0), strict=True)}
    assert moral_hazard("pnl-pro-rata", 4.0, merged, parted, mine=[2]) == pytest.approx(0.5)
    assert moral_hazard("pnl-pro-rata", 4.0, merged, merged, mine=[2]) == 0
    assert moral_hazard("pnl-pro-rata", 4.0, merged, parted, mine=[1]) == pytest.approx(-0.5)
    with pytest.raises(BadInput, match="'mine' is empty"):
        moral_hazard("pnl-pro-rata", 4.0, merged, parted, mine=[])
