"""The text of a data file: a plain CSV, or a zip with exactly one member. Nothing is unpacked to disk."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from adlabm.errors import BadInput, did_you_mean

MAX_BYTES = 1 << 30
"""Largest text accepted, bytes: a month of klines of one second has about 0.3e9. Guards against zip bombs."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table: where it is, for messages, and what it says."""

    file: str
    line: int
    column: str
    text: str

    def refuse(self, allowed: str) -> NoReturn:
        """Raise the error for this cell; `allowed` completes "must ..."."""
        said = repr(self.text) if len(self.text) <= 60 else repr(self.text[:57]) + "..."
        raise BadInput(f"{self.file}, line {self.line}, column {self.column}: {said} must {allowed}; mend the row or fetch the file again.")

    def number(self) -> float:
        """A finite number."""
        try:
            value = float(self.text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or "_" in self.text:
            self.refuse("be a finite number")
        return value

    def price(self) -> float:
        """A finite number above zero: an index that jumps to zero has no meaning for a margin account."""
        value = self.number()
        if value <= 0:
            self.refuse("be a price above zero (an index that jumps to zero or below cannot be used)")
        return value

    def integer(self) -> int:
        """A whole number."""
        value = self.number()
        if value != int(value) or abs(value) >= 2**63:
            self.refuse("be a whole number below 2^63")
        return int(self.text) if self.text.lstrip("+-").isdigit() else int(value)


@dataclass(frozen=True)
class Table:
    """Rows of text with the line numbers they came from.

    Attributes:
        file: name for messages, e.g. ``BTCUSDT-1m.zip:BTCUSDT-1m.csv``.
        sha256: of the file as it lies on disk, hexadecimal.
        columns: column name -> position.
        rows: (line number, cells without surrounding blanks).
    """

    file: str
    sha256: str
    columns: dict[str, int]
    rows: list[tuple[int, list[str]]]

    def cell(self, row: int, column: str) -> Cell:
        line, cells = self.rows[row]
        return Cell(self.file, line, column, cells[self.columns[column]])


def read_table(path: str | Path, needed: tuple[str, ...], positions: tuple[str, ...]) -> Table:
    """Read a CSV, zipped or not, with or without a header row.

    Args:
        path: the file.
        needed: columns that must be there.
        positions: names of the columns, in order, where the file has no header row.
    """
    path = Path(path)
    file, text, digest = _text(path)
    rows = _rows(file, text)
    columns = {name: i for i, name in enumerate(positions)}
    header = _names(rows)
    if set(header) & set(positions):
        columns, rows = {name: i for i, name in enumerate(header)}, rows[1:]
        if len(columns) < len(header):
            raise BadInput(f"{file}: the header names a column twice; allowed is each name once.")
    for name in needed:
        if name not in columns:
            raise BadInput(f"{file}: column {name!r} is missing{did_you_mean(name, columns)}; needed are {', '.join(needed)}.")
    if not rows:
        raise BadInput(f"{file} holds no data rows; fetch the file again.")
    width = len(rows[0][1])
    for line, cells in rows:
        if len(cells) != width or len(cells) <= max(columns[name] for name in needed):
            raise BadInput(
                f"{file}, line {line}: the row ends at column {len(cells)} of {max(width, len(needed))}; every row must have the same"
                f" columns, at least {', '.join(needed)} (a truncated download?); fetch the file again."
            )
    return Table(file, digest, columns, rows)


def header(path: str | Path) -> list[str]:
    """The cells of the first row as names of columns, to tell one format from another."""
    file, text, _ = _text(Path(path))
    return _names(_rows(file, text.partition("\n")[0]))


def _names(rows: list[tuple[int, list[str]]]) -> list[str]:
    return [name.lower().replace(" ", "_") for name in rows[0][1]] if rows else []


def _rows(file: str, text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        return [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise BadInput(f"{file}, line {reader.line_num}: {error}; allowed is plain comma-separated text.") from error


def _text(path: Path) -> tuple[str, str, str]:
    """(name for messages, text, sha256 of the file)."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if path.is_file() and size <= MAX_BYTES else None
    except OSError as error:
        raise BadInput(f"Cannot read {path}: {error.strerror}; name a CSV file or a zip with one CSV in it.") from error
    if raw is None:
        raise BadInput(f"{path} is not a file of at most {MAX_BYTES} bytes; name a CSV file or a zip with one CSV in it.")
    file, data = path.name, raw
    if raw[:2] == b"PK" or path.suffix.lower() == ".zip":
        file, data = _member(path.name, raw)
    try:
        return file, data.decode("utf-8-sig"), hashlib.sha256(raw).hexdigest()
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not text (byte {error.start}); allowed is CSV in UTF-8, plain or as the only file of a zip.") from error


def _member(name: str, raw: bytes) -> tuple[str, bytes]:
    """The one file of a zip, read in memory, so that member names are never paths."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if len(members) != 1:
                raise BadInput(
                    f"{name} holds {len(members)} files; allowed is a zip with exactly one CSV: unpack it and name the CSV you want."
                )
            with archive.open(members[0]) as stream:
                data = stream.read(MAX_BYTES + 1)
            inner = members[0].filename
    except BadInput:
        raise
    except Exception as error:  # a damaged archive raises anything from BadZipFile to zlib.error
        raise BadInput(f"{name} is not a whole zip file ({error}); fetch it again.") from error
    if len(data) > MAX_BYTES:
        raise BadInput(f"{name} unpacks to more than {MAX_BYTES} bytes; allowed is less.")
    return f"{name}:{Path(inner).name}", data
