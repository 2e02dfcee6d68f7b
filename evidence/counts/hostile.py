"""Hostile files are refused with one sentence, and nothing in them is run, followed or unpacked."""

from __future__ import annotations

import io
import os
import pickle
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from adlabm.data.adl_tables import read_adl_table
from adlabm.data.book_depth import read_book_depth
from adlabm.data.klines import read_klines
from adlabm.errors import AdlabmError
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.sweep.plan import make_plan
from adlabm.sweep.store import prepare_out, read_json, read_table
from adlabm.sweep.study import Study
from evidence.count import Case, Count
from tests.busy import TABLES
from tests.data.test_klines import text
from tests.sweep.studies import BASE

PATHS = (
    *("../../../etc/passwd", "/etc/passwd", "/etc", "~/.ssh/id_rsa", "file:///etc/passwd"),
    *("/root", "con:", "//server/share", "a\0b", "/dev/zero", "/proc/self/environ", "\\\\host\\c$"),
)
SCRIPTS = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", 'x" onload="alert(1)', "a&b"),
    *("a\n", "<svg/onload=x>", "%00", "$(id)", "`id`", "{{7*7}}", "${7*7}", "'; drop table x; --", "\u202eevil"),
)
DEEP = 100_000


class Trap:
    """Makes a folder where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, ...]]:
        return os.mkdir, (str(self.mark),)


class Hostile(NamedTuple):
    """What it is, under which name it lies, who reads it, and its content, given where the trap is to leave its mark."""

    what: str
    name: str
    read: Callable[[Path], object]
    content: Callable[[Path], bytes]


def scenario(**changes: object) -> bytes:
    """A scenario with some tables replaced."""
    return tomli_w.dumps({**TABLES, **changes}).encode()


def study(**changes: object) -> bytes:
    """A study with some keys replaced."""
    return tomli_w.dumps({**BASE, **changes}).encode()


def market(path: Path) -> object:
    """The market of a scenario, with the files that it names."""
    return AdlModel(Scenario.load(path))


def plan(path: Path) -> object:
    """The plan of a study."""
    return make_plan(Study.load(path))


def zipped(*members: tuple[str, bytes]) -> bytes:
    """An archive."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return room.getvalue()


def link(target: str) -> bytes:
    """An archive whose member is a symbolic link."""
    room, info = io.BytesIO(), zipfile.ZipInfo("k.csv")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(room, "w") as archive:
        archive.writestr(info, target)
    return room.getvalue()


def pickled(mark: Path) -> bytes:
    """A pickle."""
    return pickle.dumps(Trap(mark))


def objects(mark: Path) -> bytes:
    """A NumPy file of pickled objects."""
    room = io.BytesIO()
    np.save(room, np.array([Trap(mark)], object), allow_pickle=True)
    return room.getvalue()


def archived(mark: Path) -> bytes:
    """The same in a zip, as `numpy.savez` writes it."""
    return zipped(("k.npy", objects(mark)))


def extension(mark: Path) -> bytes:
    """A Parquet file with a Python extension type, which ran what it held before pyarrow 14.0.1 (CVE-2023-47248); it belongs to no run."""
    told = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickle.dumps(Trap(mark))}
    room, field = io.BytesIO(), pa.field("run", pa.int64(), metadata=told)
    pq.write_table(pa.table([pa.array([1])], schema=pa.schema([field], metadata={b"adlabm.content": b"0"})), room)
    return room.getvalue()


READERS: dict[str, Callable[[Path], object]] = {
    "klines.csv": read_klines,
    "klines.zip": read_klines,
    "depth.csv": read_book_depth,
    "depth.zip": read_book_depth,
    "losers.csv": partial(read_adl_table, name="losers"),
    "traders.parquet": read_table,
    "manifest.json": read_json,
    "scenario.toml": Scenario.load,
    "study.toml": plan,
}
TRAPS = (pickled, objects, archived, extension)


ARCHIVES = (
    *("a bomb", "a bomb in a bomb", "two files", "a way up", "a whole path", "nothing"),
    *("a link", "half", "only a head", "no text", "a long cell"),
)


