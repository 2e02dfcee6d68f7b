"""What the counts reached, kept in docs/evidence.json and shown in docs/evidence.md."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evidence.count import COUNTS, Tally, count, promise

ROOT = Path(__file__).parents[1]
KEPT, PAGE = ROOT / "docs" / "evidence.json", ROOT / "docs" / "evidence.md"
HEAD = """# Evidence

How often every promise was put to the test, and what came of it. Written by `make evidence` (`EVIDENCE_MINUTES=60`), never by hand; a
number without its command would be none. `make soak` tries fresh cases for half an hour. All counts lie in `evidence/counts/`, a file each;
cases are numbered from 0, so a command repeats its cases exactly, and only how far it gets in its time depends on the machine.

!!! note "What equal means"
    Equal bit for bit: the ledger's hash chain, events, series, traders and summary of a run, compared as content (SHA-256 over the tables'
    columns). Not compared: wall times, pixels of figures, bytes of Parquet files (they carry the writer's version). Seen on Linux and
    x86-64; other processors only as far as one can be emulated by switches, nothing on aarch64.

| promise | reached | floor | target | failures |
|---|---:|---:|---:|---|
"""


def kept(name: str) -> Tally:
    """What a count has reached on code that is the same as now; nothing where it never ran or the code has changed."""
    row = _rows().get(name, {})
    if row.get("code") != _code(name):
        return Tally()
    return Tally(row["number"], row["cases"], 60 * row["minutes"], row["failures"], Counter(row["facts"]))


def record(name: str, tally: Tally) -> None:
    """Keeps what a count reached, in the place of what it reached before."""
    rows, each = _rows(), count(name)
    rows[name] = {
        "promise": promise(name),
        "number": tally.number,
        "unit": each.unit,
        "floor": each.floor,
        "target": each.target,
        "failures": tally.failures,
        "scope": each.scope,
        "told": each.tell(tally.facts),
        "facts": dict(sorted(tally.facts.items())),
        "command": f"python -m evidence {name} --cases {tally.cases}",
        "cases": tally.cases,
        "code": _code(name),
        "minutes": round(tally.seconds / 60, 2),
        "commit": _commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": _machine(),
    }
    KEPT.write_text(json.dumps(dict(sorted(rows.items())), indent=2) + "\n", encoding="utf-8")


def write_page() -> None:
    """The page, from what is kept; counts that were never run are named as such."""
    rows, head, each_one = _rows(), HEAD, ""
    for name in COUNTS:
        if name not in rows:
            head += f"| {promise(name)} | not counted yet | {_wanted(count(name).floor)} | {_wanted(count(name).target)} | |\n"
            continue
        row = rows[name]
        below = ", **below the floor**" if row["number"] < row["floor"] else ", below the target" if row["number"] < row["target"] else ""
        head += (
            f"| [{row['promise']}](#{name}) | {row['number']:,} {row['unit']}{below} | {_wanted(row['floor'])} | {_wanted(row['target'])} "
        )
        head += f"| **{len(row['failures'])}** |\n" if row["failures"] else "| 0 |\n"
        each_one += f"\n## {name}\n\n{row['promise']} {row['scope']}\n\n"
        each_one += f"Reached {row['number']:,} {row['unit']}. {row['told']}".rstrip() + "\n\n"
        each_one += f"`{row['command']}`: {row['minutes']:g} minutes, {row['date']}, commit {row['commit']}, {row['machine']}.\n"
        each_one += "".join(f"\n* {failure}" for failure in row["failures"]) + ("\n" if row["failures"] else "")
    PAGE.write_text(head + each_one, encoding="utf-8")


def _wanted(number: int) -> str:
    return f"{number:,}" if number else "all"


def _rows() -> dict[str, Any]:
    return dict(json.loads(KEPT.read_text(encoding="utf-8"))) if KEPT.exists() else {}


def _code(name: str) -> str:
    """Hash of all that decides a count's cases: the package, what it uses of the tests, and its own file."""
    folders = [ROOT / "adlabm", *(ROOT / "tests" / folder for folder in count(name).tests)]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".toml", ".csv"}]
    sums = hashlib.sha256()
    for path in sorted([*files, ROOT / "evidence" / "counts" / f"{name}.py"]):
        sums.update(f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return sums.hexdigest()[:16]


def _commit() -> str:
    """The commit, and whether code or tests differ from it."""
    commit, changed = _git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "--", "adlabm", "tests", "evidence")
    return (commit or "unknown") + (" with changes" if changed else "")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _machine() -> str:
    model = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    packages = ", ".join(f"{name} {version(name)}" for name in ("mesa", "numba", "numpy"))
    return f"{os.cpu_count()} cores, {model[0] if model else platform.machine()}, Python {platform.python_version()}, {packages}"
