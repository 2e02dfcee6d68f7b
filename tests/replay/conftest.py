"""The tables of 10 October 2025, or the reason why a test is left out."""

from pathlib import Path

import pytest

from adlabm.replay._day import Day

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def folder(data):
    """The data folder, with the MIT tables in it."""
    if not (data / "adl_2025_10_10" / "mit").is_dir():
        pytest.skip("needs the result tables of arXiv 2512.01112 in ADLABM_DATA/adl_2025_10_10/mit")
    return data


@pytest.fixture(scope="session")
def day(folder):
    """The tables with MIT licence."""
    return Day(folder)


@pytest.fixture(scope="session")
def full(folder, day):
    """The same with the non-commercial tables."""
    if not day.has("accounts"):
        pytest.skip("needs the non-commercial tables in ADLABM_DATA/adl_2025_10_10/noncommercial")
    return day
