"""T18, T19: rules that keep positions open."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlabm.adl.candidates import Candidates
from tests.theory.economies import economies, losses, rule, theorem, winners

positions = st.lists(st.integers(1, 10**6), min_size=2, max_size=30)


def lots_closed(key, amount, held):
    policy = rule(key)
    table = Candidates(id=np.arange(len(held)), quantity=-held.astype(np.float64))
    return policy.allocate_lots(amount, table, held)


@theorem
@given(basis=positions, closings=st.lists(st.fractions(0, Fraction(1, 2)), min_size=1, max_size=6))
def test_lazy_indices_are_eager_pro_rata_but_for_dust(basis, closings):
    """T18: floor(basis A) after any number of bankruptcies is what closing pro rata each time leaves, up to one lot per closing."""
    index, held = Fraction(1), {key: np.array(basis) for key in ("percolator-indices", "contract-pro-rata")}
    open_interest = sum(basis)
    for turn, share in enumerate(closings, start=1):
        amount = int(share * open_interest)
        index *= Fraction(open_interest - amount, open_interest)
        open_interest -= amount
        for key, left in held.items():
            held[key] = left - lots_closed(key, amount, left)
            assert held[key].sum() == open_interest
            lazy = np.array([int(each * index) for each in basis])
            assert np.all(np.abs(held[key] - lazy) <= turn), key


@theorem
@given(held=positions, share=st.fractions(0, 1))
def test_the_loss_index_charges_every_contract_alike(held, share):
    """T18: x = floor(|q| D / OI) up to one unit, K having moved by D / OI."""
    held = np.array(held)
    loss = int(share * int(held.sum()))
    table = Candidates(id=np.arange(len(held)), quantity=-held.astype(np.float64))
    x = rule("percolator-indices").allocate_micro(loss, table, held)
    eager = np.array([int(Fraction(int(each) * loss, int(held.sum()))) for each in held])
    assert x.sum() == loss
    assert np.all((x - eager >= 0) & (x - eager <= 1))


def payable(economy, residual):
    """What remains of every profit when `residual` is there to pay all of them with."""
    return economy.w - losses("percolator-haircut", economy, B=max(economy.U - residual, 0.0))


@theorem
@given(economy=economies(), shares=st.tuples(st.floats(0, 1.5), st.floats(0, 1.5)))
def test_the_haircut_recovers(economy, shares):
    """T19: never more is payable than is there, each payment rises with what is there, and all is paid once there is enough."""
    low, high = (payable(economy, share * economy.U) for share in sorted(shares))
    assert low.sum() <= min(shares) * economy.U + economy.tolerance
    assert np.all(low <= high + economy.tolerance)
    if max(shares) >= 1:
        assert high.tolist() == economy.w.tolist()


@theorem
@given(profits=positions, residual=st.integers(0, 10**7))
def test_payable_in_units(profits, residual):
    """T19 in whole units: floor(m h) is payable to each, up to the unit that makes the sum right."""
    m = np.array(profits)
    table = Candidates(id=np.arange(len(m)))
    left = m - rule("percolator-haircut").allocate_micro(max(int(m.sum()) - residual, 0), table, m)
    assert left.sum() == min(residual, m.sum())
    floors = np.array([int(each) * min(residual, int(m.sum())) // int(m.sum()) for each in m])
    assert np.all((left - floors >= 0) & (left - floors <= 1))


def test_the_published_haircut():
    """Percolator: 50 are there for 200 of profit, h = 0.25."""
    w = np.array([120.0, 80.0])
    x = rule("percolator-haircut").allocate(150.0, Candidates.from_table(winners(w), ("matured_pnl", "equity")))
    assert (w - x) / w == pytest.approx([0.25, 0.25])
