"""A plug-in of pytest (`-p evidence.reached`): which tests reach which lines of the package, and how long each of them takes."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import coverage
import pytest

VARIABLE = "ADLABM_REACHED"
"""Names the file that is written: seconds of each test, and file -> line -> tests. The test without a name is the import."""


class Reached:
    """One coverage context a test function, whatever its parameters."""

    def __init__(self) -> None:
        self.package = Path.cwd() / "adlabm"
        self.seconds: Counter[str] = Counter()
        self.coverage = coverage.Coverage(data_file=None, source=[str(self.package)], config_file=False)
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        test, started = item.nodeid.partition("[")[0], time.monotonic()
        self.coverage.switch_context(test)
        outcome = yield
        self.coverage.switch_context("")
        self.seconds[test] += time.monotonic() - started
        return outcome

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {Path(file).relative_to(self.package).as_posix(): data.contexts_by_lineno(file) for file in data.measured_files()}
        Path(os.environ[VARIABLE]).write_text(json.dumps({"seconds": self.seconds, "lines": lines}), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Starts before the package is imported."""
    config.pluginmanager.register(Reached())
