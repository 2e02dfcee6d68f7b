"""Measurements of whole processes: memory of a large model, seconds from a command to the prompt."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ADLABM = "from adlabm.cli import main; main()"


def memory(traders: int, ticks: int = 3) -> dict[str, float]:
    """Bytes per trader beyond the process before the model exists, in a process of its own:

    `steady` after some ticks, `peak` until then.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.process", str(traders), str(ticks)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def starts(repetitions: int) -> dict[str, list[tuple[float, float]]]:
    """(wall, CPU) seconds of `adlabm run crash` and of `import mesa`, in turns; the first start, which may compile, is not counted."""
    commands = {"adlabm run crash": [sys.executable, "-c", ADLABM, "run", "crash"], "import mesa": [sys.executable, "-c", "import mesa"]}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(1 + repetitions):
            for name, command in commands.items():
                before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
                subprocess.run(command, cwd=folder, env=_environment(), stdout=subprocess.DEVNULL, check=True)
                wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
                if turn:
                    found[name].append((wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return found


def _environment() -> dict[str, str]:
    """The environment with this checkout first on the path."""
    root = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])}


def _resident() -> int:
    """Bytes of this process in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _highest() -> int:
    """Most bytes of this process in memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _report(traders: int, ticks: int) -> None:
    """Print what `memory` reads. A small model first, so that the code that all models share is loaded and not counted."""
    from adlabm.model import AdlModel
    from benchmarks.engine import YARDSTICK, scaled

    AdlModel(scaled(YARDSTICK, 1000, 3)).run()
    scenario = scaled(YARDSTICK, traders, ticks)
    scenario = scenario.model_copy(update={"traders": tuple(group.model_copy(update={"opening": 1.0}) for group in scenario.traders)})
    before = _resident()
    model = AdlModel(scenario)
    model.run()
    print(json.dumps({"steady": (_resident() - before) / traders, "peak": (_highest() - before) / traders}))


if __name__ == "__main__":
    _report(int(sys.argv[1]), int(sys.argv[2]))
