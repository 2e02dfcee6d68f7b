"""Liquidation and bankruptcy prices against published examples (reference ids G.. of the venue notes)."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import AdlabmError
from adlabm.ledger.margin import Line, attributed_prices, bankruptcy_price, liquidation_price, maintenance_margin


@dataclass
class Preset:
    tiers: list


RATES = [0.004, 0.005, 0.0065, 0.01, 0.02, 0.025, 0.05]
AMOUNTS = [0, 50, 950, 11_450, 131_450, 481_450, 2_981_450]
BINANCE = Preset([Line(*each) for each in zip(RATES, AMOUNTS, strict=True)])
FLOORS = [0, 50_000, 600_000, 3_000_000, 12_000_000, 70_000_000, 100_000_000]
NO_TIERS = Preset([])


def one(quantity, entry, **keys):
    return [{"contract": "X", "quantity": quantity, "entry_price": entry, **keys}]


def test_binance_cross_account_with_two_positions_g1():
    eth = one(3683.979, 1456.84, maintenance_margin_rate=0.1, maintenance_amount=135_365)[0]
    btc = one(109.488, 32481.98, mark_price=31967.27, maintenance_margin_rate=0.025, maintenance_amount=16_300)[0] | {"contract": "Y"}
    assert liquidation_price(NO_TIERS, wallet=1_535_443.01, positions=[eth, btc], contract="X") == pytest.approx(1153.2565, abs=1e-4)


def test_margin_frozen_at_entry_g9():
    """Bybit takes the maintenance margin at the entry: rate 0 and the frozen 100 as a negative amount."""
    frozen = one(1, 20_000, maintenance_margin_rate=0, maintenance_amount=-100)
    assert liquidation_price(NO_TIERS, wallet=0, margin=400, positions=frozen, contract="X") == 19_700
    at_mark = one(1, 20_000, maintenance_margin_rate=0.005)
    assert liquidation_price(NO_TIERS, wallet=0, margin=400, positions=at_mark, contract="X") == pytest.approx(19_600 / 0.995)


def test_inverse_g31():
    position = one(1000, 8000, maintenance_margin_rate=0.01, inverse=True)
    assert liquidation_price(NO_TIERS, wallet=0, margin=0.01, positions=position, contract="X") == pytest.approx(7481.48, abs=0.005)
    assert bankruptcy_price(NO_TIERS, wallet=0, margin=0.01, positions=position, contract="X") == pytest.approx(7407.41, abs=0.005)


@pytest.mark.parametrize(("entry", "leverage", "printed"), [(7890.08, 50, 7735.372549), (28_000, 50, 27450.98)])
def test_inverse_isolated_bankruptcy_g10_g35(entry, leverage, printed):
    position = one(5000, entry, inverse=True)
    price = bankruptcy_price(NO_TIERS, wallet=0, margin=5000 / entry / leverage, positions=position, contract="X")
    assert price == pytest.approx(printed, abs=0.005)


def test_closing_fee_in_an_inverse_bankruptcy_price():
    """Bybit, cross: 1.00075 q / (q / entry + balance)."""
    price = bankruptcy_price(NO_TIERS, wallet=0.1, positions=one(5000, 8000, inverse=True, fee=0.00075), contract="X")
    assert price == pytest.approx(1.00075 * 5000 / (5000 / 8000 + 0.1))


def test_bankruptcy_g12_and_g34():
    assert bankruptcy_price(NO_TIERS, wallet=1100, positions=one(100, 500), contract="X") == 489
    assert bankruptcy_price(NO_TIERS, wallet=0, margin=1.4, positions=one(-0.005, 28_000), contract="X") == pytest.approx(28_280)


@pytest.mark.parametrize(
    ("size", "quote", "expected"), [(0.1, -4501, 4501), (-0.1, 5499, -5499), (0.1, -5000, 5000), (0.1, -5100, 5100), (-0.1, 4900, -4900)]
)
def test_dydx_bankruptcy_quotes_g22(size, quote, expected):
    """Quote balance and size; an entry at the mark of 50,000 makes the wallet quote + 50,000 x size."""
    price = bankruptcy_price(NO_TIERS, wallet=quote + 50_000 * size, positions=one(size, 50_000), contract="X")
    assert size * price == pytest.approx(expected)


@pytest.mark.parametrize(("side", "quote", "expected"), [(1, -490, 294), (-1, 510, -306)])
def test_dydx_equity_is_shared_by_maintenance_margin_g22(side, quote, expected):
    sizes, marks = [0.004 * side, 0.1 * side], [50_000, 3_000]
    equity = quote + sum(q * p for q, p in zip(sizes, marks, strict=True))
    prices = attributed_prices(equity, marks, sizes, [abs(q) * p * 0.1 for q, p in zip(sizes, marks, strict=True)])
    assert sizes[1] * prices[1] == pytest.approx(expected)
    assert quote + sum(q * p for q, p in zip(sizes, prices, strict=True)) == pytest.approx(0, abs=1e-9)


def test_dydx_short_closed_at_its_bankruptcy_price_g24():
    assert bankruptcy_price(NO_TIERS, wallet=54_999, positions=one(-1, 1e-9), contract="X") == pytest.approx(54_999)


def test_maintenance_margin_takes_the_tier_of_the_notional():
    for notional in (0, 1, 49_999, 50_000, 600_001, 5e6, 1e7, 8e7, 2e8):
        tier = max(n for n, floor in enumerate(FLOORS) if floor <= notional)
        expected = BINANCE.tiers[tier].mmr * notional - BINANCE.tiers[tier].amount
        assert maintenance_margin(BINANCE.tiers, notional) == pytest.approx(expected)


@settings(deadline=None, max_examples=150)
@given(
    quantity=st.floats(0.001, 5000).flatmap(lambda q: st.sampled_from([q, -q])),
    entry=st.floats(100, 100_000),
    leverage=st.floats(1.5, 100),
    inverse=st.booleans(),
)
def test_equity_meets_the_maintenance_margin_at_the_liquidation_price(quantity, entry, leverage, inverse):
    margin = abs(quantity) / (entry if inverse else 1 / entry) / leverage
    price = liquidation_price(BINANCE, wallet=0, margin=margin, positions=one(quantity, entry, inverse=inverse), contract="X")
    if not 0 < price < math.inf:
        return
    profit = quantity * (1 / entry - 1 / price) if inverse else quantity * (price - entry)
    notional = abs(quantity) / price if inverse else abs(quantity) * price
    assert margin + profit == pytest.approx(maintenance_margin(BINANCE.tiers, notional), rel=1e-6, abs=1e-9 * notional)


def test_no_price_liquidates_a_position_without_leverage():
    rate = {"maintenance_margin_rate": 0.01}
    assert liquidation_price(NO_TIERS, wallet=200, positions=one(1, 100, **rate), contract="X") == 0
    assert liquidation_price(NO_TIERS, wallet=0.02, positions=one(-1, 100, inverse=True, **rate), contract="X") == math.inf


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        ([{"contract": "X", "quantity": 1}], "entry_price"),
        (one(1, 100, leverag=3), "leverag"),
        (one(0, 100), "quantity is 0"),
        (one(1, -5), "above zero"),
        (one(1, math.nan), "finite"),
        (one(1, 100, maintenance_margin_rate=1.5), "below 1"),
        (one(1, 100, maintenance_amount=3), "maintenance_margin_rate"),
        (one(1, 100) + one(1, 101), "net them"),
        ([*one(1, 100), {"contract": "Y", "quantity": 1, "entry_price": 5}], "mark_price"),
        ([{"contract": "XX", "quantity": 1, "entry_price": 5}], "did you mean 'XX'"),
        ([*one(1, 100), {"contract": "Y", "quantity": 1, "entry_price": 5, "mark_price": 5, "inverse": True}], "currency"),
    ],
)
def test_bad_positions_get_one_sentence(positions, words):
    with pytest.raises(AdlabmError, match=words):
        liquidation_price(BINANCE, wallet=10, positions=positions, contract="X")
    with pytest.raises(AdlabmError, match="wallet"):
        bankruptcy_price(BINANCE, wallet=math.nan, positions=one(1, 100), contract="X")
