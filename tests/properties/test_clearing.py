"""What a batch of voluntary orders may do to the price, whoever of them is refused."""

from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.kernels import columns as col
from adlabm.kernels.seats import enter_order
from adlabm.kernels.trading import clear_contract
from tests.properties.desk import FIRST_ACCOUNT, desk

LIMIT, SECONDS, DEPTH = 0.001, 60.0, 100.0


def cleared(orders, balances):
    """A desk after one batch in contract 0: the orders (signed lots) of its two accounts, with these balances (micro)."""
    d = desk()
    d.state.reals[[col.F_FULL_BID, col.F_FULL_ASK, col.F_DEPTH_BID, col.F_DEPTH_ASK], 0] = DEPTH
    d.state.rates[col.R_MOVE_LIMIT] = LIMIT
    for trader, (order, balance) in enumerate(zip(orders, balances, strict=True)):
        d.state.accounts[col.A_BALANCE, FIRST_ACCOUNT + trader] = balance
        enter_order(d.market, trader, d.row(trader, 0), order)
    clear_contract(d.market, 0, 2, SECONDS)
    return d


amounts = st.integers(-2000, 2000)
RICH = 10**14


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.tuples(amounts, amounts), st.tuples(st.sampled_from([0, RICH]), st.sampled_from([0, RICH])))
def test_a_batch_moves_the_price_no_further_than_its_limit(orders, balances):
    before = desk().state.contracts[col.C_TRADE, 0]
    d = cleared(orders, balances)
    assert abs(d.state.contracts[col.C_TRADE, 0] / before - 1) <= LIMIT * SECONDS + 1e-6


def test_a_seller_is_not_paid_for_a_buyer_who_was_refused():
    """A penniless buyer of 2000 lots: the seller of 100 meets the bids."""
    before = desk().state.contracts[col.C_TRADE, 0]
    d = cleared((-100, 2000), (RICH, 0))
    row = d.row(0, 0)
    assert d.state.positions[col.P_LOTS, row] == -100
    assert d.state.positions[col.P_ENTRY, row] / (-100 * d.state.contracts[col.C_UNIT, 0]) < before


def test_orders_that_everybody_can_pay_for_meet_the_limit():
    d = cleared((-2000, 100), (RICH, RICH))
    before = desk().state.contracts[col.C_TRADE, 0]
    assert 0 > d.state.contracts[col.C_TRADE, 0] / before - 1 >= -LIMIT * SECONDS - 1e-6
    assert d.state.positions[col.P_LOTS].sum() == 0
