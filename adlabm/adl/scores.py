"""Scores that order the ADL queue, the highest first: one function per published rule.

A score takes the candidates (n rows, linear contracts) and returns float64[n]. Notation: q signed contracts, mark value MV = q x mark,
entry value EV = q x entry, equity E of the margin account, return r = unrealised profit / |EV|, leverage L = |MV| / E; all values in
quote currency, all scores but `pnl` and `size` without unit. An account without equity has infinite leverage; 0 x infinity is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adlabm.adl.candidates import Candidates, Column
from adlabm.errors import unknown

SCORES: dict[str, Score] = {}


@dataclass(frozen=True)
class Score:
    """A score function with its name.

    Attributes:
        key: name in scenarios and venues.
        function: candidates -> float64[n].
        needs: the columns it reads.
        ranks_losers: whether positions without profit stand in the queue too (else they are no candidates).
        alone: whether the score of a row depends on that row alone.
    """

    key: str
    function: Callable[[Candidates], Column]
    needs: tuple[str, ...]
    ranks_losers: bool
    alone: bool

    def __call__(self, table: Candidates) -> Column:
        return self.function(table)


def find_score(key: str, where: str = "") -> Score:
    """The score called `key`, or one sentence naming those there are."""
    if key not in SCORES:
        raise unknown("ADL score", key, SCORES, where)
    return SCORES[key]


def score(key: str, *needs: str, ranks_losers: bool = False, alone: bool = True) -> Callable[[Callable[[Candidates], Column]], Score]:
    """Register the decorated function under `key`; `alone=False` where a row's score depends on other rows too."""

    def register(function: Callable[[Candidates], Column]) -> Score:
        SCORES[key] = Score(key, function, needs, ranks_losers, alone)
        return SCORES[key]

    return register


@score("generic", "quantity", "entry_price", "mark_price", "equity", "pnl")
def generic(table: Candidates) -> Column:
    """r L: return times leverage. Source: the seed text of this project; BitMEX's formula for winners, with account equity."""
    return _product(_return(table), _leverage(table))


@score("bitmex", "quantity", "entry_price", "mark_price", "bankruptcy_price", ranks_losers=True)
def bitmex(table: Candidates) -> Column:
    """r L for winners, r / L for losers, with r = (MV - EV) / |EV| and L = |MV| / (MV - BV), BV = q x bankruptcy price, signed values.

    Source: support.bitmex.com 18589621443357 and bitmex.com/app/autoDeleveragingExamples; also MEXC, Poloniex, old Bybit and CoinEx.
    """
    mark, entry = table.quantity * table.mark_price, table.quantity * table.entry_price
    return _signed(_ratio(mark - entry, np.abs(entry)), _ratio(np.abs(mark), mark - table.quantity * table.bankruptcy_price))


@score("binance", "wallet", "pnl", "maintenance_margin")
def binance(table: Candidates) -> Column:
    """max(0, U) / max(1, W) x MM / (W + U), the last factor 0 where W + U <= 0; W wallet balance, U unrealised profit; losers score 0.

    Source: binance.com/en/support/faq 360033525471; also Aster.
    """
    equity = table.wallet + table.pnl
    usage = np.where(equity > 0, _ratio(table.maintenance_margin, equity), 0.0)
    return np.maximum(table.pnl, 0.0) / np.maximum(table.wallet, 1.0) * usage


@score("okx", "quantity", "entry_price", "equity", "pnl", "maintenance_margin", ranks_losers=True)
def okx(table: Candidates) -> Column:
    """r / rho for winners, r x rho for losers, rho = E / MM the account's margin ratio.

    Source: GRVT publishes it exactly; OKX (2020) and HTX in third-party copies (venue notes S3).
    """
    return _by_usage(table)


@score("bitget", "quantity", "entry_price", "equity", "pnl", "maintenance_margin", ranks_losers=True)
def bitget(table: Candidates) -> Column:
    """r x mmr for winners, r / mmr for losers, mmr = MM / E the account's maintenance-margin rate: the order of `okx`.

    Source: bitget.com/support/articles/12560603800805 (venue notes S4).
    """
    return _by_usage(table)


@score("kucoin", "quantity", "entry_price", "mark_price", "equity", "pnl", ranks_losers=True)
def kucoin(table: Candidates) -> Column:
    """r L for winners, r / L for losers, L over the effective margin, that is E: of two losers the smaller |score| stands first.

    Source: kucoin.com/support/26686471898009 of 31 Dec 2025 (its cross page ranks by r alone).
    """
    return _signed(_return(table), _leverage(table))


@score("gate", "quantity", "entry_price", "equity", "pnl")
def gate(table: Candidates) -> Column:
    """r x |EV| / (E - U): return times leverage at opening, E - U the margin put in; infinite where none is left.

    Source: Gate's rule of Nov 2022, profit rate x chosen leverage. Its leverage setting is no column, so the leverage that the margin gave
    at opening stands for it. The weights of its 2025 rule are not published.
    """
    return _product(_return(table), _ratio(np.abs(table.quantity * table.entry_price), table.equity - table.pnl))


