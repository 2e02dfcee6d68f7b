"""Numbers as people write them."""

from decimal import Decimal

import numpy as np
import pytest

from adlabm.errors import BadInput
from adlabm.units import decimal


@pytest.mark.parametrize("value", [0.1, "0.1", Decimal("0.1"), np.float64(0.1)])
def test_one_tenth_is_one_tenth_however_it_comes(value):
    assert decimal(value) == Decimal("0.1")


@pytest.mark.parametrize("value", [2**60, np.int64(2**60), "1152921504606846976"])
def test_whole_numbers_keep_every_digit(value):
    assert decimal(value) == 2**60


@pytest.mark.parametrize("value", ["abc", float("nan"), float("inf"), True, None, "sNaN"])
def test_what_is_no_number_gets_one_sentence(value):
    with pytest.raises(BadInput) as caught:
        decimal(value, "equity")
    assert str(caught.value) == f"The equity must be a finite number, not {value!r}."
