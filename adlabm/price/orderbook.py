"""A limit order book by itself: price-time priority, in ticks and lots of a contract."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adlabm.errors import BadInput, unknown
from adlabm.kernels import orderbook as kernel
from adlabm.kernels.columns import NEVER

KINDS = {"limit": kernel.LIMIT, "market": kernel.MARKET, "immediate-or-cancel": kernel.IMMEDIATE, "post-only": kernel.POST_ONLY}
SIDES = {"buy": 1, "sell": -1}
LARGEST = 2**40


@dataclass(frozen=True)
class Fill:
    """A trade with a resting order: its number and owner, the price (that of the resting order), the quantity."""

    order: int
    owner: int
    price: Decimal
    quantity: Decimal


@dataclass(frozen=True)
class Answer:
    """What became of an order: its number if the rest of it rests in the book (else None), and its fills in turn."""

    order: int | None
    fills: tuple[Fill, ...]


class OrderBook:
    """A limit order book with price-time priority.

    An order trades at the prices of the resting orders that it meets, best price first, oldest first. `limit` orders rest with what is
    left, `market` and `immediate-or-cancel` orders do not, `post-only` orders are refused if they would trade. Nobody trades with
    himself: his resting orders that stand in the way are cancelled (Binance: self-trade prevention EXPIRE_MAKER).

    Args:
        tick: smallest step of the price.
        lot: smallest step of the quantity.
        around: a price; the window of allowed prices is centred on it.
        levels: width of the window in ticks, a power of two from 64 on.
        capacity: most orders that can rest.

    Example:
        >>> book = OrderBook(tick="0.1", lot="0.001", around=100_000)
        >>> book.submit("sell", "0.5", 100_000.1, owner=1).fills
        ()
        >>> book.submit("buy", "0.2", kind="market", owner=2).fills[0].price
        Decimal('100000.1')
    """

    def __init__(self, tick: Any, lot: Any, around: Any, levels: int = 1 << 16, capacity: int = 1 << 15) -> None:
        self.tick, self.lot = _positive("tick", tick), _positive("lot", lot)
        if levels < 64 or levels & (levels - 1):
            raise BadInput(f"An order book needs a power of two of price levels from 64 on, not {levels}.")
        if not 1 <= capacity <= 1 << 24:
            raise BadInput(f"An order book holds from 1 to {1 << 24} orders, not {capacity}; choose another capacity.")
        middle = int(_positive("around", around) / self.tick)
        self.table = np.empty(kernel.size_of(levels, capacity), np.int64)
        kernel.open_book(self.table, middle, levels, capacity)

    def __len__(self) -> int:
        return int(self.table[kernel.H_COUNT])

    def submit(self, side: str, quantity: Any, price: Any = None, *, kind: str = "limit", owner: int = kernel.ANYBODY) -> Answer:
        """Carry out an order; `owner` is a whole number from 0 on (default: nobody in particular)."""
        sign, code, lots = self._sign(side), self._kind(kind), self._whole("quantity", quantity, self.lot)
        if (price is None) != (code == kernel.MARKET):
            raise BadInput(f"A {kind} order {'takes no' if code == kernel.MARKET else 'needs a'} price; {_cure(code)}.")
        ticks = 0 if price is None else self._whole("price", price, self.tick)
        if code == kernel.MARKET and self._best(sign) in (kernel.NO_BID, kernel.NO_ASK):
            raise BadInput(f"The book is empty: a market order to {side} finds no {_other(sign)}s; send a limit order.")
        fills = np.empty((len(self) + 1, kernel.FILL_COLUMNS), np.int64)
        number, used = kernel.submit(self.table, fills, 0, 0, code, owner, sign, ticks, lots)
        if number == kernel.CROSSES:
            best = self._best(sign) * self.tick
            raise BadInput(f"A post-only order to {side} at {price} crosses the best {_other(sign)} of {best}; choose a price behind it.")
        if number == kernel.OUTSIDE:
            low, high = (each * self.tick for each in self.window)
            raise BadInput(f"The price {price} lies outside of the book's window, {low} to {high}; give the book more levels.")
        if number == kernel.FULL:
            raise BadInput(f"The book is full with {len(self)} orders; cancel some, or give it a larger capacity.")
        rows = fills[:used].tolist()
        found = tuple(Fill(row[1], row[2], row[3] * self.tick, row[4] * self.lot) for row in rows)
        return Answer(int(number) if number > 0 else None, found)

    def cancel(self, order: int) -> bool:
        """Take an order out of the book; False when it no longer rests there."""
        row = kernel.find(self.table, order)
        if row >= 0:
            kernel.remove(self.table, row)
        return bool(row >= 0)

    def process(self, requests: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Carry out many requests in ticks and lots at full speed: columns as in `adlabm.kernels.orderbook`; (answers, fills)."""
        requests = np.ascontiguousarray(requests, np.int64)
        answers = np.zeros(len(requests), np.int64)
        fills = np.empty((2 * len(requests) + len(self), kernel.FILL_COLUMNS), np.int64)
        return answers, fills[: kernel.process(self.table, requests, answers, fills)]

    @property
    def window(self) -> tuple[int, int]:
        """Lowest and highest allowed price in ticks."""
        base, levels = int(self.table[kernel.H_BASE]), int(self.table[kernel.H_LEVELS])
        return max(base, 1), base + levels - 1

    @property
    def bid(self) -> Decimal:
        """Best price at which somebody buys."""
        return self._quote(-1)

    @property
    def ask(self) -> Decimal:
        """Best price at which somebody sells."""
        return self._quote(1)

    @property
    def mid(self) -> Decimal:
        """The middle of bid and ask."""
        return (self.bid + self.ask) / 2

    def depth(self, side: str, price: Any) -> Decimal:
        """Quantity that an order to `side` finds at `price` or better."""
        found, _ = kernel.sweep(self.table, self._sign(side), NEVER, self._whole("price", price, self.tick))
        return found * self.lot

    def _best(self, sign: int) -> int:
        return int(self.table[kernel.H_ASK if sign > 0 else kernel.H_BID])

    def _quote(self, sign: int) -> Decimal:
        if (best := self._best(sign)) in (kernel.NO_BID, kernel.NO_ASK):
            raise BadInput(f"The book has no {_other(sign)}s, so it has no best {_other(sign)} and no middle; add a limit order.")
        return best * self.tick

    def _sign(self, side: str) -> int:
        if side not in SIDES:
            raise unknown("side", side, SIDES)
        return SIDES[side]

    def _kind(self, kind: str) -> int:
        if kind not in KINDS:
            raise unknown("kind of order", kind, KINDS)
        return KINDS[kind]

    def _whole(self, what: str, value: Any, step: Decimal) -> int:
        """A price in ticks or a quantity in lots."""
        number, name = _positive(what, value), "tick" if what == "price" else "lot"
        if number / step > LARGEST:
            raise BadInput(f"The {what} {value} is more than 2^40 {name}s of {step}; choose less, or a coarser {name}.")
        if number % step:
            low = number // step * step
            raise BadInput(f"The {what} {value} is off the grid: no whole number of {name}s of {step}; the nearest: {low}, {low + step}.")
        return int(number / step)


def _positive(what: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(value, bool) or not number.is_finite() or number <= 0:
        raise BadInput(f"The {what} is {value!r}, but must be a number above zero.")
    return number


def _other(sign: int) -> str:
    return "ask" if sign > 0 else "bid"


def _cure(code: int) -> str:
    return "leave it out, or send an immediate-or-cancel order" if code == kernel.MARKET else "name one, or send a market order"
