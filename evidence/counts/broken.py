"""A kernel that breaks a promise is caught by the checks that guard it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from statistics import median

from evidence.count import Case, Count
from tests.test_determinism import ROOT

MODULES = ("tests.broken.kernels", "tests.broken.rules")


def case(number: int) -> Case:
    """All broken kernels of a module, and the right ones, which nothing must catch."""
    env = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-m", MODULES[number]]
    cases = json.loads(subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout)
    alarm = cases.pop("nothing broken")
    missed = [name for name, needed in cases.items() if not needed]
    wrong = [f"{name} is not caught" for name in missed] + ["the right kernels are"] * bool(alarm)
    return Case(len(cases) - len(missed), "; ".join(wrong), Counter(cases))


def tell(facts: Counter[str]) -> str:
    """How many cases they took."""
    return f"Cases it took: median {median(facts.values()):g}, at most {max(facts.values())}." if facts else ""


COUNT = Count(
    unit="broken kernels caught",
    scope="One kernel at a time is replaced by a wrong one (`tests/broken`): a fee that vanishes, a maker that is forgotten, bands that "
    "are too wide, an ADL that takes a lot too many or from losers, a fund that is spared. Caught by `--check`, by `adlabm verify` "
    "or by the promises.",
    floor=21,
    target=21,
    case=case,
    cases=len(MODULES),
    share=1,
    tests=("broken", "properties"),
    tell=tell,
)
