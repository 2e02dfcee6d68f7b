"""Scores that order the ADL queue, the highest first: one function per published rule.

A score takes the numbers of a row, those that its parameters name, or, where it ranks rows among each other, the whole table. Linear
contracts. Notation: q signed contracts, mark value MV = q x mark,
entry value EV = q x entry, equity E of the margin account, return r = unrealised profit / |EV|, leverage L = |MV| / E; all values in
quote currency, all scores but `pnl` and `size` without unit. An account without equity has infinite leverage; 0 x infinity is 0.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from adlabm.adl.candidates import Candidates, Column
from adlabm.errors import unknown
from adlabm.kernels.rules import compile_rule
from adlabm.kernels.scoring import ARGUMENTS, leverage_on, product, ratio, return_on, score_table, signed

SCORES: dict[str, Score] = {}


@dataclass(frozen=True)
class Score:
    """A score with its name.

    Attributes:
        key: name in scenarios and venues.
        function: the numbers of a row -> its score, a rule in compiled code (`adlabm.kernels.rules`) with parameters out of ARGUMENTS; or,
            where rows are ranked among each other, candidates -> float64[n].
        needs: the columns it reads.
        ranks_losers: whether positions without profit stand in the queue too (else they are no candidates).
        alone: whether the score of a row depends on that row alone.
    """

    key: str
    function: Callable[..., Any]
    needs: tuple[str, ...]
    ranks_losers: bool = False
    alone: bool = True

    @cached_property
    def address(self) -> int:
        """Where the compiled function is."""
        return compile_rule(self.function, "real")

    @cached_property
    def reads(self) -> Column:
        """Places of `needs` in ARGUMENTS."""
        return np.array([ARGUMENTS.index(name) for name in self.needs])

    @cached_property
    def reads_margins(self) -> bool:
        """Whether it may read maintenance margins, or bankruptcy prices, which follow from them."""
        return not self.alone or not {"maintenance_margin", "bankruptcy_price"}.isdisjoint(self.needs)

    def __call__(self, table: Candidates) -> Column:
        """Scores of n rows, float64[n]."""
        if not self.alone:
            return self.function(table)
        columns = np.array([getattr(table, name) for name in self.needs], np.float64).reshape(len(self.needs), len(table))
        return score_table(self.address, columns)


def find_score(key: str, where: str = "") -> Score:
    """The score called `key`, or one sentence naming those there are."""
    if key not in SCORES:
        raise unknown("ADL score", key, SCORES, where)
    return SCORES[key]


def score(key: str, *, ranks_losers: bool = False) -> Callable[[Callable[..., float]], Score]:
    """Register the decorated function of a row under `key`."""

    def register(function: Callable[..., float]) -> Score:
        SCORES[key] = Score(key, function, tuple(inspect.signature(function).parameters), ranks_losers)
        return SCORES[key]

    return register


def ranking(key: str, *needs: str) -> Callable[[Callable[[Candidates], Column]], Score]:
    """Register the decorated function, which ranks all candidates at once, under `key`."""

    def register(function: Callable[[Candidates], Column]) -> Score:
        SCORES[key] = Score(key, function, needs, alone=False)
        return SCORES[key]

    return register


@score("generic")
def generic(quantity, entry_price, mark_price, equity, pnl):
    """r L: return times leverage. Source: this project; BitMEX's formula for winners, with account equity."""
    return product(return_on(quantity, entry_price, pnl), leverage_on(quantity, mark_price, equity))


@score("bitmex", ranks_losers=True)
def bitmex(quantity, entry_price, mark_price, bankruptcy_price):
    """r L for winners, r / L for losers, with r = (MV - EV) / |EV| and L = |MV| / (MV - BV), BV = q x bankruptcy price, signed values.

    Source: support.bitmex.com 18589621443357 and bitmex.com/app/autoDeleveragingExamples; also MEXC, Poloniex, old Bybit and CoinEx.
    """
    mark, entry = quantity * mark_price, quantity * entry_price
    return signed(ratio(mark - entry, abs(entry)), ratio(abs(mark), mark - quantity * bankruptcy_price))


@score("binance")
def binance(wallet, pnl, maintenance_margin):
    """max(0, U) / max(1, W) x MM / (W + U), the last factor 0 where W + U <= 0; W wallet balance, U unrealised profit; losers score 0.

    Source: binance.com/en/support/faq 360033525471; also Aster.
    """
    usage = ratio(maintenance_margin, wallet + pnl) if wallet + pnl > 0.0 else 0.0
    return max(pnl, 0.0) / max(wallet, 1.0) * usage


@score("okx", ranks_losers=True)
def okx(quantity, entry_price, equity, pnl, maintenance_margin):
    """r / rho for winners, r x rho for losers, rho = E / MM the account's margin ratio.

    Source: GRVT publishes it exactly; OKX (2020) and HTX in third-party copies (venue notes S3).
    """
    return signed(return_on(quantity, entry_price, pnl), ratio(maintenance_margin, equity))


