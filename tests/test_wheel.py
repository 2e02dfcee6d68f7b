"""The wheel, installed where there is no checkout, does what the commands promise."""

import json
import os
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from adlabm import registry

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
STUDY = """
title = "Queue or pro rata"
question = "Whom does ADL hit?"
scenario = "crash"
replications = 1
outcomes = ["adl_traders"]
sets = ["ticks=40"]

[[treatments]]
name = "queue"

[[treatments]]
name = "pro rata"
sets = ["adl.policy=contract-pro-rata"]
"""


@pytest.fixture(scope="module")
def adlabm(tmp_path_factory):
    """Calls adlabm in an environment that holds the wheel and nothing else of the project; dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True, capture_output=True)
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    (wheel,) = folder.glob("adlabm-*.whl")
    subprocess.run([*pip, "--python", python, "install", "--no-deps", wheel], check=True, capture_output=True)
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))  # a path; editable installs in it are not followed
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "ADLABM_DATA", "ADLABM_PLUGINS")}
    clean |= {"JUPYTER_PATH": f"{sys.prefix}/share/jupyter", "JUPYTER_CONFIG_PATH": f"{sys.prefix}/etc/jupyter"}  # what no .pth leads to

    def call(*words, **options):
        options = {"capture_output": True, "text": True, "cwd": folder, "env": {**clean, "NO_COLOR": "1"}, "check": True, **options}
        return subprocess.run([python.with_name("adlabm"), *words], **options)

    call.python, call.folder, call.env, call.wheel = python, folder, clean, wheel
    return call


def test_it_is_not_the_checkout(adlabm):
    code = "import adlabm, pathlib; print(pathlib.Path(adlabm.__file__).parents[0])"
    found = subprocess.run([adlabm.python, "-c", code], capture_output=True, text=True, check=True, cwd=adlabm.folder, env=adlabm.env)
    assert Path(found.stdout.strip()).is_relative_to(adlabm.folder / "env")


def test_the_whole_package_is_inside_and_nothing_else(adlabm):
    rooms = {ROOT / "adlabm": "adlabm", ROOT / "experiments": "adlabm/experiments"}
    files = [(inside, path.relative_to(room)) for room, inside in rooms.items() for path in room.rglob("*") if path.is_file()]
    here = {f"{inside}/{path}" for inside, path in files if path.parent.name != "__pycache__"}
    with ZipFile(adlabm.wheel) as wheel:
        assert {name for name in wheel.namelist() if ".dist-info/" not in name} == here


@pytest.mark.parametrize("family", [name for name in registry.FAMILIES if name not in registry.TRADER_FAMILIES])
def test_every_preset_is_inside(adlabm, family):
    assert {entry["key"] for entry in json.loads(adlabm("list", family, "--json").stdout)} >= set(registry.names(family))


def test_every_rule_of_the_traders_is_inside(adlabm):
    listed = {(entry["family"], entry["key"]) for entry in json.loads(adlabm("list", "traders", "--json").stdout)}
    assert listed == {(family, key) for family in registry.TRADER_FAMILIES for key in registry.names(family)}


def test_demo_and_run(adlabm):
    adlabm("demo")
    assert list((adlabm.folder / "adlabm-demo").rglob("report.html"))
    here = subprocess.run(
        [sys.executable, "-m", "adlabm", "run", "crash", "--seed", "3", "--json"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert json.loads(adlabm("run", "crash", "--seed", "3", "--json").stdout) == json.loads(here.stdout)


def test_sweep(adlabm):
    (adlabm.folder / "study.toml").write_text(STUDY)
    assert "2 runs, 0 failed" in adlabm("sweep", "study.toml", "--jobs", "1", "--out", "swept").stdout
    assert "0 failed" in adlabm("sweep", "own-leverage", "--smoke", "--out", "smoke").stdout


def test_serve(adlabm):
    process = subprocess.Popen(
        [adlabm.python.with_name("adlabm"), "serve", "--port", "0"],
        stdout=subprocess.PIPE, text=True, cwd=adlabm.folder, env=adlabm.env, start_new_session=True,
    )  # fmt: skip
    try:
        address = next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
        with urllib.request.urlopen(address, timeout=60) as page:
            assert page.status == 200
            assert b"solara" in page.read()
    finally:
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=60) == 0
