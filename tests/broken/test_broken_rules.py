"""The promises of `tests.properties` must fail where a rule of the exchange is broken, and only there."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.broken.rules import BROKEN

ROOT = Path(__file__).parents[2]


def test_every_broken_rule_is_caught() -> None:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-m", "tests.broken.rules"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    cases = json.loads(run.stdout)
    assert cases.pop("nothing broken") == 0, "the right kernels keep all promises"
    assert len(cases) == len(BROKEN)
    assert all(cases.values()), {name: count for name, count in cases.items() if not count}
