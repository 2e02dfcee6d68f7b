"""The positions of the market as the candidates that ADL policies see: per position, or per account with all its contracts together."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adlabm.adl.candidates import OPTIONAL, STANDARD, Candidates, Column
from adlabm.kernels import columns as col
from adlabm.kernels.adl import SEEN_COLUMNS, gather

if TYPE_CHECKING:
    from adlabm.model import AdlModel

ALL = (*STANDARD, *OPTIONAL)
ROW, IDENTITY, LOTS, ENTRY, EQUITY, WALLET, PROFIT, MARGIN, OPENED, OWN_MARGIN = range(SEEN_COLUMNS)


@dataclass(frozen=True)
class Pool:
    """Candidates of one request, n rows.

    Attributes:
        seen: int64[SEEN_COLUMNS, n] as `gather` gives it, money in micro; per account where the scope says so.
        table: what policies see, contracts and quote currency.
        moved: int64[n], profit since the mark before this one, micro.
    """

    seen: np.ndarray
    table: Candidates
    moved: Column

    def __len__(self) -> int:
        return len(self.moved)

    def endowments(self, gains: str) -> Column:
        """Most that each can give in wealth space, micro: its gain, up to its equity. All profit of the market counts as matured."""
        gain = self.moved if gains == "gain_since_default" else self.seen[PROFIT]
        return np.maximum(np.minimum(gain, self.seen[EQUITY]), 0)


def positions_of(
    model: AdlModel,
    contract: int,
    side: int,
    losers: bool,
    *,
    both: bool = False,
    needs: Collection[str] = ALL,
    row: int | None = None,
) -> Pool:
    """Every position in `contract` on `side` (+1 long), or on both, for itself; those without profit only with `losers`.

    A trader holds one position in a contract, so this is per account in a contract as well. `needs`: columns that somebody reads; `row`:
    only this position, if it is one of them.
    """
    seen = _gathered(model, contract, side, losers, row)
    if both:
        seen = np.concatenate([seen, _gathered(model, contract, -side, losers)], axis=1)
    terms = _terms(model, seen)
    return _pool(model, seen, terms, seen[ENTRY], terms.mark, _moved(seen, terms), needs)


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
    return _pool(model, seen, terms, entries[chosen] * np.sign(seen[LOTS]), marks, moved[chosen])


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


def _gathered(model: AdlModel, contract: int, side: int, losers: bool, row: int | None = None) -> np.ndarray:
    """What `gather` finds, without the traders of exempt groups."""
    rows = (0, model.state.positions.shape[1]) if row is None else (row, row + 1)
    seen = gather(model.market, contract, side, losers, *rows)
    exempt = np.array([*(group.exempt for group in model.config.traders), False])
    if not exempt.any():
        return seen
    owners = model.state.accounts[col.A_OWNER, model.state.positions[col.P_ACCOUNT, seen[ROW]]]
    return seen[:, ~exempt[model.state.owners[col.O_GROUP, owners]]]


def _pool(
    model: AdlModel, seen: np.ndarray, terms: Terms, entry: Column, marks: Column, moved: Column, needs: Collection[str] = ALL
) -> Pool:
    """The pool of these rows, with their entry values (micro, signed), marks (ticks) and profits since the last mark."""
    lot, tick = (np.array([float(getattr(spec, name)) for spec in model.config.contracts])[terms.contract] for name in ("lot", "tick"))
    value = seen[LOTS] * terms.unit
    columns: dict[str, Callable[[], Column]] = {
        "quantity": lambda: seen[LOTS] * lot,
        "entry_price": lambda: entry / value * tick,
        "mark_price": lambda: marks * tick,
        "equity": lambda: seen[EQUITY] / 1e6,
        "wallet": lambda: seen[WALLET] / 1e6,
        "pnl": lambda: seen[PROFIT] / 1e6,
        "maintenance_margin": lambda: seen[MARGIN] / 1e6,
        "opened_at": lambda: seen[OPENED],
        "account": lambda: seen[IDENTITY],
        "contract": lambda: terms.contract,
        "bankruptcy_price": lambda: (terms.mark - seen[EQUITY] * (seen[OWN_MARGIN] / np.maximum(seen[MARGIN], 1)) / value) * tick,
        "gain_since_default": lambda: moved / 1e6,
        "matured_pnl": lambda: seen[PROFIT] / 1e6,
    }
    return Pool(seen, Candidates(seen[IDENTITY], **{name: column() for name, column in columns.items() if name in needs}), moved)
