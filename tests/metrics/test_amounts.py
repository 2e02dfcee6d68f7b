"""How much is taken, missing and left: hand computations, identities, bad tables."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.metrics.bankruptcy_gap import bankruptcy_gap
from adlabm.metrics.deficit import deficit
from adlabm.metrics.overshoot import budget_needed, budget_produced, overshoot
from adlabm.metrics.residual_shortfall import residual_shortfall
from adlabm.metrics.severity import severity

money = st.floats(0, 1e9)
rounds = st.lists(st.tuples(money, money), min_size=1, max_size=20)
quick = settings(max_examples=50)

EVENTS = pd.DataFrame(
    {
        "kind": ["liquidation", "liquidation", "liquidation", "adl", "adl", "takeover", "fund_draw"],
        "quantity": [-2.0, 3.0, np.nan, 1.5, -4.0, -9.0, np.nan],
        "price": [95.0, 104.0, np.nan, 90.0, 90.0, 90.0, np.nan],
        "mark": [97.0, 100.0, np.nan, 88.0, 91.0, 80.0, np.nan],
        "bankruptcy_price": [96.0, 105.0, np.nan, 90.0, 90.0, 90.0, np.nan],
        "amount": [None, None, Decimal(7), Decimal(3), Decimal(4), None, Decimal(1)],
    }
)


def test_severity():
    row = severity([0.0, 3.0, 5.0, 1.0], [6.0, 6.0, 4.0, 0.0])
    assert row["uncapped"][:3].tolist() == [0, 0.5, 1.25]
    assert row["capped"][:3].tolist() == [0, 0.5, 1]
    assert math.isnan(row["uncapped"][3])
    assert math.isnan(row["capped"][3])
    assert severity(1, 4)["capped"].tolist() == [0.25]


def test_an_account_counts_once():
    equity, account = [-5.0, 2.0, -7.0, -1.0, 0.0], ["a", "a", "a", "b", "c"]
    assert deficit(equity, account) == {"total": 13.0, "worst": 7.0, "by_account": 8.0}
    assert math.isnan(deficit(equity)["by_account"])
    assert deficit([])["worst"] == 0
    assert deficit([Decimal("-1.5")])["total"] == 1.5


@quick
@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.integers(0, 4)), max_size=20))
def test_deficit_counts_no_account_twice(rows):
    equity, account = [row[0] for row in rows], [row[1] for row in rows]
    found = deficit(equity, account)
    assert found["worst"] <= found["by_account"] <= found["total"] * (1 + 1e-12)
    assert deficit(equity[::-1], account[::-1]) == found
    apart = deficit(equity, range(len(rows)))
    assert apart["by_account"] == apart["total"]


@quick
@given(rounds)
def test_overshoot_adds_up(pairs):
    needed, produced = zip(*pairs, strict=True)
    row = overshoot(needed, produced)
    scale = 1e-9 * (sum(needed) + sum(produced)) + 1e-300
    assert row["net"] == pytest.approx(row["overshoot"] - row["undershoot"], abs=scale)
    assert row["tracking"] == pytest.approx(row["overshoot"] + row["undershoot"], abs=scale)
    turned = overshoot(produced, needed)
    assert (turned["overshoot"], turned["net"], turned["waves_over"]) == (row["undershoot"], -row["net"], row["waves_under"])


@quick
@given(rounds, money)
def test_the_fund_pays_what_it_has_and_no_more(pairs, fund):
    missing, taken = zip(*pairs, strict=True)
    bare, left = residual_shortfall(missing, taken), residual_shortfall(missing, taken, fund)
    assert np.all(left <= bare * (1 + 1e-9) + 1e-6)
    assert bare.sum() - left.sum() == pytest.approx(min(fund, bare.sum()), rel=1e-9, abs=1e-5)
    theta = severity(taken, missing)["capped"]
    assert bare == pytest.approx(np.where(np.isnan(theta), 0, (1 - theta) * np.array(missing)), abs=1e-6)


def test_budgets_of_events():
    assert budget_needed(EVENTS) == 1.5 * 2 + 4 * 1
    assert budget_needed(EVENTS[EVENTS["kind"] == "takeover"]) == 0
    assert bankruptcy_gap(EVENTS) == 2.0  # the short was bought back below its bankruptcy price: no gap
    assert bankruptcy_gap(EVENTS.assign(quantity=-EVENTS["quantity"])) == 3.0
    assert budget_produced([5.0, 1.0, 3.0], [4.0, 2.0, 3.0]) == 1


def test_bad_tables():
    with pytest.raises(BadInput, match=r"'budget' is -1 in row 1; give one finite number at or above 0 per row"):
        severity([1.0, -1.0], [1.0, 1.0])
    with pytest.raises(BadInput, match=r"'equity' is nan in row 0; give one finite number per row"):
        deficit([math.nan])
    with pytest.raises(BadInput, match="differ in length"):
        overshoot([1.0], [1.0, 2.0])
    with pytest.raises(BadInput, match="has no column 'mark'"):
        budget_needed(EVENTS.drop(columns="mark"))
    with pytest.raises(BadInput, match=r"no column 'bankruptcy_price' \(did you mean 'bankruptcy'\?\)"):
        bankruptcy_gap(EVENTS.rename(columns={"bankruptcy_price": "bankruptcy"}))
    with pytest.raises(BadInput, match="'fund' is -1; it must be a finite number at or above 0"):
        residual_shortfall([1.0], [1.0], fund=-1)
    with pytest.raises(BadInput, match="has 2 dimensions"):
        deficit([[1.0]])
