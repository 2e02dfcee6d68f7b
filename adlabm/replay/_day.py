"""What a replay reads of 10 October 2025, what it answers, and the words they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from adlabm.data.adl_tables import LAYOUTS, read_adl_table
from adlabm.data.quality import Quality
from adlabm.data.where import locate_in
from adlabm.errors import BadInput


class Day:
    """The ADL tables of the day below a data folder, read once each.

    Attributes:
        inputs: quality report of every table read so far.
    """

    def __init__(self, data: Path | None) -> None:
        self.data = data
        self.inputs: list[Quality] = []
        self._read: dict[str, pd.DataFrame] = {}

    def table(self, name: str, part: object = "") -> pd.DataFrame:
        """A table by its key in LAYOUTS; `part` fills the gap in the name of its file."""
        file = LAYOUTS[name].file.format(part)
        if file not in self._read:
            self._read[file], quality = read_adl_table(locate_in(file, self.data), name)
            self.inputs.append(quality)
        return self._read[file]

    def has(self, name: str) -> bool:
        """Whether the file of a table is there."""
        try:
            return locate_in(LAYOUTS[name].file, self.data).exists()
        except BadInput:
            return False


@dataclass(frozen=True)
class Replay:
    """What a replay hands over to be printed and written.

    Attributes:
        title: one line.
        text: what was found, Markdown.
        limits: what it cannot say, a sentence each.
        tables: name of the file -> rows, aggregates only.
        figures: name of the file -> figure; the key is its caption too.
        inputs: quality report of every file read.
    """

    title: str
    text: str
    limits: Sequence[str]
    tables: dict[str, pd.DataFrame]
    figures: dict[str, tuple[str, Figure]]
    inputs: Sequence[Quality]

    @property
    def notices(self) -> list[str]:
        """The licence notices of all inputs, once each."""
        return list(dict.fromkeys(notice for each in self.inputs for notice in each.notices))


def markdown(table: pd.DataFrame) -> str:
    """A Markdown table, aligned for terminals: text to the left, numbers to the right."""
    words = {str(name): [word(value) for value in column] for name, column in table.items()}
    left = {str(name): pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column) for name, column in table.items()}
    width = {name: max(3, len(name), *map(len, column)) for name, column in words.items()}
    rows = [list(words), ["-" * width[n] if left[n] else "-" * (width[n] - 1) + ":" for n in words], *zip(*words.values(), strict=True)]
    pad = [(width[name], left[name]) for name in words]
    return "\n".join(
        "| " + " | ".join(c.ljust(w) if to else c.rjust(w) for c, (w, to) in zip(row, pad, strict=True)) + " |" for row in rows
    )


def word(value: object) -> str:
    """Numbers as people read them: money to the cent, small numbers to six digits, nothing for what is not there."""
    if isinstance(value, float):
        if value != value:
            return ""
        return f"{value:,.2f}" if abs(value) >= 1000 or value == int(value) else f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value) if value is not None else ""
