"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the real files."""
    folder = os.environ.get("ADLABM_DATA")
    if not folder or not (Path(folder) / "oct10").is_dir():
        pytest.skip("needs the Binance files of 10 October 2025: set ADLABM_DATA to their folder")
    return Path(folder).resolve()
