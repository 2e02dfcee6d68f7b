"""Additions from outside the package: files in a folder of the user's, and rules of installed packages.

`ADLABM_PLUGINS` names the folder, which has folders called like the families: `policies/last_in.py`, `venues/mine.toml`. Installed packages
name rules in the entry-point group `adlabm.<family>`. `ADLABM_PLUGINS=off` leaves all of them out.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from adlabm.errors import AdlabmError

VARIABLE = "ADLABM_PLUGINS"
OFF = "off"
MODULES = "adlabm_plug_ins"
"""Modules of files are called `adlabm_plug_ins.<family>.<file>`."""


def folder() -> Path | None:
    """The folder of the user's files, where there is one."""
    named = os.environ.get(VARIABLE, "")
    if named in ("", OFF):
        return None
    if not (path := Path(named).expanduser().resolve()).is_dir():
        raise AdlabmError(f"{VARIABLE} is {named!r}, which is no folder; name a folder with plug-ins, or {OFF!r} for none at all.")
    return path


def files(family: str, pattern: str) -> list[Path]:
    """The files of a family in that folder, sorted."""
    place = folder()
    return sorted((place / family).glob(pattern)) if place else []


def packages(family: str) -> list[EntryPoint]:
    """What installed packages add to a family, sorted."""
    if os.environ.get(VARIABLE) == OFF:
        return []
    return _group(f"adlabm.{family}", *sys.path)


@cache
def _group(name: str, *path: str) -> list[EntryPoint]:
    """A group's entry points, sorted; a run asks for those of every family."""
    return sorted(_installed(*path).select(group=name), key=lambda point: (point.name, point.value))


@cache
def _installed(*path: str) -> Any:
    """All entry points on the path; reading the metadata of every installed package takes longer than a small run."""
    return entry_points()


def describe(path: Path) -> tuple[str, str]:
    """A file's place in the folder, and the hash of its content."""
    return "/".join(path.parts[len((folder() or path).parts) :]), f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"


def module_of(path: Path) -> ModuleType:
    """The module in a file."""
    name = f"{MODULES}.{path.parent.name}.{path.stem}"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise AdlabmError(f"The plug-in {path} does not load: {error}; mend it or take it out of the folder.") from error
    return module


def rule_of(entry: EntryPoint) -> Any:
    """What an entry point names: a class, or a module."""
    try:
        return entry.load()
    except Exception as error:
        raise AdlabmError(f"The plug-in {entry.value!r} ({entry.group}) does not load: {error}; mend or uninstall it.") from error
