"""The order books of a market: how large they are, and what lies in them at the opening."""

from __future__ import annotations

import numpy as np

from adlabm.kernels import columns as col
from adlabm.kernels.columns import State
from adlabm.kernels.flow import AT_BOOK, AT_INDEX, fill_book
from adlabm.kernels.orderbook import H_SIZE, open_book, size_of
from adlabm.scenario import Scenario

ANCHORS = {"index": AT_INDEX, "book": AT_BOOK}
HEDGERS = {"with": 0, "before": 1, "after": -1}
SPARE = 4
"""The book has room for so many times the orders that it holds on average."""


def book_extent(scenario: Scenario, contract: int, positions: int) -> tuple[int, int]:
    """Price levels, about half of the opening price in ticks, and orders that the book of a contract has room for: powers of two."""
    orders = 2.0 * (scenario.price.window / 0.01) ** scenario.depths[contract].phi / scenario.price.order
    levels = max(scenario.contracts[contract].price_ticks, 2048)
    return 1 << (levels - 1).bit_length() - 1, 1 << (int(SPARE * orders) + 2 * positions + 1024).bit_length()


def book_room(scenario: Scenario, positions: int) -> int:
    """Whole numbers that the largest of a scenario's books takes; 0 without order books."""
    if scenario.price.formation != "orderbook":
        return 0
    return max(size_of(*book_extent(scenario, contract, positions)) for contract in range(len(scenario.contracts)))


def open_books(s: State, scenario: Scenario, market: int | State) -> None:
    """Lay out the books and fill them with the orders of the background flow."""
    for contract, book in enumerate(s.books if s.books.size else ()):
        open_book(book, int(s.contracts[col.C_TRADE, contract]), *book_extent(scenario, contract, s.positions.shape[1]))
        book[H_SIZE] = max(int(scenario.price.order * s.reals[col.F_FULL_BID, contract]), 1)
        fill_book(market, np.int64(contract))