@score("coinex", "quantity", "entry_price", "mark_price", "equity", "pnl")
def coinex(table: Candidates) -> Column:
    """Profit factor x |EV| / margin: MV / margin for longs, EV^2 / (|MV| margin) for shorts; margin = E - U, what was put in.

    Source: support.coinex.com 360018671293 (venue notes S6). Never negative.
    """
    mark, entry = np.abs(table.quantity * table.mark_price), np.abs(table.quantity * table.entry_price)
    gains = table.quantity * (table.mark_price - table.entry_price) > 0
    factors = np.where(gains == (mark > entry), _ratio(mark, entry), _ratio(entry, mark))
    return _product(factors, _ratio(entry, table.equity - table.pnl))


@score("bluefin", "quantity", "entry_price", "mark_price", "equity", "maintenance_margin")
def bluefin(table: Candidates) -> Column:
    """max(0, side x (mark - entry) / entry) / max(MMR, MR), MMR = MM / |MV|, MR = E / |MV|; losers score 0.

    Source: learn.bluefin.io, risk-engine/adl (venue notes S8). Differs from the source in: the mark stands for its index price.
    """
    returns = _ratio(np.sign(table.quantity) * (table.mark_price - table.entry_price), np.abs(table.entry_price))
    ratios = _ratio(np.abs(table.quantity * table.mark_price), np.maximum(table.maintenance_margin, table.equity))
    return _product(np.maximum(returns, 0.0), ratios)


@score("ethereal", "quantity", "mark_price", "equity", "pnl", "wallet", alone=False)
def ethereal(table: Candidates) -> Column:
    """n for the first of n rows to 1 for the last: by L descending, profit descending, balance ascending, newest (highest) id first.

    Source: docs.ethereal.trade, auto-deleveraging: the only venue that publishes its tie-breaks.
    """
    newest = -np.unique(table.id, return_inverse=True)[1]
    places = np.empty(len(table))
    places[np.lexsort((newest, table.wallet, -table.pnl, -_leverage(table)))] = np.arange(len(table), 0.0, -1.0)
    return places


@score("hyperliquid-doc", "quantity", "entry_price", "mark_price", "equity", "pnl")
def hyperliquid_doc(table: Candidates) -> Column:
    """(1 + r) L.

    The documentation prints mark / entry x notional / account value, the same for longs. For shorts it falls as their profit rises, so
    this is the form that knows the side. Source: hyperliquid.gitbook.io, trading/auto-deleveraging.
    """
    return _product(1.0 + _return(table), _leverage(table))


@score("hyperliquid-node", "quantity", "entry_price", "mark_price", "equity", "pnl", ranks_losers=True)
def hyperliquid_node(table: Candidates) -> Column:
    """max(L, 1e-8) x max(max(profit, 0) / |EV|, 1e-8): losers stand at the floor.

    Differs from `hyperliquid_doc` in order, not only in scale. Source: osec.io/blog/2026-06-22-hyperliquid-risk-engine.
    """
    return _product(np.maximum(_leverage(table), 1e-8), np.maximum(_return(table), 1e-8))


@score("pnl", "pnl")
def pnl(table: Candidates) -> Column:
    """Unrealised profit, quote currency: the queue of the literature (arXiv 2512.01112)."""
    return table.pnl


@score("leverage", "quantity", "mark_price", "equity")
def leverage(table: Candidates) -> Column:
    """L = |MV| / E."""
    return _leverage(table)


@score("size", "quantity", "mark_price")
def size(table: Candidates) -> Column:
    """|MV|, quote currency."""
    return np.abs(table.quantity * table.mark_price)


def _return(table: Candidates) -> Column:
    return _ratio(table.pnl, np.abs(table.quantity * table.entry_price))


def _leverage(table: Candidates) -> Column:
    return _ratio(np.abs(table.quantity * table.mark_price), table.equity)


def _by_usage(table: Candidates) -> Column:
    """Return times the used share of the margin, MM / E; of losers divided by it."""
    return _signed(_return(table), _ratio(table.maintenance_margin, table.equity))


def _signed(returns: Column, leverage: Column) -> Column:
    """r x leverage where r > 0, else r / leverage."""
    return _product(returns, np.where(returns > 0, leverage, _ratio(np.ones_like(leverage), leverage)))


def _ratio(above: Column, below: Column) -> Column:
    """above / below; where below is not positive: 0 for 0, else infinity with the sign of `above`."""
    limit = np.where(above == 0, 0.0, np.copysign(np.inf, above))
    with np.errstate(over="ignore"):
        return np.divide(above, below, out=limit, where=below > 0)


def _product(left: Column, right: Column) -> Column:
    """left x right, with 0 x infinity = 0."""
    zero = (left == 0) | (right == 0)
    with np.errstate(over="ignore"):
        return np.where(zero, 0.0, np.where(zero, 1.0, left) * np.where(zero, 1.0, right))
