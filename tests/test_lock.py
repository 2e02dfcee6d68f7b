"""`requirements.lock` pins, by version and hash, what pyproject.toml asks for, on every Python that it allows."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
ENTRIES = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text().strip())
PINS = [Requirement(entry.split(" \\")[0]) for entry in ENTRIES]
PYTHONS = ("3.11.2", "3.11.14", "3.12.12", "3.13.9")


def here(requirement: Requirement, python: str) -> bool:
    """Whether it is installed on that Python (Linux)."""
    environment = {"python_version": python.rpartition(".")[0], "python_full_version": python, "sys_platform": "linux", "os_name": "posix"}
    return requirement.marker is None or requirement.marker.evaluate({**environment, "platform_system": "Linux", "extra": ""})


@pytest.mark.parametrize("python", PYTHONS)
def test_it_holds_one_allowed_version_of_everything(python):
    pins = {}
    for pin in PINS:
        if here(pin, python):
            assert canonicalize_name(pin.name) not in pins, f"{pin.name} is pinned twice on Python {python}"
            pins[canonicalize_name(pin.name)] = next(iter(pin.specifier)).version
    wanted = [Requirement(text) for text in (*PROJECT["dependencies"], *(each for extra in EXTRAS.values() for each in extra))]
    for each in wanted:
        if each.name != PROJECT["name"]:
            version = pins.get(canonicalize_name(each.name))
            assert version is not None, f"{each.name} is not pinned; make lock pins it"
            assert version in each.specifier, f"{each} is pinned to {version}; make lock pins it anew"


def test_every_entry_is_one_version_with_the_hashes_of_its_files():
    for pin, entry in zip(PINS, ENTRIES, strict=True):
        assert [part.operator for part in pin.specifier] == ["=="], entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry
        assert pin.url is None, entry
