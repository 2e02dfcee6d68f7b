"""Exact money columns and the content hash of a table."""

from __future__ import annotations

import hashlib
from decimal import Context, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MONEY = pa.decimal128(38, 6)
_EXACT = Context(prec=60)


def money(micro: np.ndarray, mask: np.ndarray | None = None) -> pa.Array:
    """Column of money in quote currency from integer micro-units, without a detour over floats.

    Args:
        micro: int64[n], micro-units (1e-6 quote currency).
        mask: bool[n], True where the value is missing.

    Returns:
        decimal128(38, 6)[n].
    """
    low = np.ascontiguousarray(micro, dtype=np.int64)
    wide = np.empty((low.size, 2), dtype=np.int64)
    wide[:, 0], wide[:, 1] = low, low >> 63
    valid = None if mask is None else pa.py_buffer(np.packbits(~np.asarray(mask, dtype=bool), bitorder="little").tobytes())
    return pa.Array.from_buffers(MONEY, low.size, [valid, pa.py_buffer(wide)])


def micro(column: pa.ChunkedArray | pa.Array) -> list[int | None]:
    """Integer micro-units of a money column, the inverse of `money`; None where the value is missing."""
    if not pa.types.is_decimal(column.type):
        raise TypeError(f"a money column is decimal128(38, 6), this one is {column.type}")
    return [None if value is None else int(value.scaleb(6, _EXACT)) for value in column.to_pylist()]


def quote(amount: int) -> Decimal:
    """Micro-units as a decimal number of quote currency with six places."""
    return Decimal(int(amount)).scaleb(-6, _EXACT)


def content_hash(table: pa.Table) -> str:
    """SHA-256 of what a table says: order, names, types and values of its columns, and where values are missing.

    Independent of chunks, compression, dictionaries, metadata and the version of the writer.
    Values are hashed little-endian, missing ones as zero.
    """
    digest = hashlib.sha256(f"adlabm table 1\n{table.num_rows} rows, {table.num_columns} columns\n".encode())
    for name, column in zip(table.column_names, table.columns, strict=True):
        array = _plain(column)
        digest.update(f"{name!r} {array.type}\n".encode())
        digest.update(np.packbits(array.is_valid().to_numpy(zero_copy_only=False), bitorder="little").data)
        for part in _values(array):
            digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """One array without dictionary, of one text type only."""
    array = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array.cast(pa.large_string()) if pa.types.is_string(array.type) or pa.types.is_string_view(array.type) else array


def _values(array: pa.Array) -> list[np.ndarray]:
    """The values of one column as little-endian vectors."""
    kind = array.type
    if pa.types.is_null(kind):
        return []
    if pa.types.is_large_string(kind):
        array = pa.concat_arrays([pc.fill_null(array, "")])
        bounds = array.buffers()[1] if len(array) else bytes(8)
        offsets = np.frombuffer(bounds, dtype=np.int64, count=len(array) + 1, offset=8 * array.offset)
        text = np.frombuffer(array.buffers()[2] or b"", dtype=np.uint8)[offsets[0] : offsets[-1]]
        return [np.diff(offsets).astype("<i8"), text]
    if pa.types.is_decimal128(kind):
        array = pc.fill_null(array, Decimal(0))
        return [np.frombuffer(array.buffers()[1], dtype="<i8", count=2 * len(array), offset=16 * array.offset)] if len(array) else []
    if pa.types.is_boolean(kind):
        return [pc.fill_null(array, False).to_numpy(zero_copy_only=False).astype(np.uint8)]
    if pa.types.is_temporal(kind):
        array = array.cast(pa.int64() if kind.bit_width == 64 else pa.int32())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise TypeError(f"no content hash for columns of type {kind}")
    values = pc.fill_null(array, 0).to_numpy(zero_copy_only=False)
    if pa.types.is_floating(kind):
        values = np.where(np.isnan(values), np.array(np.nan, values.dtype), values)
    return [values.astype(values.dtype.newbyteorder("<"))]
