"""The table of winners: what is accepted, and one sentence for what is not."""

import numpy as np
import pandas as pd
import pytest

from adlabm.adl.allocate import allocate
from adlabm.adl.candidates import Candidates
from adlabm.errors import BadInput

GOOD = {"id": [3, 1], "quantity": [2.0, -1.0], "equity": [5.0, 0.0], "pnl": [3.0, 9.0]}


def test_frames_and_mappings_are_the_same():
    for table in (GOOD, pd.DataFrame(GOOD), pd.DataFrame(GOOD, index=[7, 7])):
        read = Candidates.from_table(table, ("quantity",))
        assert read.id.tolist() == [3, 1]
        assert read.quantity.dtype == np.float64
        assert read.endowments().tolist() == [3, 0]
        assert read.wallet is None
        assert len(read) == 2


def test_identities_may_be_text():
    assert Candidates.from_table({"id": pd.Series(["b", "a"])}).id.tolist() == ["b", "a"]
    assert Candidates.from_table({"id": [2.0, 1.0]}).id.dtype == np.int64
    assert len(Candidates.from_table({"id": []})) == 0


def test_columns_that_nobody_needs_are_left_alone():
    table = {**GOOD, "opened_at": ["soon", "later"], "bankruptcy_price": [1, np.nan], "colour": [None, object()]}
    assert Candidates.from_table(table).bankruptcy_price is None


def test_times():
    opened = Candidates.from_table({**GOOD, "opened_at": pd.to_datetime(["2025-10-10", "2025-10-09"])}, ("opened_at",)).opened_at
    assert opened[0] - opened[1] == 86400e9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"equity": [1.0, -0.5]}, "'equity' .* -0.5 in row 1; .* at or above zero"),
        ({"pnl": [np.nan, 1]}, "'pnl' .* nan in row 0"),
        ({"quantity": [1, np.inf]}, "inf in row 1"),
        ({"quantity": ["many", 1]}, "must hold numbers"),
        ({"pnl": [1.0]}, "differ in length"),
        ({"pnl": [[1.0], [2.0]]}, "2 dimensions"),
        ({"id": [4, 4]}, "Row 1 .* repeats the id 4"),
        ({"id": [1.5, 2]}, "fractions"),
        ({"id": ["a", None]}, "gap"),
        ({"id": [[1], [2]]}, "2 dimensions"),
        ({"id": np.array([1, 2**63], np.uint64)}, r"above 2\*\*63 - 1"),
        ({"opened_at": [np.datetime64("NaT"), np.datetime64("2025-01-01")]}, "'opened_at' .* row 0"),
    ],
)
def test_bad_columns_get_one_sentence(change, words):
    with pytest.raises(BadInput, match=words):
        Candidates.from_table({**GOOD, **change}, ("opened_at",) if "opened_at" in change else ())


def test_a_missing_column_is_named():
    with pytest.raises(BadInput, match=r"no column 'entry_price', which this policy needs \(did you mean 'entry'"):
        Candidates.from_table({**GOOD, "entry": [1, 2]}, ("entry_price",))
    with pytest.raises(BadInput, match="no column 'id'"):
        Candidates.from_table({"quantity": [1]})


@pytest.mark.parametrize("amount", ["many", None, [1.0], float("nan"), 10**400, -1])
def test_an_amount_is_a_number(amount):
    with pytest.raises(BadInput, match="cannot allocate"):
        allocate("queue", amount, {"id": [1], "pnl": [1.0], "equity": [1.0], "quantity": [1.0], "entry_price": [1.0], "mark_price": [1.0]})


def test_a_row_is_one_value():
    with pytest.raises(BadInput, match="rows of different lengths"):
        Candidates.from_table({"id": [1, 2], "pnl": [[1.0], [1.0, 2.0]]})
