"""What a reader noticed about a data file, in sentences and as a row of the manifest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NOTICES = ("Binance public data",)
"""What every output says when it rests on one of these files."""


@dataclass(frozen=True)
class Quality:
    """Counts of one file.

    Attributes:
        path: base name of the file (never the folder: manifests travel).
        sha256: of the file as it lies on disk.
        series: what the numbers are, e.g. "mark price klines" (a mark price is not a trade price).
        rows: data rows.
        counts: name -> number, e.g. {"gaps": 3}; `meaning` has the sentence for each.
        meaning: name -> sentence with `{n}` for the number and `{rows}` for the rows.
    """

    path: str
    sha256: str
    series: str
    rows: int
    counts: dict[str, int] = field(default_factory=dict)
    meaning: dict[str, str] = field(default_factory=dict, repr=False)
    notices: tuple[str, ...] = NOTICES

    def lines(self) -> list[str]:
        """Plain sentences for people."""
        said = [f"{self.path}: {self.series}, {self.rows} rows (source: {', '.join(self.notices)})."]
        return said + [text.format(n=self.counts[name], rows=self.rows) for name, text in self.meaning.items()]

    def as_dict(self) -> dict[str, Any]:
        """One entry of `inputs` in the manifest: the counts stand beside path, sha256, series, rows and notices."""
        row = {"path": self.path, "sha256": self.sha256, "series": self.series, "rows": self.rows}
        return {**row, **self.counts, "notices": list(self.notices)}
