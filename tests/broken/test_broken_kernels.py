"""Checks that cannot fail prove nothing: every deliberately broken kernel must be caught, and the right ones must not be."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_broken_kernel_is_caught() -> None:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.broken.kernels"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    cases = json.loads(run.stdout)
    assert cases.pop("nothing broken") == 0, "the right kernels pass all checks"
    assert len(cases) == 8
    assert all(cases.values()), {name: count for name, count in cases.items() if not count}
