"""In random markets every promise holds, recomputed from outside the engine tick by tick."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import Overflow
from evidence.count import Case, Count
from tests.properties.markets import markets
from tests.properties.promises import play


@settings(database=None)
@given(markets(), st.integers(0, 2**32))
def _kept(tables: dict[str, object], seed: int) -> None:
    try:
        play(tables, seed)
    except Overflow as error:
        assert "64-bit" in str(error)


def case(number: int) -> Case:
    """One market, chosen by the bytes that the number gives."""
    found = _kept.hypothesis.fuzz_one_input(Random(number).randbytes(8192))
    return Case(found is not None)


COUNT = Count(
    unit="markets",
    scope="Lots sum to zero; nobody is below zero; nobody sleeps below maintenance or past a stop (who trades in a tick's "
    "last round may end it below, awake); ADL takes what is asked, from those "
    "who hold it and have a profit, and no more; the fund pays before ADL; notices and uncovered losses add up. The strategies are "
    "those of `tests/properties`, depth, outside price and order book among them.",
    floor=10_000,
    target=100_000,
    case=case,
    share=6,
    tests=("properties",),
    fresh=True,
)
