"""The order book against a plain one that sorts lists, event by event on random streams, and what it answers to bad orders."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.kernels import orderbook as kernel
from adlabm.price.orderbook import KINDS, OrderBook

CANCEL = "cancel"
NAMES = {number: name for name, number in KINDS.items()} | {kernel.CANCEL: CANCEL}


class PlainBook:
    """Two lists of orders, each a dict; the best is found by sorting whenever it is needed."""

    def __init__(self):
        self.orders, self.serial = [], 0

    def queue(self, sign):
        """Orders that one in direction `sign` meets, in turn."""
        return sorted((o for o in self.orders if o["sign"] == -sign), key=lambda o: (sign * o["price"], o["serial"]))

    def submit(self, kind, owner, sign, price, lots):
        """(serial of the resting order or None, or "crosses"; fills as (serial, price, lots))."""
        if kind == "market":
            price = sign * 10**9
        meets = [o for o in self.queue(sign) if sign * (price - o["price"]) >= 0]
        if kind == "post-only" and meets:
            return "crosses", []
        fills = []
        for order in meets:
            if lots == 0:
                break
            if order["owner"] == owner:
                self.orders.remove(order)
                continue
            part = min(lots, order["lots"])
            fills.append((order["serial"], order["price"], part))
            order["lots"] -= part
            lots -= part
            if order["lots"] == 0:
                self.orders.remove(order)
        if lots == 0 or kind in ("market", "immediate-or-cancel"):
            return None, fills
        self.serial += 1
        self.orders.append({"serial": self.serial, "owner": owner, "sign": sign, "price": price, "lots": lots})
        return self.serial, fills

    def cancel(self, serial):
        found = [o for o in self.orders if o["serial"] == serial]
        self.orders = [o for o in self.orders if o["serial"] != serial]
        return bool(found)


REQUESTS = st.lists(
    st.tuples(
        st.sampled_from([kernel.LIMIT, kernel.LIMIT, kernel.MARKET, kernel.IMMEDIATE, kernel.POST_ONLY, kernel.CANCEL]),
        st.integers(0, 3),
        st.sampled_from([-1, 1]),
        st.integers(1, 200),
        st.integers(1, 6),
    ),
    max_size=120,
)


def number_of(answer, capacity):
    """Serial of an order from the number that the book gave it."""
    return answer // capacity if answer > 0 else None


@given(REQUESTS)
def test_it_does_what_the_plain_book_does(requests):
    book, plain, capacity = OrderBook(tick=1, lot=1, around=100, levels=256, capacity=128), PlainBook(), 128
    answers = np.zeros(len(requests), np.int64)
    fills = np.zeros((4 * len(requests) + 4, kernel.FILL_COLUMNS), np.int64)
    placed = {}
    for event, (kind, owner, sign, price, lots) in enumerate(requests):
        if kind == kernel.CANCEL:
            which = lots % max(event, 1)
            expected = plain.cancel(placed.get(which))
            row = kernel.find(book.table, answers[which])
            assert (row >= 0) == expected
            if expected:
                assert book.cancel(int(answers[which]))
            continue
        expected, traded = plain.submit(NAMES[kind], owner, sign, price, lots)
        answers[event], n = kernel.submit(book.table, fills, 0, event, kind, owner, sign, price, lots)
        assert [(row[1] // capacity, row[3], row[4]) for row in fills[:n].tolist()] == traded
        if expected == "crosses":
            assert answers[event] == kernel.CROSSES
        else:
            assert number_of(int(answers[event]), capacity) == expected
            placed[event] = expected
        for sign in (1, -1):
            queue = plain.queue(sign)
            best = queue[0]["price"] if queue else (kernel.NO_ASK if sign > 0 else kernel.NO_BID)
            assert book.table[kernel.H_ASK if sign > 0 else kernel.H_BID] == best
            inside = sorted(queue, key=lambda o: (sign * o["price"], o["serial"]))
            limit = 10**6 if sign > 0 else 1
            found, cost = kernel.sweep(book.table, sign, 7, limit)
            left, plain_cost = 7, 0
            for order in inside:
                plain_cost += min(order["lots"], left) * order["price"]
                left -= min(order["lots"], left)
            assert (found, cost) == (7 - left, plain_cost)
    assert len(book) == len(plain.orders)


@given(REQUESTS, st.integers(0, 8))
def test_a_window_that_slides_cancels_what_it_leaves_and_nothing_else(requests, steps):
    book = OrderBook(tick=1, lot=1, around=100, levels=256, capacity=128)
    fills = np.zeros((200, kernel.FILL_COLUMNS), np.int64)
    for event, (_, owner, sign, price, lots) in enumerate(requests):
        kernel.submit(book.table, fills, 0, event, kernel.LIMIT, owner, sign, price, lots)
    live = {int(r[kernel.U_ID]): int(r[kernel.U_PRICE]) for r in orders(book)}
    kernel.slide(book.table, 32 * steps)
    low, high = 32 * steps, 32 * steps + 256
    assert {int(r[kernel.U_ID]) for r in orders(book)} == {number for number, price in live.items() if low <= price < high}
    kernel.submit(book.table, fills, 0, 0, kernel.LIMIT, 9, -1, high - 1, 1)
    asks = [int(r[kernel.U_PRICE]) for r in orders(book) if r[kernel.U_SIGN] < 0]
    assert book.table[kernel.H_ASK] == min(asks, default=kernel.NO_ASK)


def orders(book):
    """The live orders, one row each."""
    b = book.table
    return [b[kernel.order_at(b, row) :][: kernel.ORDER_COLUMNS] for row in b[b[kernel.H_ROWS] :][: b[kernel.H_COUNT]]]


@given(REQUESTS)
def test_many_at_once_are_one_after_another(requests):
    one, other = (OrderBook(tick=1, lot=1, around=100, levels=256, capacity=128) for _ in range(2))
    rows = [(k, o, s, p, q % max(n, 1) if k == kernel.CANCEL else q) for n, (k, o, s, p, q) in enumerate(requests)]
    together, traded = one.process(np.array(rows, np.int64).reshape(-1, kernel.REQUEST_COLUMNS))
    answers, fills, n = np.zeros(len(rows), np.int64), np.zeros((600, kernel.FILL_COLUMNS), np.int64), 0
    for event, (kind, owner, sign, price, lots) in enumerate(rows):
        if kind == kernel.CANCEL:
            answers[event] = kernel.DONE if other.cancel(int(answers[lots])) else kernel.GONE
        else:
            answers[event], n = kernel.submit(other.table, fills, n, event, kind, owner, sign, price, lots)
    assert together.tolist() == answers.tolist()
    assert traded.tolist() == fills[:n].tolist()


def example():
    book = OrderBook(tick="0.1", lot="0.001", around=100)
    for price, quantity, owner in (("100.1", "0.5", 1), ("100.1", "0.2", 2), ("100.3", "1", 3)):
        book.submit("sell", quantity, price, owner=owner)
    book.submit("buy", "0.4", "99.9", owner=4)
    return book


def test_price_before_time_and_partial_fills():
    book = example()
    answer = book.submit("buy", "0.6", 100.3, owner=5)
    assert [(f.owner, f.price, f.quantity) for f in answer.fills] == [
        (1, Decimal("100.1"), Decimal("0.5")),
        (2, Decimal("100.1"), Decimal("0.1")),
    ]
    assert answer.order is None
    rest = book.submit("buy", "0.6", 100.2, owner=5)
    assert [f.quantity for f in rest.fills] == [Decimal("0.1")]
    assert book.bid == Decimal("100.2")
    assert book.depth("sell", 99.9) == Decimal("0.9")
    assert book.cancel(rest.order)
    assert not book.cancel(rest.order)
    assert book.mid == (Decimal("99.9") + Decimal("100.3")) / 2


def test_who_would_trade_with_himself_loses_the_resting_order():
    book = example()
    answer = book.submit("buy", "0.6", kind="market", owner=1)
    assert [(f.owner, f.quantity) for f in answer.fills] == [(2, Decimal("0.2")), (3, Decimal("0.4"))]
    assert len(book) == 2


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (("buy", "0.1", "100.05"), "The price 100.05 is off the grid: no whole number of ticks of 0.1; the nearest: 100.0, 100.1."),
        (("buy", "0.0005", "100"), "The quantity 0.0005 is off the grid: no whole number of lots of 0.001; the nearest: 0.000, 0.001."),
        (("buy", "-1", "100"), "The quantity is '-1', but must be a number above zero."),
        (("bye", "1", "100"), "There is no side 'bye' (did you mean 'buy'?); use one of: buy, sell."),
        (("buy", "1"), "A limit order needs a price; name one, or send a market order."),
        (("buy", "1", "99999"), "The price 99999 lies outside of the book's window, 0.1 to 6553.5; give the book more levels."),
    ],
)
def test_a_bad_order_is_answered_by_one_sentence_and_changes_nothing(order, sentence):
    book = example()
    before = book.table.copy()
    with pytest.raises(BadInput) as error:
        book.submit(*order)
    assert str(error.value) == sentence
    assert (book.table == before).all()


def test_crossed_empty_and_full_books_say_so():
    with pytest.raises(BadInput, match=r"crosses the best ask of 100\.1; choose a price behind it"):
        example().submit("buy", 1, 100.1, kind="post-only")
    empty = OrderBook(tick=1, lot=1, around=100, capacity=1)
    with pytest.raises(BadInput, match="The book is empty: a market order to buy finds no asks"):
        empty.submit("buy", 1, kind="market")
    with pytest.raises(BadInput, match="no best bid and no middle"):
        _ = empty.mid
    empty.submit("buy", 1, 5)
    with pytest.raises(BadInput, match="full with 1 orders"):
        empty.submit("buy", 1, 4)
    for levels in (63, 100):
        with pytest.raises(BadInput, match="power of two"):
            OrderBook(tick=1, lot=1, around=100, levels=levels)


def test_numbers_beyond_all_digits_are_refused_in_one_sentence():
    """Remainders of such numbers are no decimals any more."""
    book = OrderBook(tick="0.1", lot="0.001", around=1000)
    for quantity, price in ((1e308, 1000), (1, 1e308), (10**40, 1000), ("1e5000", 1000)):
        with pytest.raises(BadInput, match=r"is more than 2\^40"):
            book.submit("buy", quantity, price)
