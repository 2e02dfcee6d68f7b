"""One place where plain functions become machine code, and where that code is cached.

Numba keys its cache by the file of the function alone, so a changed callee in another file is silently not recompiled.
The cache folder here is therefore named after every source that can end up in a compiled function.
"""

import hashlib
import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")  # read when numba is imported; Intel's library gives other bits

import llvmlite
import numba
import numpy
from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator
from numba.core.ccallback import CFunc
from numba.core.sigutils import normalize_signature
from numba.core.types import unliteral

Function = Callable[..., Any]
_numba: Any = numba.config  # no types
JIT: bool = not _numba.DISABLE_JIT
_OPTIONS: dict[str, Any] = {"error_model": "python", "fastmath": False}
_PACKAGE = Path(__file__).resolve().parents[1]
_SOURCES = ("kernels/*.py", "traders/**/*.py", "liquidation/**/*.py", "fund/**/*.py", "triggers/**/*.py", "adl/**/*.py")
_SETTINGS = ("NUMBA_BOUNDSCHECK", "NUMBA_OPT", "NUMBA_DEBUGINFO", "NUMBA_LOOP_VECTORIZE", "NUMBA_SLP_VECTORIZE")


def _sources() -> list[Path]:
    return sorted({path for pattern in _SOURCES for path in _PACKAGE.glob(pattern)})


def source_key() -> str:
    """16 hexadecimal digits that change with any source, version or setting that can change machine code."""
    digest = hashlib.sha256()
    versions = (numba.__version__, llvmlite.__version__, numpy.__version__, sys.version, platform.machine())
    for word in (*versions, *(f"{name}={os.environ.get(name, '')}" for name in _SETTINGS)):
        digest.update(word.encode() + b"\0")
    for path in _sources():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def user_cache() -> Path:
    """The user's cache folder: ``NUMBA_CACHE_DIR`` if set, else the one of the operating system."""
    if own := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(own)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _trusted(folder: Path) -> bool:
    """Cached code is unpickled, so nobody else may own the folder or write into it."""
    if os.name != "posix":
        return True
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def cache_folder() -> Path | None:
    """The folder of this version's machine code (mode 0700), or None where no safe, writable one can be had."""
    try:
        folder = user_cache() / "adlabm" / source_key()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = _trusted(folder) and os.access(folder, os.W_OK | os.X_OK)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None
    return folder if usable else None


FOLDER: Path | None = cache_folder() if JIT else None
_OWN = frozenset(_sources())


class _Locator(UserProvidedCacheLocator):
    """Code of the sources that the folder is named after holds wherever the package lies; a plug-in's, for its file and its time."""

    def __init__(self, function: Function, file: str) -> None:
        super().__init__(function, file)
        path = Path(file).resolve()
        self._name = ".".join(path.relative_to(_PACKAGE).with_suffix("").parts) if path in _OWN else ""
        if self._name:
            self._cache_path = str(FOLDER)

    def get_source_stamp(self) -> Any:
        return self._name or super().get_source_stamp()

    def get_disambiguator(self) -> str:
        return f"{self._name}-{super().get_disambiguator()}"


class _Results(CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012  (as in its base)


class _Cache(FunctionCache):
    """Numba's cache in our folder. Damaged files are thrown away and a full disk is no error: the code is compiled again."""

    _impl_class = _Results

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # half a pickle can raise nearly anything
            shutil.rmtree(FOLDER, ignore_errors=True)  # type: ignore[arg-type]
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            FOLDER.mkdir(mode=0o700, exist_ok=True)  # type: ignore[union-attr]
            super().save_overload(sig, data)
        except OSError:  # numba writes beside and renames, so no half file stays
            return


def _enable_cache(compiled: Any, function: Function) -> None:
    """Caches in FOLDER. Numba's own setting is put back at once: it belongs to the user's other compiled functions."""
    if FOLDER is None:
        return
    before, _numba.CACHE_DIR = _numba.CACHE_DIR, str(FOLDER)
    try:
        compiled._cache = _Cache(function)
    except RuntimeError:  # no source file, or the folder vanished: no cache
        return
    finally:
        _numba.CACHE_DIR = before


def kernel(function: Function) -> Function:
    """The compiled form of a plain function (compiled at its first call); the function itself without the compiler."""
    options = {**_OPTIONS, "_nrt": _allocates(function), "forceinline": function.__name__ in _INLINED}
    compiled: Function = numba.njit(**options)(function)
    if JIT:
        _one_version_per_type(compiled)
        _enable_cache(compiled, function)
    return compiled


_INLINED = {
    *("mul_div", "nano_up", "philox", "uniform", "draw2", "log", "journal", "conserved", "post", "settle", "fill", "fee"),
    *("tier_of", "maintenance", "largest_notional", "equity_of", "maintenance_besides", "parameter", "entry_price", "exit_levels"),
    *("set_bands", "noise", "set_alarm", "set_clock", "looks", "all_flat", "leave", "slowly", "direction", "look", "decide_row"),
    *("enter_order", "note_leverage", "grows", "outcome", "bears", "trade", "part"),
}  # what a decision and its trade call, one after the other: calls cost a fifth of the time
_ALLOCATIONS = {"empty", "zeros", "full", "arange", "copy", "sort_by", "sort_queue", "write_orders", "work_queue"}


def _allocates(function: Function) -> bool:
    return bool(_ALLOCATIONS & set(function.__code__.co_names))


def _one_version_per_type(compiled: Any) -> None:
    """Keep numba from compiling a kernel anew for every constant that another kernel passes it."""
    resolve = compiled.get_call_template
    compiled.get_call_template = lambda args, kws: resolve(
        [unliteral(arg) for arg in args], {name: unliteral(arg) for name, arg in kws.items()}
    )


def callback(function: Function, signature: str) -> "CFunc[Function]":
    """A C function with this signature, compiled or loaded now; its ``address`` is valid while the result is kept."""
    compiled = CFunc(function, normalize_signature(signature), {}, dict(_OPTIONS))
    _enable_cache(compiled, function)
    compiled.compile()
    return compiled
