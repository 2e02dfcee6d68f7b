"""Scores: published numbers, what each one orders, and what happens without equity."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.adl.candidates import Candidates
from adlabm.adl.scores import SCORES, find_score
from adlabm.errors import UnknownName


def row(quantity=1.0, entry=100.0, mark=110.0, equity=50.0, wallet=None, bust=60.0, maintenance=1.0, pnl=None):
    """One position; scalars or lists."""
    columns = np.broadcast_arrays(*(np.asarray(each, float) for each in (quantity, entry, mark, equity, maintenance, bust)))
    quantity, entry, mark, equity, maintenance, bust = (np.atleast_1d(each) for each in columns)
    pnl = quantity * (mark - entry) if pnl is None else np.atleast_1d(np.asarray(pnl, float))
    return Candidates(
        id=np.arange(len(quantity)),
        quantity=quantity,
        entry_price=entry,
        mark_price=mark,
        equity=equity,
        wallet=equity - pnl if wallet is None else np.atleast_1d(np.asarray(wallet, float)),
        pnl=pnl,
        maintenance_margin=maintenance,
        bankruptcy_price=bust,
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("generic", 0.1 * 2.2),
        ("bitmex", 0.1 * 2.2),
        ("binance", 10 / 40 * 1 / 50),
        ("hyperliquid-doc", 1.1 * 2.2),
        ("hyperliquid-node", 0.1 * 2.2),
        ("okx", 0.1 / 50),
        ("bitget", 0.1 / 50),
        ("kucoin", 0.1 * 2.2),
        ("gate", 0.1 * 100 / 40),
        ("coinex", 110 / 40),
        ("bluefin", 0.1 * 110 / 50),
        ("ethereal", 1),
        ("pnl", 10),
        ("leverage", 2.2),
        ("size", 110),
    ],
)
def test_a_long_by_hand(key, expected):
    assert SCORES[key](row()) == pytest.approx([expected])


@pytest.mark.parametrize("key", ["generic", "bitmex", "hyperliquid-doc", "hyperliquid-node", "leverage", "pnl", "kucoin"])
def test_the_side_makes_no_difference(key):
    """A long and a short of equal return and leverage."""
    long, short = row(1, 100, 110, 50, bust=60), row(-1, 100, 90, 50 * 9 / 11, bust=90 + 50 * 9 / 11)
    assert SCORES[key](short) == pytest.approx(SCORES[key](long))


def test_binance_published_account_g8():
    score = SCORES["binance"](row(wallet=4.27, pnl=40.2, maintenance=0.1342 * 44.47))
    assert score == pytest.approx([1.26], abs=0.005)
    assert SCORES["binance"](row(wallet=[5, -20], pnl=[-3, 10], quantity=[1, 1])) == pytest.approx([0, 0])


def test_bitmex_divides_the_losses_by_leverage():
    """Of two equal losses the one with less leverage stands further back."""
    table = row(quantity=[1, 1], mark=90, bust=[85, 45])
    assert SCORES["bitmex"](table) == pytest.approx([-0.1 / 18, -0.1 / 2])
    assert SCORES["bitmex"].ranks_losers
    assert not SCORES["generic"].ranks_losers


def test_losers_of_the_signed_scores():
    """Of two equal losses KuCoin and the margin-ratio family put the less burdened account further back."""
    table = row(quantity=[1, 1], mark=90, equity=[5, 45], maintenance=1)
    assert SCORES["kucoin"](table) == pytest.approx([-0.1 / 18, -0.1 / 2])
    assert SCORES["okx"](table) == pytest.approx([-0.1 * 5, -0.1 * 45])
    assert SCORES["bitget"](table) == pytest.approx(SCORES["okx"](table))
    assert SCORES["bluefin"](table).tolist() == [0, 0]


def test_coinex_shorts():
    """EV^2 / (MV margin): 100^2 / (80 x 40) for a short from 100 to 80."""
    assert SCORES["coinex"](row(-1, 100, 80, 60)) == pytest.approx([100**2 / (80 * 40)])


def test_ethereal_breaks_its_ties_as_published():
    """Leverage, then profit, then the smaller balance, then the newest account."""
    table = Candidates(
        id=np.array([1, 2, 3, 4, 5]),
        quantity=np.array([9.0, 1, 1, 1, 1]),
        mark_price=np.ones(5),
        equity=np.ones(5),
        pnl=np.array([0.0, 3, 2, 2, 2]),
        wallet=np.array([9.0, 9, 9, 5, 5]),
    )
    assert SCORES["ethereal"](table).tolist() == [5, 4, 1, 2, 3]


def test_the_two_hyperliquid_formulas_order_differently():
    """Return 10 % at 10x: 11.0 and 1.0; return 100 % at 2x: 4.0 and 2.0."""
    table = row(quantity=[1, 1], entry=[100, 55], mark=110, equity=[11, 55])
    assert SCORES["hyperliquid-doc"](table) == pytest.approx([11, 4])
    assert SCORES["hyperliquid-node"](table) == pytest.approx([1, 2])


def test_a_short_climbs_with_its_profit_in_the_documented_form():
    table = row(quantity=-1, entry=100, mark=[90, 50], equity=[90, 50])
    assert np.all(np.diff(SCORES["hyperliquid-doc"](table)) > 0)


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2, *[st.floats(0, 1e6)] * 5), min_size=1, max_size=8))
def test_scores_are_never_nan(rows):
    quantity, pnl, entry, mark, equity, bust, maintenance = map(list, zip(*rows, strict=True))
    table = row(quantity, entry, mark, equity, None, bust, maintenance, pnl)
    for score in SCORES.values():
        values = score(table)
        assert values.dtype == np.float64
        assert values.shape == (len(rows),)
        assert not np.isnan(values).any(), score.key


@pytest.mark.filterwarnings("error")
def test_no_equity_is_infinite_leverage():
    assert SCORES["bitmex"](row(quantity=1, entry=[0, 5, 5], mark=[-3, 4, 5], bust=7)).tolist() == [0, 0, 0]
    assert SCORES["generic"](row(quantity=[1, 1], equity=0, pnl=[5, 0])).tolist() == [np.inf, 0]


@pytest.mark.parametrize("key", SCORES)
def test_nobody_has_no_score(key):
    """A pool may name a side on which nobody stands."""
    assert SCORES[key](row(quantity=[])).tolist() == []


def test_scores_say_what_they_need():
    for score in SCORES.values():
        only = {name: getattr(row(), name) for name in ("id", *score.needs)}
        assert score(Candidates(**only)).shape == (1,)
        assert score.function.__doc__
    with pytest.raises(UnknownName, match="did you mean 'bitmex'"):
        find_score("bitmx", "adl.score")
