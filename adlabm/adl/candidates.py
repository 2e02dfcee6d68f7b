"""The table that ADL policies choose from: one row per candidate position (or account)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from adlabm.errors import BadInput, did_you_mean

STANDARD = ("quantity", "entry_price", "mark_price", "equity", "wallet", "pnl", "maintenance_margin")
OPTIONAL = ("opened_at", "account", "contract", "bankruptcy_price", "gain_since_default", "matured_pnl")
NAMES = ("id", "account", "contract")
Column = np.ndarray[tuple[int], Any]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Columns of equal length, taken as given and never cross-checked; a column that nobody needs may be None.

    Attributes:
        id: identity, unique, whole numbers or text; the last sort key everywhere.
        quantity: contracts, positive for a long, negative for a short.
        entry_price, mark_price, bankruptcy_price: quote currency per contract (linear contracts).
        equity: of the margin account, at the mark, quote currency.
        wallet: balance without unrealised profit, quote currency.
        pnl: unrealised profit of the row, quote currency.
        maintenance_margin: quote currency.
        opened_at: when the position was opened; only its order matters.
        account, contract: names, for policies that pool rows.
        gain_since_default: variation margin received since the default, closed positions too, quote currency.
        matured_pnl: unrealised profit that is old enough to count, quote currency.
    """

    id: Column
    quantity: Any = None
    entry_price: Any = None
    mark_price: Any = None
    equity: Any = None
    wallet: Any = None
    pnl: Any = None
    maintenance_margin: Any = None
    opened_at: Any = None
    account: Any = None
    contract: Any = None
    bankruptcy_price: Any = None
    gain_since_default: Any = None
    matured_pnl: Any = None

    def __len__(self) -> int:
        return len(self.id)

    def endowments(self, gains: str = "pnl") -> Column:
        """What ADL may take from each candidate in wealth space: max(0, min(gain, equity)), quote currency."""
        return np.maximum(np.minimum(getattr(self, gains), self.equity), 0.0)

    def take(self, rows: Column, names: Iterable[str]) -> Self:
        """The columns of these names, as far as there are any, of these rows in this order."""
        columns = {name: getattr(self, name) for name in ("id", *names)}
        return type(self)(**{name: column[rows] for name, column in columns.items() if column is not None})

    @classmethod
    def from_table(cls, table: Mapping[str, Any], needed: Iterable[str] = ()) -> Candidates:
        """Check and convert a DataFrame or a mapping of columns.

        Standard columns are checked wherever they are present, optional ones only when `needed`; other columns are left alone.
        """
        columns = {}
        needed = ("id", *needed)
        for name in needed:
            if name not in table:
                raise BadInput(f"The table of winners has no column {name!r}, which this policy needs{did_you_mean(name, table)}; add it.")
        for name in ("id", *STANDARD, *OPTIONAL):
            if name in needed or (name in STANDARD and name in table):
                columns[name] = _names(name, table[name]) if name in NAMES else _numbers(name, table[name])
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise BadInput(f"The columns of the table of winners differ in length ({lengths}); give every row all columns.")
        ids, first = np.unique(columns["id"], return_index=True)
        if len(ids) < len(columns["id"]):
            row = min(set(range(len(columns["id"]))) - set(first.tolist()))
            raise BadInput(f"Row {row} of the table of winners repeats the id {columns['id'][row]!s}; identities must be unique.")
        return cls(**columns)


def _numbers(name: str, values: Any) -> Column:
    """A column of finite float64, equity at or above zero."""
    raw = _array(name, values)
    if raw.dtype.kind == "M":
        raw = np.where(np.isnat(raw), np.nan, raw.astype("datetime64[ns]").astype(np.int64))
    try:
        column = raw.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"Column {name!r} of the table of winners must hold numbers ({error}).") from None
    bad = ~np.isfinite(column) | (column < 0 if name == "equity" else False)
    if column.ndim != 1 or bad.any():
        allowed = "a finite number at or above zero" if name == "equity" else "a finite number"
        where = f"is {column[bad][0]} in row {np.flatnonzero(bad)[0]}" if column.ndim == 1 else f"has {column.ndim} dimensions"
        raise BadInput(f"Column {name!r} of the table of winners {where}; every row needs {allowed}.")
    return column


def _names(name: str, values: Any) -> Column:
    """A column of whole numbers (int64), or of text."""
    raw = _array(name, values)
    if raw.ndim != 1:
        raise BadInput(f"Column {name!r} of the table of winners has {raw.ndim} dimensions; give one value per row.")
    if raw.dtype.kind == "u" and (raw > np.iinfo(np.int64).max).any():
        raise BadInput(f"Column {name!r} of the table of winners holds a number above 2**63 - 1; use smaller numbers or text.")
    if raw.dtype.kind in "iu" or raw.size == 0:
        return raw.astype(np.int64)
    if raw.dtype.kind == "f":
        if not (np.isfinite(raw) & (raw == np.floor(raw)) & (np.abs(raw) < 2**53)).all():
            raise BadInput(f"Column {name!r} of the table of winners holds fractions or gaps; use whole numbers or text.")
        return raw.astype(np.int64)
    if any(value is None or str(value) in ("nan", "<NA>") for value in raw.tolist()):
        raise BadInput(f"Column {name!r} of the table of winners has a gap; every row needs a value.")
    return np.array([str(value) for value in raw.tolist()])


def _array(name: str, values: Any) -> Column:
    try:
        return np.asarray(values)
    except ValueError:
        raise BadInput(f"Column {name!r} of the table of winners holds rows of different lengths; give one value per row.") from None
