"""Which format is a file, and is it sound? For `adlabm data check`."""

from __future__ import annotations

from pathlib import Path

from adlabm.data import book_depth, klines
from adlabm.data.adl_tables import LAYOUTS, read_adl_table
from adlabm.data.quality import Quality
from adlabm.data.source import header
from adlabm.errors import BadInput

ENDINGS = (".csv", ".zip")


def check(path: Path) -> tuple[list[str], bool]:
    """What is to be said about a file, or about every CSV and zip below a folder, and whether all that could be read is sound."""
    if not path.is_dir():
        return quality(path).lines(), True
    files = sorted(each for each in path.rglob("*") if each.suffix.lower() in ENDINGS and each.is_file())
    if not files:
        raise BadInput(f"{path} holds no CSV and no zip; name a file or folder of klines, bookDepth or ADL tables.")
    lines, sound = [], True
    for file in files:
        try:
            name = _format(header(file))
            lines += _read(file, name).lines() if name else [f"{file.name}: no table that adlabm reads, left alone."]
        except BadInput as error:
            lines, sound = [*lines, f"Refused: {error}"], False
    return lines, sound


def quality(path: Path) -> Quality:
    """The quality report of one file, read in the format whose columns it shares most."""
    first = header(path)
    name = _format(first)
    if name is None:
        raise BadInput(f"{path.name} is no table that adlabm reads (its columns: {', '.join(first[:6])}); known are {', '.join(_FORMATS)}.")
    return _read(path, name)


_FORMATS = {"klines": klines.NEEDED, "bookDepth": book_depth.COLUMNS, **{name: tuple(each.columns) for name, each in LAYOUTS.items()}}


def _format(first: list[str]) -> str | None:
    """The format that at least half of these columns belong to; without a header row, as in older files of Binance, their number tells."""
    shared = {name: len(set(columns) & set(first)) / len(columns) for name, columns in _FORMATS.items()}
    best = max(shared, key=shared.__getitem__)
    if shared[best] >= 0.5:
        return best
    if first and first[0][:1].isdigit():
        return "bookDepth" if len(first) == len(book_depth.COLUMNS) else "klines"
    return None


def _read(path: Path, name: str) -> Quality:
    if name == "klines":
        return klines.read_klines(path).quality
    return book_depth.read_book_depth(path).quality if name == "bookDepth" else read_adl_table(path, name)[1]
