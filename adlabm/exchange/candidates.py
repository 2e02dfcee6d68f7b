"""The positions of the market as the candidates that ADL policies see: per position, or per account with all its contracts together."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.scores import Score
from adlabm.kernels import columns as col
from adlabm.kernels.adl import gather
from adlabm.kernels.scoring import SEEN_COLUMNS, score_rows

if TYPE_CHECKING:
    from adlabm.model import AdlModel

ROW, IDENTITY, LOTS, ENTRY, EQUITY, WALLET, PROFIT, MARGIN, OPENED, OWN_MARGIN = range(SEEN_COLUMNS)


class Pool:
    """Candidates of one request, n rows, each a position for itself.

    Attributes:
        seen: int64[SEEN_COLUMNS, n] as `gather` gives it, money in micro.
    """

    def __init__(self, model: AdlModel, seen: np.ndarray) -> None:
        self.model, self.seen = model, seen

    def __len__(self) -> int:
        return self.seen.shape[1]

    @cached_property
    def terms(self) -> Terms:
        """Contract of every row, and its terms."""
        return _terms(self.model, self.seen)

    @cached_property
    def moved(self) -> Column:
        """Profit since the mark before this one, micro, int64[n]."""
        return _moved(self.seen, self.terms)

    @cached_property
    def table(self) -> Candidates:
        """What policies see, contracts and quote currency."""
        return _table(self, self.seen[ENTRY], self.terms.mark)

    def scores(self, ranking: Score, rows: Column | slice = slice(None)) -> Column:
        """Score of these rows, float64[n]."""
        if ranking.alone:
            return score_rows(self.model.market, ranking.address, ranking.reads, self.seen[:, rows])
        return ranking(self.table)[rows]

    def endowments(self, gains: str) -> Column:
        """Most that each can give in wealth space, micro: its gain, up to its equity. All profit of the market counts as matured."""
        gain = self.moved if gains == "gain_since_default" else self.seen[PROFIT]
        return np.maximum(np.minimum(gain, self.seen[EQUITY]), 0)


class Accounts(Pool):
    """Candidates of one request, n rows, each an account with the profits of all its contracts, as if they were in one."""

    def __init__(self, model: AdlModel, seen: np.ndarray, terms: Terms, entry: Column, marks: Column, moved: Column) -> None:
        super().__init__(model, seen)
        self.terms, self.moved = terms, moved
        self.table = _table(self, entry, marks)

    def scores(self, ranking: Score, rows: Column | slice = slice(None)) -> Column:
        return ranking(self.table)[rows]


def positions_of(model: AdlModel, contract: int, side: int, losers: bool, *, both: bool = False, margins: bool = True) -> Pool:
    """Every position in `contract` on `side` (+1 long), or on both, for itself; those without profit only with `losers`, and without the
    maintenances of accounts and positions where nothing reads these `margins`.

    A trader holds one position in a contract, so this is per account in a contract as well.
    """
    seen = _gathered(model, contract, side, losers, margins)
    return Pool(model, np.concatenate([seen, _gathered(model, contract, -side, losers)], axis=1) if both else seen)


def accounts_of(model: AdlModel, contract: int, side: int, losers: bool, everywhere: bool) -> Pool:
    """Every account with the profits, entry and mark values of all its contracts together, as if they were in this one.

    Its row is its position in `contract` on `side`; `everywhere` admits accounts that have none there, by their first position.
    """
    here = _gathered(model, contract, side, True)
    sides = [(each, sign) for each in range(model.state.contracts.shape[1]) for sign in (1, -1)]
    whole = np.concatenate([here, *(_gathered(model, *each, True) for each in sides if each != (contract, side))], axis=1)
    terms = _terms(model, whole)
    identities, first, group = np.unique(whole[IDENTITY], return_index=True, return_inverse=True)
    profits, entries, worths, moved = totals = np.zeros((4, len(identities)), np.int64)
    worth = np.abs(whole[LOTS]) * terms.unit * terms.mark
    for total, each in zip(totals, (whole[PROFIT], np.abs(whole[ENTRY]), worth, _moved(whole, terms)), strict=True):
        np.add.at(total, group, each)
    seen = whole[:, first]
    seen[PROFIT] = profits
    chosen = np.flatnonzero(((profits > 0) | losers) & ((first < here.shape[1]) | everywhere))
    seen, terms = seen[:, chosen], Terms(*(each[first[chosen]] for each in terms))
    marks = worths[chosen] / (np.abs(seen[LOTS]) * terms.unit)
    return Accounts(model, seen, terms, entries[chosen] * np.sign(seen[LOTS]), marks, moved[chosen])


class Terms(NamedTuple):
    """Of every row: its contract, that contract's unit (micro per tick and lot), mark, and the mark before it (ticks)."""

    contract: Column
    unit: Column
    mark: Column
    previous: Column


def _terms(model: AdlModel, seen: np.ndarray) -> Terms:
    where = model.state.bands[col.B_CONTRACT, seen[ROW]]
    return Terms(where, *model.state.contracts[[col.C_UNIT, col.C_MARK, col.C_PREVIOUS]][:, where])


def _moved(seen: np.ndarray, terms: Terms) -> Column:
    """Profit since the mark before this one, micro."""
    return seen[LOTS] * terms.unit * (terms.mark - terms.previous)


def _gathered(model: AdlModel, contract: int, side: int, losers: bool, margins: bool = True) -> np.ndarray:
    """What `gather` finds, without the traders of exempt groups."""
    seen = gather(model.market, contract, side, losers, margins, 0, model.state.positions.shape[1])
    exempt = np.array([*(group.exempt for group in model.config.traders), False])
    if not exempt.any():
        return seen
    owners = model.state.accounts[col.A_OWNER, model.state.positions[col.P_ACCOUNT, seen[ROW]]]
    return seen[:, ~exempt[model.state.owners[col.O_GROUP, owners]]]


def _table(pool: Pool, entry: Column, marks: Column) -> Candidates:
    """The candidates as a table, with their entry values (micro, signed) and marks (ticks)."""
    seen, terms = pool.seen, pool.terms
    lot, tick = pool.model.state.reals[[col.F_LOT, col.F_TICK]][:, terms.contract]
    value = seen[LOTS] * terms.unit
    return Candidates(
        seen[IDENTITY],
        quantity=seen[LOTS] * lot,
        entry_price=entry / value * tick,
        mark_price=marks * tick,
        equity=seen[EQUITY] / 1e6,
        wallet=seen[WALLET] / 1e6,
        pnl=seen[PROFIT] / 1e6,
        maintenance_margin=seen[MARGIN] / 1e6,
        opened_at=seen[OPENED],
        account=seen[IDENTITY],
        contract=terms.contract,
        bankruptcy_price=(terms.mark - seen[EQUITY] * (seen[OWN_MARGIN] / np.maximum(seen[MARGIN], 1)) / value) * tick,
        gain_since_default=pool.moved / 1e6,
        matured_pnl=seen[PROFIT] / 1e6,
    )
