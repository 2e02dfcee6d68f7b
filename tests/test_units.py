"""Conversions between decimals and the whole numbers of the ledger."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm import units
from adlabm.errors import BadInput
from adlabm.kernels.integers import LIMIT


def test_the_limit_is_the_kernels():
    assert units.LIMIT == LIMIT


@pytest.mark.parametrize("value", [0.1, "0.1", Decimal("0.1"), np.float64(0.1)])
def test_one_tenth_is_one_tenth_however_it_comes(value):
    assert units.to_micro(value) == 100_000
    assert units.to_nano(value) == 100_000_000
    assert units.to_ticks(value, "0.1") == 1


@pytest.mark.parametrize(
    ("price", "tick", "ticks"), [("65000.5", "0.1", 650005), (0.3, 0.1, 3), (-2, "0.5", -4), (np.int64(2**60), 1, 2**60)]
)
def test_ticks(price, tick, ticks):
    assert units.to_ticks(price, tick) == ticks
    assert units.from_ticks(ticks, tick) == Decimal(str(price))


def test_lots():
    assert units.to_lots("1.234", "0.001") == 1234
    assert units.from_lots(1234, "0.001") == Decimal("1.234")


@settings(deadline=None)
@given(st.integers(1 - LIMIT, LIMIT - 1))
def test_there_and_back(n):
    assert n == LIMIT - 1 or n == 1 - LIMIT or units.to_micro(units.from_micro(n)) == n
    assert n == LIMIT - 1 or n == 1 - LIMIT or units.to_nano(units.from_nano(n)) == n


@pytest.mark.parametrize(
    ("price", "nearest"), [("100.04", 1000), ("100.05", 1000), ("100.15", 1002), ("100.06", 1001), (Decimal(1) / 3, 3)]
)
def test_nearest_is_half_to_even(price, nearest):
    assert units.to_ticks(price, "0.1", exact=False) == nearest


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: units.to_ticks("100.05", "0.1"), "The price 100.05 is not a whole multiple of the tick 0.1; the nearest is 100.0."),
        (lambda: units.to_ticks(1, 3), "not a whole multiple of the tick 3"),
        (lambda: units.to_micro("0.0000001"), "not a whole multiple of the micro-unit 0.000001"),
        (lambda: units.to_micro("4611686018427.387904"), "too large"),
        (lambda: units.to_micro("1e300"), "too large"),
        (lambda: units.to_lots(1, 0), "The lot must be above 0"),
        (lambda: units.to_micro("abc", "equity"), "The equity must be a finite number, not 'abc'."),
        (lambda: units.to_micro(float("nan")), "finite"),
        (lambda: units.to_micro(float("inf")), "finite"),
        (lambda: units.to_micro(True), "finite"),
        (lambda: units.to_micro(None), "finite"),
        (lambda: units.to_micro("sNaN"), "finite"),
    ],
)
def test_bad_numbers_get_one_sentence(call, words):
    with pytest.raises(BadInput) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("tick", "lot", "unit"), [("0.1", "0.001", 100), (0.1, 0.001, 100), ("0.01", "0.0001", 1), (1, 1, 10**6), ("0.5", "0.000002", 1)]
)
def test_contract_unit(tick, lot, unit):
    assert units.contract_unit(tick, lot) == unit


@pytest.mark.parametrize(
    ("tick", "lot", "words"),
    [
        ("0.01", "0.00001", "'BTC' is 0.01 x 0.00001 = 0.0000001, which is not a whole number of micro-units"),
        ("0.15", "0.00001", "not a whole number of micro-units"),
        ("0", 1, "must be above 0"),
        (1, "-1", "must be above 0"),
        ("1e10", "1e10", "too large"),
    ],
)
def test_contract_unit_refuses(tick, lot, words):
    with pytest.raises(BadInput) as caught:
        units.contract_unit(tick, lot, "BTC")
    assert words in str(caught.value)
