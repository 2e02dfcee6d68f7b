"""Worked examples of the ADL policies: published numbers, or sums done by hand; and what bad input is told."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.adl.allocate import allocate
from adlabm.adl.candidates import Candidates
from adlabm.adl.draws import draws
from adlabm.errors import AdlabmError, InfeasibleBudget
from adlabm.registry import find


def hamilton(amount, sizes, caps, ids):
    """Largest remainders under caps, in exact fractions: the plain reference."""
    level = {}
    free, left = [row for row, size in enumerate(sizes) if size], Fraction(amount)
    while full := [row for row in free if left * sizes[row] >= caps[row] * sum(sizes[other] for other in free)]:
        left -= sum(caps[row] for row in full)
        level |= {row: Fraction(caps[row]) for row in full}
        free = [row for row in free if row not in full]
    level |= {row: left * sizes[row] / sum(sizes[other] for other in free) for row in free}
    whole = {row: int(share) for row, share in level.items()}
    for row in sorted(level, key=lambda row: (whole[row] - level[row], ids[row]))[: amount - sum(whole.values())]:
        whole[row] += 1
    return [whole.get(row, 0) for row in range(len(sizes))]


@pytest.mark.parametrize("key", ["pnl-pro-rata", "contract-pro-rata"])
@settings(deadline=None, max_examples=60)
@given(
    sizes=st.lists(st.one_of(st.integers(0, 6), st.integers(0, 10**14)), min_size=1, max_size=10),
    cuts=st.lists(st.fractions(0, 1), min_size=10, max_size=10),
    share=st.fractions(0, 1),
)
def test_pro_rata_matches_exact_fractions(key, sizes, cuts, share):
    caps = [int(size * cut) if cut < Fraction(1, 2) else size for size, cut in zip(sizes, cuts, strict=False)]
    ids = np.arange(len(sizes))[::-1].copy()
    amount = int(share * sum(caps))
    taken = find("policies", key)().allocate_lots(amount, Candidates(id=ids), np.array(caps, np.int64), sizes=np.array(sizes, np.int64))
    assert taken.tolist() == hamilton(amount, sizes, caps, ids)


TOY = {"id": [1, 2, 3], "quantity": [8.0, 4.0, 0.5], "pnl": [8.0, 4.0, 0.5], "equity": [20.0, 20.0, 20.0], "mark_price": [1.0, 1.0, 1.0]}


def test_published_fixtures():
    assert allocate("pnl-pro-rata", 7.5, TOY) == pytest.approx([4.8, 2.4, 0.3])
    assert allocate("queue", 7.5, {**TOY, "mark_price": [2.0, 9.0, 1.0]}, unit="wealth", score="size") == pytest.approx([3.5, 4, 0])
    assert allocate("queue", 2.5, TOY, unit="wealth", score="pnl") == pytest.approx([2.5, 0, 0])


def test_bitmex_example_g14():
    """20 contracts fall on accounts 2 (wholly) and 5 (half)."""
    table = {"id": [1, 2, 3, 4, 5, 6], "quantity": [10, 10, 20, 30, 20, 10], "pnl": [3, 6, 1, 4, 5, 2]}
    assert allocate("queue", 20, table, score="pnl").tolist() == [0, 10, 0, 0, 10, 0]


def test_alabama_paradox():
    """Published counter-example: one contract more for all takes one from the smallest."""
    table = {"id": [1, 2, 3], "quantity": [6, 6, 2]}
    assert allocate("contract-pro-rata", 10, table).tolist() == [4, 4, 2]
    assert allocate("contract-pro-rata", 11, table).tolist() == [5, 5, 1]


def test_ties_go_to_the_lower_identity():
    table = {**TOY, "id": [9, 4, 7], "quantity": [2.0] * 3, "pnl": [1.0] * 3}
    assert allocate("queue", 3, table, score="pnl").tolist() == [0, 2, 1]
    assert allocate("contract-pro-rata", 4, table).tolist() == [1, 2, 1]


def test_pro_rata_is_proof_against_splitting():
    whole = allocate("pnl-pro-rata", 6, TOY)
    parts = allocate("pnl-pro-rata", 6, {"id": [1, 2, 3, 4], "pnl": [3.0, 5.0, 4.0, 0.5], "equity": [20.0] * 4})
    assert parts[0] + parts[1] == pytest.approx(whole[0])


def test_random_orders_by_identity_and_seed_alone():
    table = {"id": list(range(200)), "quantity": [1.0] * 200}
    first, second = (allocate("random", 100, table, seed=seed) for seed in (1, 2))
    assert first.tolist() != second.tolist()
    half = {name: column[:150] for name, column in table.items()}
    order = allocate("random", 1, half, seed=1)
    assert order.sum() == 1
    assert draws(1, "random", np.arange(150)).tolist() == draws(1, "random", np.arange(200))[:150].tolist()
    text = {"id": [f"trader {n}" for n in range(200)], "quantity": [1.0] * 200}
    assert allocate("random", 100, text).sum() == 100
    given_draws = find("policies", "random")().allocate_lots(
        2, Candidates(id=np.arange(3)), np.array([1, 1, 1]), lambda ids: np.array([0.9, 0.1, 0.5])
    )
    assert given_draws.tolist() == [0, 1, 1]


def test_random_taxes_everybody_alike_on_average():
    table = {"id": [1, 2, 3, 4], "quantity": [1.0] * 4}
    mean = np.mean([allocate("random", 1, table, seed=seed) for seed in range(400)], axis=0)
    assert mean == pytest.approx([0.25] * 4, abs=0.09)


def test_what_cannot_be_taken_is_told():
    with pytest.raises(InfeasibleBudget, match="is left uncovered") as caught:
        allocate("pnl-pro-rata", 15, TOY)
    assert caught.value.amounts.tolist() == [8, 4, 0.5]
    assert caught.value.shortfall == 2.5
    with pytest.raises(InfeasibleBudget) as caught:
        allocate("contract-pro-rata", 7.5, TOY)
    assert caught.value.amounts.tolist() == [5, 2, 0]
    assert caught.value.shortfall == 0.5
    with pytest.raises(InfeasibleBudget) as caught:
        allocate("queue", 1, {"id": [], "quantity": [], "pnl": []}, score="pnl")
    assert caught.value.shortfall == 1


def test_decimal_lots():
    table = {"id": [1, 2], "quantity": [0.3, 0.7]}
    assert allocate("contract-pro-rata", 0.5, table, lot=0.1) == pytest.approx([0.2, 0.3])
    assert allocate("contract-pro-rata", 1.0, table, lot=0.1).tolist() == [0.3, 0.7]


@pytest.mark.parametrize(
    ("policy", "amount", "keys", "words"),
    [
        ("quue", 1, {}, "did you mean 'queue'"),
        ("random", -1, {}, "must be finite and >= 0"),
        ("random", float("nan"), {}, "must be finite"),
        ("random", 1, {"lot": 0}, "the lot > 0"),
        ("queue", 1, {"unit": "welth"}, "did you mean 'wealth'"),
        ("queue", 1, {"score": "binnance"}, "did you mean 'binance'"),
        ("queue", 1, {"scor": "pnl"}, "did you mean 'score'"),
        ("queue", 1, {}, "'entry_price', which this policy needs"),
        ("contract-pro-rata", 1, {"lot": 1e-300}, "larger lot"),
        ("random", 1, {"seed": -1}, "random.seed is -1"),
    ],
)
def test_bad_input_gets_one_sentence(policy, amount, keys, words):
    with pytest.raises(AdlabmError, match=words):
        allocate(policy, amount, TOY, **keys)
