"""What adlabm runs on: for `adlabm doctor` and for bug reports."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

from adlabm import plug_ins, registry

PACKAGES = ("adlabm", "mesa", "numpy", "numba", "llvmlite", "pandas", "pyarrow", "scipy", "pydantic", "typer")
EXTRAS = ("networkx", "solara", "ipyvuetify", "distributed", "SALib", "duckdb")


def diagnosis() -> dict[str, str]:
    """Versions, the folder of compiled code, and settings that change speed or results."""
    from adlabm.kernels import compiler

    found = {"python": platform.python_version(), "platform": platform.platform()}
    found |= {name: _version(name) for name in (*PACKAGES, *EXTRAS)}
    found["compiler"] = "on" if compiler.JIT else "off (NUMBA_DISABLE_JIT)"
    found["compiled code"] = str(compiler.FOLDER or "not kept: no folder that only you can write")
    svml = os.environ.get("NUMBA_DISABLE_INTEL_SVML", "0") == "0"
    found["Intel SVML"] = "on: results may differ between processors; unset NUMBA_DISABLE_INTEL_SVML" if svml else "off"
    found["ADLABM_DATA"] = os.environ.get("ADLABM_DATA", "not set")
    found[plug_ins.VARIABLE] = os.environ.get(plug_ins.VARIABLE, "not set")
    found["plug-ins"] = ", ".join(registry.outside()) or "none"
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
