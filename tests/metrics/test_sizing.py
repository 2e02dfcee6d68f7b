"""How large a loss may be, and the fund against it: optimality by brute force, closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.metrics.fund_size import fund_size
from adlabm.metrics.slippage_at_risk import slippage_at_risk, slippage_cost

amounts = st.lists(st.integers(0, 1000).map(float), min_size=1, max_size=30)
quick = settings(max_examples=50)


@quick
@given(amounts, st.floats(0.001, 2))
def test_no_other_fund_is_cheaper(losses, carry):
    def cost(fund):
        return carry * fund + np.maximum(np.array(losses) - fund, 0).mean()

    chosen = fund_size(losses, carry, 1.0)
    assert cost(chosen) <= min(cost(other) for other in [0.0, *losses, chosen + 1, max(chosen - 1, 0)]) + 1e-9


def test_a_fund_that_costs_more_than_it_saves():
    assert fund_size([5.0], carry=2.0, shortfall_cost=1.0) == 0
    assert fund_size([5.0, 9.0], carry=0.0, shortfall_cost=1.0) == 9
    assert math.isnan(fund_size([], 0.1, 1.0))


@quick
@given(amounts, st.floats(0, 1))
def test_tail_mean_lies_above_the_quantile(costs, level):
    row = slippage_at_risk(costs, level)
    assert min(costs) <= row["sar"] <= row["esar"] <= max(costs) + 1e-9
    assert np.mean(np.array(costs) <= row["sar"]) >= level - 1e-12


@pytest.mark.parametrize("exponent", [0.5, 0.68, 1.0, 2.0])
def test_slippage_is_the_area_over_the_book(exponent):
    size, depth = 300.0, 100.0
    sold = (np.arange(200_000) + 0.5) / 200_000 * size
    away = (sold / depth) ** (1 / exponent) / 100
    assert slippage_cost([size], depth, exponent)[0] == pytest.approx(away.mean() * size, rel=1e-6)


def test_bad_input():
    with pytest.raises(BadInput, match=r"'level' is 1\.2; it must be a finite number from 0 to 1"):
        slippage_at_risk([1.0], level=1.2)
    with pytest.raises(BadInput, match="'depth' is 0"):
        slippage_cost([1.0], 0.0)
    assert math.isnan(slippage_at_risk([])["sar"])