@score("bitget", ranks_losers=True)
def bitget(quantity, entry_price, equity, pnl, maintenance_margin):
    """r x mmr for winners, r / mmr for losers, mmr = MM / E the account's maintenance-margin rate: the order of `okx`.

    Source: bitget.com/support/articles/12560603800805 (venue notes S4).
    """
    return signed(return_on(quantity, entry_price, pnl), ratio(maintenance_margin, equity))


@score("kucoin", ranks_losers=True)
def kucoin(quantity, entry_price, mark_price, equity, pnl):
    """r L for winners, r / L for losers, L over the effective margin, that is E: of two losers the smaller |score| stands first.

    Source: kucoin.com/support/26686471898009 of 31 Dec 2025 (its cross page ranks by r alone).
    """
    return signed(return_on(quantity, entry_price, pnl), leverage_on(quantity, mark_price, equity))


@score("gate")
def gate(quantity, entry_price, equity, pnl):
    """r x |EV| / (E - U): return times leverage at opening, E - U the margin put in; infinite where none is left.

    Source: Gate's rule of Nov 2022, profit rate x chosen leverage. Its leverage setting is no column, so the leverage that the margin gave
    at opening stands for it. The weights of its 2025 rule are not published.
    """
    return product(return_on(quantity, entry_price, pnl), ratio(abs(quantity * entry_price), equity - pnl))


@score("coinex")
def coinex(quantity, entry_price, mark_price, equity, pnl):
    """Profit factor x |EV| / margin: MV / margin for longs, EV^2 / (|MV| margin) for shorts; margin = E - U, what was put in.

    Source: support.coinex.com 360018671293 (venue notes S6). Never negative.
    """
    mark, entry = abs(quantity * mark_price), abs(quantity * entry_price)
    gains = quantity * (mark_price - entry_price) > 0.0
    factor = ratio(mark, entry) if gains == (mark > entry) else ratio(entry, mark)
    return product(factor, ratio(entry, equity - pnl))


@score("bluefin")
def bluefin(quantity, entry_price, mark_price, equity, maintenance_margin):
    """max(0, side x (mark - entry) / entry) / max(MMR, MR), MMR = MM / |MV|, MR = E / |MV|; losers score 0.

    Source: learn.bluefin.io, risk-engine/adl (venue notes S8). Differs from the source in: the mark stands for its index price.
    """
    gain = (mark_price - entry_price) if quantity > 0.0 else (entry_price - mark_price)
    returns = ratio(gain if quantity != 0.0 else 0.0, abs(entry_price))
    return product(max(returns, 0.0), ratio(abs(quantity * mark_price), max(maintenance_margin, equity)))


@score("hyperliquid-doc")
def hyperliquid_doc(quantity, entry_price, mark_price, equity, pnl):
    """(1 + r) L.

    The documentation prints mark / entry x notional / account value, the same for longs. For shorts it falls as their profit rises, so
    this is the form that knows the side. Source: hyperliquid.gitbook.io, trading/auto-deleveraging.
    """
    return product(1.0 + return_on(quantity, entry_price, pnl), leverage_on(quantity, mark_price, equity))


@score("hyperliquid-node", ranks_losers=True)
def hyperliquid_node(quantity, entry_price, mark_price, equity, pnl):
    """max(L, 1e-8) x max(max(profit, 0) / |EV|, 1e-8): losers stand at the floor.

    Differs from `hyperliquid_doc` in order, not only in scale. Source: osec.io/blog/2026-06-22-hyperliquid-risk-engine.
    """
    return product(max(leverage_on(quantity, mark_price, equity), 1e-8), max(return_on(quantity, entry_price, pnl), 1e-8))


@score("pnl")
def pnl(pnl):
    """Unrealised profit, quote currency: the queue of the literature (arXiv 2512.01112)."""
    return pnl


@score("leverage")
def leverage(quantity, mark_price, equity):
    """L = |MV| / E."""
    return leverage_on(quantity, mark_price, equity)


@score("size")
def size(quantity, mark_price):
    """|MV|, quote currency."""
    return abs(quantity * mark_price)


@ranking("ethereal", "quantity", "mark_price", "equity", "pnl", "wallet")
def ethereal(table: Candidates) -> Column:
    """n for the first of n rows to 1 for the last: by L descending, profit descending, balance ascending, newest (highest) id first.

    Source: docs.ethereal.trade, auto-deleveraging: the only venue that publishes its tie-breaks.
    """
    newest = -np.unique(table.id, return_inverse=True)[1]
    places = np.empty(len(table))
    places[np.lexsort((newest, table.wallet, -table.pnl, -leverage(table)))] = np.arange(len(table), 0.0, -1.0)
    return places
