"""A single flipped bit in the files of a run or a sweep is noticed."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from random import Random

from adlabm.errors import BadInput
from adlabm.verify import verify
from evidence.count import Case, Count
from tests.reports.fake_run import fake_run

FLIPS = 50


@cache
def run() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    """A small run with its journal, in a folder that goes with this process."""
    place = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    fake_run(Path(place.name) / "run", traders=12, ticks=12)
    return place, Path(place.name) / "run"


def noticed(folder: Path, file: Path) -> bool:
    """Whether `adlabm verify` names the file, and no reader takes it for sound without seeing the same numbers."""
    try:
        report = verify(folder)
    except BadInput as error:
        return file.name in str(error)
    return not report.ok and any(file.name in line for line in report.lines if line.startswith("WRONG"))


def case(number: int) -> Case:
    """Random bits of random files, each put right again."""
    r, folder = Random(number), run()[1]
    files, seen = sorted(each for each in folder.iterdir() if each.name != "manifest.json"), 0
    for _ in range(FLIPS):
        file = r.choice(files)
        good = file.read_bytes()
        bad = bytearray(good)
        at, bit = r.randrange(len(bad)), r.randrange(8)
        bad[at] ^= 1 << bit
        file.write_bytes(bad)
        found = noticed(folder, file)
        file.write_bytes(good)
        if not found:
            return Case(seen, f"bit {bit} of byte {at} of {file.name}")
        seen += 1
    return Case(seen)


COUNT = Count(
    unit="flips",
    scope="One random bit of one random file of a run (tables, summary, scenario) is turned over; `adlabm verify` must name the file. "
    "`manifest.json`, which holds the hashes of the others, is outside.",
    floor=300,
    target=10_000,
    case=case,
    share=2,
    fresh=True,
)
