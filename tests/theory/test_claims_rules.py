"""T6 to T10, T12: the rules of bankruptcy theory against each other."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adlabm.metrics.moral_hazard import moral_hazard
from adlabm.metrics.top_survivor import top_survivor
from tests.theory.economies import economies, every_policy, label, losses, rule, theorem, winners

PRO_RATA = ("pnl-pro-rata", "percolator-haircut", "vmgh")
ORDERLY = ("pnl-pro-rata", "constrained-equal-losses", "levelling", "talmud", "rap")
CONVEX = {"square": np.square, "fourth power": lambda h: h**4, "exponential": np.expm1}


def parted(economy, row, parts):
    """The economy with one winner's endowment held in several accounts of the same leverage; the owner's rows come last."""
    w = np.concatenate([np.delete(economy.w, row), economy.w[row] * np.asarray(parts)])
    leverage = np.concatenate([np.delete(economy.leverage, row), np.full(len(parts), economy.leverage[row])])
    return winners(w, leverage, ids=[*range(1, len(economy.w)), *range(1001, 1001 + len(parts))])


def gain_by_splitting(policy, economy, row, first):
    """Change of what one owner loses when it holds its endowment in two accounts."""
    whole, split = parted(economy, row, [1.0]), parted(economy, row, [first, 1 - first])
    return moral_hazard(policy, economy.B, whole, split, mine=range(1001, 1003), unit="wealth")


owner = {"economy": economies(most=60), "first": st.floats(0, 1), "place": st.floats(0, 0.999)}


@pytest.mark.parametrize("key", PRO_RATA)
@theorem
@given(**owner)
def test_pro_rata_is_proof_against_splitting(key, economy, first, place):
    """T6: splitting or merging a claim changes nothing."""
    changed = gain_by_splitting(rule(key), economy, int(place * len(economy.w)), first)
    assert changed == pytest.approx(0, abs=4 * economy.tolerance)


@theorem
@given(**owner)
def test_who_splits_loses_more_under_equal_losses_and_less_under_levelling(economy, first, place):
    """T6: the directions for the other two."""
    row = int(place * len(economy.w))
    assert gain_by_splitting(rule("constrained-equal-losses"), economy, row, first) >= -4 * economy.tolerance
    assert gain_by_splitting(rule("levelling"), economy, row, first) <= 4 * economy.tolerance


@pytest.mark.parametrize("key", ["constrained-equal-losses", "levelling", "talmud", "random-arrival", "vector-mirror-descent", "fifo"])
def test_every_other_rule_can_be_gamed(key):
    """T6: of the rules that look at claims alone only pro rata is proof; under each other one, two accounts do not lose what one does."""
    others = {"id": [1, 2], "pnl": [4.0, 6.0], "equity": [99.0, 99.0], "opened_at": [2.0, 1.0]}

    def tables(*claims):
        rows = {"id": [8, 9], "pnl": list(claims), "equity": [99.0, 99.0], "opened_at": [0.0, 3.0]}
        return {name: [*others[name], *column[: len(claims)]] for name, column in rows.items()}

    changed = moral_hazard(key, 5.0, tables(8.0), tables(4.0, 4.0), mine=[8, 9], unit="wealth")
    assert abs(changed) > 0.1


@theorem
@given(**owner | {"first": st.floats(0.05, 0.95)})
def test_minimax_leverage_is_proof_against_splitting_positions(economy, first, place):
    """Claimed beside T20: two accounts of the same leverage lose the contracts that one would."""
    row, policy = int(place * len(economy.w)), rule("minimax-leverage")
    assume(economy.w[row] > 0)
    closed = []
    for parts in ([1.0], [first, 1 - first]):
        table = policy_table(parted(economy, row, parts), policy)
        sizes = np.abs(table.quantity)
        amount = 0.5 * float(np.abs(winners(economy.w, economy.leverage)["quantity"]).sum())
        closed.append(policy.split(amount, sizes, sizes, table, None)[len(economy.w) - 1 :].sum())
    assert closed[0] == pytest.approx(closed[1], rel=1e-9, abs=1e-9 * amount)


def policy_table(table, policy):
    from adlabm.adl.candidates import Candidates

    return Candidates.from_table(table, policy.columns("contracts"))


@pytest.mark.parametrize("key", ORDERLY)
@theorem
@given(economy=economies(leverage=3.0), power=st.integers(-20, 20))
def test_scale_and_order(key, economy, power):
    """T7: all sums in another currency give the same haircuts; the richer lose no less and keep no less (RAP: at equal leverage)."""
    x = losses(key, economy)
    scaled = losses(key, economy, B=economy.B * 2.0**power, w=economy.w * 2.0**power)
    assert scaled / 2.0**power == pytest.approx(x, rel=1e-9, abs=economy.tolerance)
    by_wealth = np.lexsort((x, economy.w))
    assert np.all(np.diff(x[by_wealth]) >= -economy.tolerance)
    left = (economy.w - x)[np.lexsort((economy.w - x, economy.w))]
    assert np.all(np.diff(left) >= -economy.tolerance)


def test_rap_turns_the_order_of_unequal_leverage():
    """T7: why the claim for RAP needs equal leverage."""
    x = rule("rap").allocate(2.0, policy_table(winners([2.0, 1.9], leverage=[10.0, 1.0]), rule("rap")), unit="wealth")
    assert x[0] > 1.9
    assert 2.0 - x[0] < 1.9 - x[1]


@theorem
@given(economy=economies())
def test_pro_rata_spreads_best(economy):
    """T8: no rule has a smaller largest haircut, or a smaller sum of w phi(h) for convex phi."""
    some = economy.w > 0
    w = economy.w[some]
    even = losses("pnl-pro-rata", economy)[some] / w
    for policy in every_policy():
        x = losses(policy, economy)[some]
        if x.sum() < economy.B - economy.tolerance:
            continue
        h = x / w
        assert even.max() <= h.max() + 1e-9, label(policy)
        for name, phi in CONVEX.items():
            assert math.fsum(w * phi(even)) <= math.fsum(w * phi(h)) + 1e-8 * economy.U, (label(policy), name)


@theorem
@given(economy=economies())
def test_levelling_leaves_the_smallest_top(economy):
    """T9: no rule leaves a smaller largest survivor, so its ratio to the loss bounds every PTSR from below."""
    least = economy.w - losses("levelling", economy)
    bound = top_survivor(np.maximum(least, 0), economy.B, economy.B, economy.B)["ptsr_taken"]
    for policy in every_policy():
        x = losses(policy, economy)
        if x.sum() >= economy.B - economy.tolerance:
            left = economy.w - x
            assert least.max() <= left.max() + economy.tolerance, label(policy)
            if economy.B > 0:
                ratio = top_survivor(np.maximum(left, 0), economy.B, economy.B, economy.B)["ptsr_taken"]
                assert bound <= ratio + economy.tolerance / economy.B, label(policy)


@pytest.mark.parametrize(("key", "most"), [("pnl-pro-rata", 200), ("talmud", 200), ("random-arrival", 10)])
@theorem
@given(data=st.data())
def test_self_duality(key, most, data):
    """T10: what is lost when B is missing is what is kept when B is left."""
    economy = data.draw(economies(most=most))
    x, mirror = losses(key, economy), losses(key, economy, B=economy.U - economy.B)
    assert x == pytest.approx(economy.w - mirror, rel=1e-9, abs=4 * economy.tolerance)


@theorem
@given(economy=economies())
def test_levelling_is_the_dual_of_equal_losses(economy):
    """T10: equal awards of E = U - B are what equal losses of E leave to be lost."""
    x, mirror = losses("levelling", economy), losses("constrained-equal-losses", economy, B=economy.U - economy.B)
    assert x == pytest.approx(economy.w - mirror, rel=1e-9, abs=4 * economy.tolerance)


def more_equal(first, second, slack):
    """Whether the Lorenz curve of `first` lies nowhere below that of `second` (equal sums)."""
    return np.all(np.cumsum(np.sort(first)) >= np.cumsum(np.sort(second)) - slack)


@theorem
@given(economy=economies(leverage=3.0))
def test_lorenz_order(economy):
    """T12: equal losses are the most equal, levelling the most unequal of the orderly rules; Talmud lies on the near side of pro rata."""
    slack = len(economy.w) * economy.tolerance
    x = {key: losses(key, economy) for key in ORDERLY}
    for key in ORDERLY:
        assert more_equal(x["constrained-equal-losses"], x[key], slack), key
        assert more_equal(x[key], x["levelling"], slack), key
    if economy.B <= economy.U / 2:
        assert more_equal(x["talmud"], x["pnl-pro-rata"], slack)
    else:
        assert more_equal(x["pnl-pro-rata"], x["talmud"], slack)