@cache
def archives() -> dict[str, bytes]:
    """Archives that hold too much, too many, or nothing that can be read."""
    good = text().encode()
    return {
        "a bomb": zipped(("k.csv", b"\0" * 2**28)),
        "a bomb in a bomb": zipped(("k.zip", zipped(("k.csv", b"\0" * 2**24)))),
        "two files": zipped(("a.csv", good), ("b.csv", good)),
        "a way up": zipped(("../../up.csv", b"no,prices\n")),
        "a whole path": zipped(("/etc/cron.d/x", b"* * * * *")),
        "nothing": zipped(),
        "a link": link("/etc/passwd"),
        "half": zipped(("k.csv", good))[:-30],
        "only a head": b"PK\x03\x04" + b"\0" * 40,
        "no text": zipped(("k.csv", b"\xff\xfe" * 50)),
        "a long cell": zipped(("k.csv", b'"' + b"1" * 200_000)),
    }


def files() -> Iterator[Hostile]:
    """All of them."""
    for name, what in product(("klines.zip", "klines.csv", "depth.zip"), ARCHIVES):
        yield Hostile(f"{what} as {name}", name, READERS[name], lambda _, what=what: archives()[what])
    for (name, read), trap in product(READERS.items(), TRAPS):
        yield Hostile(f"{trap.__name__} as {name}", name, read, trap)
    for nested, name in product(("[", '{"a":', "a={b=", "a=["), ("manifest.json", "scenario.toml", "study.toml")):
        content = f"a = {nested * DEEP}".encode() if name.endswith("toml") else (nested * DEEP).encode()
        yield Hostile(f"{nested} {DEEP} times as {name}", name, READERS[name], lambda _, content=content: content)
    for table, path in product(("index", "depth"), PATHS):
        content = scenario(**{table: {"file": path}})
        yield Hostile(f"{table}.file = {path!r}", "s.toml", market, lambda _, content=content: content)
    for key, path in product(("venue", "like"), PATHS):
        content = scenario(**{key: path})
        yield Hostile(f"{key} = {path!r}", "s.toml", market, lambda _, content=content: content)
    for key, path in product(("scenario", "base"), PATHS):
        content = study(**{key: path})
        yield Hostile(f"study: {key} = {path!r}", "study.toml", plan, lambda _, content=content: content)
    for table, words in product(("contracts", "traders"), SCRIPTS):
        content = scenario(**{table: [{**TABLES[table][0], "name": words}]})
        yield Hostile(f"{table} named {words!r}", "s.toml", market, lambda _, content=content: content)
    for words in SCRIPTS:
        content = study(treatments=[{"name": words, "sets": [f"{words}={words}"]}])
        yield Hostile(f"treatment named {words!r}", "study.toml", plan, lambda _, content=content: content)
    for place in ("/etc", "/", "/dev/null", "/proc/1", "/usr/bin", "../../../../../../etc", ".", ".."):
        yield Hostile(f"--out {place}", "x", lambda _, place=place: prepare_out(place), lambda _: b"")


ALL = tuple(files())


def case(number: int) -> Case:
    """One hostile file: whoever reads it refuses, and no mark, link or file is left behind."""
    hostile = ALL[number]
    with tempfile.TemporaryDirectory() as folder:
        place, mark = Path(folder) / "in", Path(folder) / "mark"
        place.mkdir()
        (place / hostile.name).write_bytes(hostile.content(mark))
        said = "nobody objects"
        try:
            hostile.read(place / hostile.name)
        except AdlabmError as refused:
            said = "" if "\n" not in str(refused).strip() else f"no single sentence: {refused}"
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        if sorted(os.listdir(folder)) != ["in"] or os.listdir(place) != [hostile.name]:
            said = "it left something behind"
    return Case(0, f"{hostile.what}: {said}") if said else Case()


COUNT = Count(
    unit="files",
    scope="Bombs, links and ways up in archives; pickles and NumPy objects under every name that the program reads; nesting a hundred "
    "thousand deep; paths to what is none of its business; markup in names; folders of others as `--out`. (Markup in titles is "
    "escaped in reports: `tests/reports`.)",
    floor=50,
    target=200,
    case=case,
    cases=len(ALL),
    share=1,
)
