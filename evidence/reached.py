"""A plug-in of pytest (`-p evidence.reached`): which tests reach which lines of the package, and how long each of them takes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import coverage
import pytest

VARIABLE = "ADLABM_REACHED"
"""Names the file that is written: seconds of each test, and file -> line -> numbers of tests. The test without a name is the import."""


class Reached:
    """One coverage context a test, with its parameters."""

    def __init__(self) -> None:
        self.package = Path.cwd() / "adlabm"
        self.seconds = {"": 0.0}
        self.coverage = coverage.Coverage(data_file=None, source=[str(self.package)], config_file=False)
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        started = time.monotonic()
        self.coverage.switch_context(item.nodeid)
        outcome = yield
        self.coverage.switch_context("")
        self.seconds[item.nodeid] = time.monotonic() - started
        return outcome

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data, number = self.coverage.get_data(), {test: n for n, test in enumerate(self.seconds)}
        lines = {
            Path(file).relative_to(self.package).as_posix(): {
                line: [number[test] for test in tests] for line, tests in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        Path(os.environ[VARIABLE]).write_text(json.dumps({"seconds": self.seconds, "lines": lines}), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Starts before the package is imported."""
    config.pluginmanager.register(Reached())
