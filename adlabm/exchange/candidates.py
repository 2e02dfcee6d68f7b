"""The positions of the market as the candidates that ADL policies see: per position, or per account with all its contracts together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from adlabm.adl.candidates import Candidates, Column
from adlabm.kernels import columns as col
from adlabm.kernels.adl import SEEN_COLUMNS, gather

if TYPE_CHECKING:
    from adlabm.model import AdlModel

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


def positions_of(model: AdlModel, contract: int, side: int, losers: bool, both: bool = False) -> Pool:
    """Every position in `contract` on `side` (+1 long), or on both, for itself; those without profit only with `losers`.

    A trader holds one position in a contract, so this is per account in a contract as well.
    """
    seen = _gathered(model, contract, side, losers)
    if both:
        seen = np.concatenate([seen, _gathered(model, contract, -side, losers)], axis=1)
    return _pool(model, seen, seen[ENTRY], _mark(model, seen))


def accounts_of(model: AdlModel, contract: int, side: int, losers: bool, everywhere: bool) -> Pool:
    """Every account with the profits, entry and mark values of all its contracts together, as if they were in this one.

    Its row is its position in `contract` on `side`; `everywhere` admits accounts that have none there, by their first position.
    """
    here = _gathered(model, contract, side, True)
    sides = [(each, sign) for each in range(model.state.contracts.shape[1]) for sign in (1, -1)]
    whole = np.concatenate([here, *(_gathered(model, *each, True) for each in sides if each != (contract, side))], axis=1)
    identities, first, group = np.unique(whole[IDENTITY], return_index=True, return_inverse=True)
    worth = np.abs(whole[LOTS]) * _unit(model, whole) * _mark(model, whole)
    profits, entries, worths, moved = (np.zeros(len(identities), np.int64) for _ in range(4))
    for total, each in ((profits, whole[PROFIT]), (entries, np.abs(whole[ENTRY])), (worths, worth), (moved, _moved(model, whole))):
        np.add.at(total, group, each)
    seen = whole[:, first]
    seen[PROFIT] = profits
    chosen = np.flatnonzero(((profits > 0) | losers) & ((first < here.shape[1]) | everywhere))
    seen = seen[:, chosen]
    marks = worths[chosen] / (np.abs(seen[LOTS]) * _unit(model, seen))
    pool = _pool(model, seen, entries[chosen] * np.sign(seen[LOTS]), marks)
    return Pool(pool.seen, replace(pool.table, gain_since_default=moved[chosen] / 1e6), moved[chosen])


def _gathered(model: AdlModel, contract: int, side: int, losers: bool) -> np.ndarray:
    """What `gather` finds, without the traders of exempt groups."""
    seen = gather(model.market, contract, side, losers)
    exempt = np.array([*(group.exempt for group in model.config.traders), False])
    if not exempt.any():
        return seen
    owners = model.state.accounts[col.A_OWNER, model.state.positions[col.P_ACCOUNT, seen[ROW]]]
    return seen[:, ~exempt[model.state.owners[col.O_GROUP, owners]]]


def _pool(model: AdlModel, seen: np.ndarray, entry: Column, marks: Column) -> Pool:
    """The pool of these rows, with their entry values (micro, signed) and marks (ticks)."""
    specs = model.config.contracts
    where = model.state.bands[col.B_CONTRACT, seen[ROW]]
    lot, tick = (np.array([float(getattr(spec, name)) for spec in specs])[where] for name in ("lot", "tick"))
    lots, unit, mark = seen[LOTS], _unit(model, seen), _mark(model, seen)
    share = seen[EQUITY] * (seen[OWN_MARGIN] / np.maximum(seen[MARGIN], 1))
    moved = _moved(model, seen)
    table = Candidates(
        id=seen[IDENTITY],
        quantity=lots * lot,
        entry_price=entry / (lots * unit) * tick,
        mark_price=marks * tick,
        equity=seen[EQUITY] / 1e6,
        wallet=seen[WALLET] / 1e6,
        pnl=seen[PROFIT] / 1e6,
        maintenance_margin=seen[MARGIN] / 1e6,
        opened_at=seen[OPENED],
        account=seen[IDENTITY],
        contract=where,
        bankruptcy_price=(mark - share / (lots * unit)) * tick,
        gain_since_default=moved / 1e6,
        matured_pnl=seen[PROFIT] / 1e6,
    )
    return Pool(seen, table, moved)


def _contract(model: AdlModel, seen: np.ndarray, column: int) -> Column:
    return model.state.contracts[column, model.state.bands[col.B_CONTRACT, seen[ROW]]]


def _unit(model: AdlModel, seen: np.ndarray) -> Column:
    return _contract(model, seen, col.C_UNIT)


def _mark(model: AdlModel, seen: np.ndarray) -> Column:
    return _contract(model, seen, col.C_MARK)


def _moved(model: AdlModel, seen: np.ndarray) -> Column:
    """Profit since the mark before this one, micro."""
    return seen[LOTS] * _unit(model, seen) * (_mark(model, seen) - _contract(model, seen, col.C_PREVIOUS))
