"""Compiled loops over columns. They know numbers and arrays; no classes, files or printing.

Kernels are written as plain functions. Here, and only here, every function named in a module's ``__all__`` is replaced by its
compiled form; the plain one stays reachable as ``name.py_func``. With ``NUMBA_DISABLE_JIT=1`` everything stays plain Python and
gives equal results. A module imports functions only from modules that stand before it in MODULES.
"""

from importlib import import_module
from types import FunctionType, ModuleType

from adlabm.kernels.compiler import JIT, kernel

__all__ = ["JIT", "MODULES"]

MODULES: tuple[str, ...] = (
    *("integers", "philox", "mathx", "noise", "paths", "jumps", "sorting", "orderbook", "state"),
    *("ledger", "margin", "market", "withdrawals", "metaorder", "attention", "seats", "trading", "matching", "flow", "forced"),
    *("providers", "results", "backstop", "waterfall", "scoring", "adl", "standing", "opening"),
    *("audit", "rounds", "drive", "panel"),
)


def _compile(module: ModuleType) -> None:
    """Replaces the public functions that a module defines itself by their compiled forms."""
    for name in module.__all__:
        value = getattr(module, name)
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            setattr(module, name, kernel(value))


for _name in MODULES:
    _compile(import_module(f"{__name__}.{_name}"))
