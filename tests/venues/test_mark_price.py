"""Mark prices by published examples, and what a median can never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import adlabm as ad
from adlabm import registry
from adlabm.errors import BadInput, UnknownName
from adlabm.ledger.margin import preset
from adlabm.price.mark import PRICES

FOUR_HOURS = 4 * 3600


def test_g5_index_carried_by_the_funding_rate():
    """Index 10,000, rate 0.03 %, 4 of 8 hours left: 10,001.5, which was the whole mark in 2019."""
    given_2019 = {"index": 10_000, "funding_rate": 0.0003, "time_to_funding": FOUR_HOURS}
    assert ad.mark_price("bitmex", **given_2019) == pytest.approx(10_001.5)
    assert ad.mark_price("binance", **given_2019, average_basis=0, last=10_003) == pytest.approx(10_001.5)
    assert ad.mark_price("binance", **given_2019, average_basis=9, last=9_990) == pytest.approx(10_001.5)


def test_bitget_published_price_2():
    """Index 91,500, rate 0.01 %, 2 of 8 hours left: 91,502.2875, the middle one of these three prices."""
    mark = ad.mark_price("bitget", index=91_500, funding_rate=0.0001, time_to_funding=2 * 3600, average_basis=0, last=91_600)
    assert mark == pytest.approx(91_502.2875, abs=1e-9)


@pytest.mark.parametrize("name", ["aster", "bybit", "bybit-2025-11", "bitget", "gate", "kucoin", "phemex"])
def test_who_publishes_the_median_of_three(name):
    known = {"index": 100, "funding_rate": 0.01, "time_to_funding": FOUR_HOURS}
    assert [ad.mark_price(name, **known, average_basis=basis, last=101) for basis in (0, 0.75, 2)] == pytest.approx([100.5, 100.75, 101])


def test_lighter_takes_the_middle_of_premium_exchanges_and_impact_price():
    known = {"index": 100, "impact_bid": 101, "impact_ask": 103}
    assert ad.mark_price("lighter", **known, premium=0.02, external=[90, 101, 101.5]) == 101
    assert ad.mark_price("lighter", **known, premium=0.02, external=[90, 101]) == pytest.approx(100.5)


def test_binance_takes_the_middle_of_three():
    known = {"index": 10_000, "funding_rate": 0.0003, "time_to_funding": FOUR_HOURS}
    assert ad.mark_price("binance", **known, average_basis=2, last=20_000) == 10_002
    assert ad.mark_price("binance", **known, average_basis=50, last=10_020) == 10_020


def test_hyperliquid_takes_the_middle_of_oracle_book_and_others():
    """Weights 3, 2, 2, 1, 1 of 9: half of the weight is reached at the second price here."""
    known = {"index": 100, "bid": 101, "ask": 103, "last": 102, "external": [104, 103, 105, 106, 107]}
    assert ad.mark_price("hyperliquid", **known, average_basis=0.5) == 102
    assert ad.mark_price("hyperliquid", **known, average_basis=9) == 104
    assert ad.mark_price("hyperliquid", **{**known, "external": [107, 90, 91, 92, 93]}, average_basis=-20) == 92


@pytest.mark.parametrize("name", ["bluefin", "drift", "dydx-v4", "ethereal", "gmx-v2", "percolator"])
def test_oracle_venues_mark_at_the_oracle(name):
    assert ad.mark_price(name, index=123.5) == 123.5


def test_the_generic_mark_clamps_the_premium():
    assert ad.mark_price("generic", index=100, premium=0.01) == pytest.approx(101)
    assert ad.mark_price("generic", index=100, premium=-0.2) == pytest.approx(95)


@given(st.lists(st.floats(1, 1e6), min_size=3, max_size=3))
def test_the_mark_of_three_lies_between_its_prices(prices):
    first, second, last = prices
    mark = ad.mark_price(VENUE, index=first, funding_rate=0.0, time_to_funding=0, average_basis=second - first, last=last)
    assert mark == pytest.approx(sorted(prices)[1])


VENUE = preset("binance")


def test_every_published_price_is_used_by_a_venue():
    assert {name for key in registry.names("venues") for name in preset(key).formulas.mark} == set(PRICES)


def test_one_sentence_for_what_is_wrong():
    with pytest.raises(BadInput, match=r"has no 'last', which its last price needs; give last\.$"):
        ad.mark_price("binance", index=1, funding_rate=0, time_to_funding=0, average_basis=0)
    with pytest.raises(UnknownName, match="did you mean 'index'"):
        ad.mark_price("bitmex", indx=1)
    with pytest.raises(BadInput, match="The index must be a finite number"):
        ad.mark_price("dydx-v4", index=float("inf"))
    with pytest.raises(BadInput, match="external has 2 prices, but 'hyperliquid' weighs those of 5"):
        ad.mark_price("hyperliquid", index=1, average_basis=0, bid=1, ask=1, last=1, external=[1, 2])
    with pytest.raises(BadInput, match="'external' of a mark price is 1, but must be several prices"):
        ad.mark_price("hyperliquid", index=1, average_basis=0, bid=1, ask=1, last=1, external=1)
    with pytest.raises(BadInput, match=r"'index' of a mark price is \[1, 2\], but must be one number"):
        ad.mark_price("dydx-v4", index=[1, 2])
