"""Fixtures for all tests."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from adlabm import cli

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")  # how fast a machine is, and whether a call compiles first, is no fault of the code


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the real files."""
    folder = os.environ.get("ADLABM_DATA")
    if not folder or not (Path(folder) / "oct10").is_dir():
        pytest.skip("needs the Binance files of 10 October 2025: set ADLABM_DATA to their folder")
    return Path(folder).resolve()


@pytest.fixture
def call(monkeypatch, capsys):
    """Runs the command line in this process: (exit code, stdout, stderr)."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["adlabm", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return call
