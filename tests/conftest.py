"""Fixtures for all tests."""

import os
import sys
from pathlib import Path

import pytest

from adlabm import cli


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
