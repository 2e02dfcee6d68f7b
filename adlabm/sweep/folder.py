"""The folder of a sweep: `sweep.json` says whose it is, `parts/` holds one checked Parquet file per part of the plan."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pyarrow as pa

from adlabm.errors import BadInput
from adlabm.sweep.plan import Plan
from adlabm.sweep.store import content_hash, read_json, read_table, remove_stale, write_json, write_table

MARK = "sweep.json"
_KEY = b"adlabm.plan"


class Folder:
    """What is on disk is the truth: a part is done when its file verifies and belongs to the plan.

    Attributes:
        notes: sentences on parts that were damaged, or done twice with different results.
        lost: rows of parts that no worker survived; they are not kept, so resuming tries again.
    """

    def __init__(self, path: Path | str, plan: Plan) -> None:
        self.path, self.plan, self.notes = Path(path).expanduser().resolve(), plan, list[str]()
        self.parts, self.lost = self.path / "parts", dict[int, pa.Table]()

    def claim(self, wanted: Iterable[int], resume: bool) -> None:
        """Make the folder this plan's, or refuse one that is not; without `resume`, also one that has `wanted` parts already."""
        mark = self.path / MARK
        if mark.is_file():
            self._compare(read_json(mark))
        elif self._holds_something_else():
            raise BadInput(f"{self.path} holds something else than a sweep; give --out a folder that is new or empty.")
        else:
            self.path.mkdir(parents=True, exist_ok=True)
            write_json(mark, self._identity())
        self.parts.mkdir(exist_ok=True)
        remove_stale(self.path)
        remove_stale(self.parts)
        done = sum(self._file(part).exists() for part in wanted)
        if done and not resume:
            raise BadInput(f"{self.path} has {done} parts of this study already; add --resume to go on, or give --out a new folder.")

    def has(self, part: int) -> bool:
        """Whether the part is there and sound; a damaged one is put aside as `*.bad`, to be done again."""
        if not (file := self._file(part)).exists():
            return False
        try:
            self._read(part)
        except BadInput as error:
            file.replace(file.with_suffix(".bad"))
            self.notes.append(f"Part {part} was put aside as {file.stem}.bad and done again: {error}")
            return False
        return True

    def write(self, part: int, table: pa.Table) -> None:
        """Write one part. One that another runner has written meanwhile stays, and must say the same."""
        if not self.has(part):
            write_table(self._file(part), table.replace_schema_metadata({_KEY: self.plan.key.encode()}))
        elif content_hash(self._read(part)) != content_hash(table):
            self.differs([part])

    def differs(self, parts: Iterable[int]) -> None:
        """Note parts of which two workers made different things."""
        self.notes += [
            f"Part {part} was done twice and the results differ: the machines or versions do; see `adlabm doctor`." for part in parts
        ]

    def read(self, parts: Iterable[int]) -> pa.Table:
        """The rows of the parts, in the order of the plan."""
        found = (self.lost[part] if part in self.lost else self._read(part) for part in parts)
        return pa.concat_tables([self.plan.schema.empty_table(), *found])

    def _file(self, part: int) -> Path:
        return self.parts / f"{part:06d}.parquet"

    def _read(self, part: int) -> pa.Table:
        file, numbers = self._file(part), self.plan.numbers(part)
        table = read_table(file)
        if (table.schema.metadata or {}).get(_KEY) != self.plan.key.encode() or not table.schema.equals(self.plan.schema):
            raise BadInput(f"The file {file} belongs to another study; delete it and resume.")
        if table["run"].to_pylist() != list(numbers):
            raise BadInput(f"The file {file} does not hold the runs {numbers[0]} to {numbers[-1]}; delete it and resume.")
        return table.replace_schema_metadata(None)

    def _holds_something_else(self) -> bool:
        """Whether anything is there but what a sweep that died at once has left."""
        if not self.path.is_dir():
            return self.path.exists()
        return any(not each.name.startswith(f".{MARK}.") for each in self.path.iterdir())

    def _identity(self) -> dict[str, object]:
        study = self.plan.study
        return {
            "program": "adlabm sweep",
            "title": study.title,
            "question": study.question,
            "runs": len(self.plan),
            "parts": self.plan.parts,
            "plan": self.plan.key,
            "study": study.model_dump_json(),
            "adlabm": version("adlabm"),
        }

    def _compare(self, found: dict[str, object]) -> None:
        if found.get("plan") == self.plan.key:
            return
        if found.get("adlabm") != version("adlabm"):
            why = f"was written by adlabm {found.get('adlabm')}, this is {version('adlabm')}"
        elif found.get("title") != self.plan.study.title:
            why = f"holds another study, {found.get('title')!r}"
        else:
            why = "holds this study with other settings, or of a scenario that has changed since"
        raise BadInput(f"{self.path} {why}; give --out a new folder, or delete this one.")


def read_rows(path: Path | str) -> pd.DataFrame:
    """All rows that a folder of runs holds, in the order of the plan."""
    files = sorted((Path(path) / "parts").glob("*.parquet"))
    if not files:
        raise BadInput(f"{path} holds no runs; run `adlabm sweep STUDY` first.")
    return pa.concat_tables([read_table(file).replace_schema_metadata(None) for file in files]).to_pandas()
