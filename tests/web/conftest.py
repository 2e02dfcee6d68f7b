"""A served page and a browser."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest

import adlabm
from tests.web.visitor import Visitor

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SERVE = "import sys; sys.argv = ['adlabm', 'serve', '--port', '0', '--no-open']; from adlabm.cli import main; main()"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def start() -> tuple[subprocess.Popen, str]:
    """A server on a free port, and its address."""
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return process, process.stdout.readline().split()[3]


def stop(process: subprocess.Popen) -> tuple[int, str]:
    """Its exit code after Ctrl-C, and what it said since."""
    process.send_signal(signal.SIGINT)
    try:
        return process.wait(30), process.stdout.read()
    finally:
        process.kill()


@pytest.fixture(scope="session")
def browser():
    """The browser that ADLABM_BROWSER names, or the first one found."""
    path = os.environ.get("ADLABM_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"needs a browser: install Debian's chromium, or set ADLABM_BROWSER to the path of one ({', '.join(BROWSERS)})")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def address():
    """Where the page is served; the server must end well and complain about nothing."""
    adlabm.run("crash", sets=["ticks=2"])  # compiles what has changed, so that no visitor waits for it
    process, where = start()
    yield where
    code, said = stop(process)
    assert (code, said.strip()) == (0, "Stopped.")


@pytest.fixture
def visit(browser, address):
    """Opens the page; at the end nothing may have failed."""
    visitors = []

    def visit(**options):
        visitors.append(Visitor(browser, address, **options))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        assert visitor.trouble == []
        visitor.close()
