"""The same scenario and the same seed give the same digest, whatever runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from functools import cache

import pyarrow as pa

from adlabm.sweep.engines import Engine, Workers, local
from evidence.count import Case, Count
from evidence.digests import HOW, digest, row
from tests.test_determinism import PYTHONS, ROOT, without_vectors

BLOCK, FEW = 200, 5
SETTINGS: dict[str, dict[str, str]] = {
    **{f"hash seed {seed}": {"PYTHONHASHSEED": seed} for seed in ("0", "1", "4242")},
    "processor generic": {"NUMBA_CPU_NAME": "generic"},
    "optimisation off": {"NUMBA_OPT": "0"},
    "bounds checked": {"NUMBA_BOUNDSCHECK": "1"},
    "vector extensions off": without_vectors(),
    "no cache": {"NUMBA_CACHE_DIR": "/dev/null"},
}


def apart(first: int, last: int, how: str = "run", python: str = sys.executable, **settings: str) -> list[str]:
    """The digests of a process of its own."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONHASHSEED"} | {"PYTHONPATH": str(ROOT)} | settings
    command = [python, "-W", "ignore", "-m", "evidence.digests", str(first), str(last), how]
    found = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if found.returncode:
        raise OSError(f"{python} {how} {settings}: {found.stderr.strip()[-300:]}")
    return [str(each) for each in json.loads(found.stdout)]


def by(engine: Engine, numbers: range) -> list[str]:
    """The digests of the workers of an engine."""
    with Workers(engine) as workers:
        found = {number: table for number, table in workers.compute(row, numbers) if isinstance(table, pa.Table)}
    return [found[number]["digest"][0].as_py() for number in numbers]


@cache
def versions(python: str) -> str:
    """What an interpreter runs."""
    code = "import sys, mesa, numba, numpy; print('Python', sys.version.split()[0], 'Mesa', mesa.__version__, 'NumPy', numpy.__version__)"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def case(number: int) -> Case:
    """A block of scenario-seeds in every cell; without the compiler, and where all is compiled anew, the first few of them."""
    from adlabm.sweep.cluster import dask

    numbers = range(number * BLOCK, (number + 1) * BLOCK)
    first, last, few = numbers[0], numbers[-1] + 1, numbers[0] + FEW
    expected = [digest(each) for each in numbers]
    cells = {"two processes": by(local(2), numbers), "Dask": by(dask(None, 2), numbers)}
    cells |= {how: apart(first, last, how) for how in HOW}
    cells |= {cell: apart(first, few if cell == "no cache" else last, **settings) for cell, settings in SETTINGS.items()}
    cells["compiler off"] = apart(first, few, NUMBA_DISABLE_JIT="1")
    cells |= {versions(python): apart(first, last, python=python) for python in PYTHONS}
    wrong = [cell for cell, found in cells.items() if found != expected[: len(found)]]
    facts = Counter({cell: len(found) for cell, found in cells.items()})
    return Case(0 if wrong else BLOCK, f"digests differ: {', '.join(wrong)}" if wrong else "", facts)


COUNT = Count(
    unit="scenario-seeds",
    scope="Half of the scenario-seeds are hostile worlds (`tests/oracle/worlds.py`), half are markets for every rule and setting "
    "(`tests/golden/markets.py`). Each is run here and in every cell, and the digests (ledger chain, events, series, traders) are "
    "equal. Interpreters are those named in `ADLABM_PYTHONS` or found as python3.12 and python3.13. The digest of the page is compared "
    "in `tests/web`; real processors of other makers, aarch64 and musl were not tried.",
    floor=20,
    target=1000,
    case=case,
    cases=5,
    share=8,
    tell=lambda facts: "Cells: " + "; ".join(f"{cell} {number:,}" for cell, number in facts.items()) + ".",
)
