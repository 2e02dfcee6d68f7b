"""Staged runs and the pages made of them, once for all tests."""

from __future__ import annotations

import pytest

from adlabm.reports.tables import View
from tests.reports.fake_run import fake_run


@pytest.fixture(scope="package")
def crash() -> View:
    return View(fake_run(traders=120, ticks=200))


@pytest.fixture(scope="package")
def calm() -> View:
    return View(fake_run(traders=30, ticks=40, crash=False))
