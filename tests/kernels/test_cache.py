"""The cache of machine code: keyed by all sources, safe, and cured when it is damaged."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from adlabm.kernels import compiler

KERNELS = Path(compiler.__file__).parent
INNER = '__all__ = ["step"]\n\n\ndef step(x):\n    return x + 10\n'
OUTER = 'from adlabm.kernels.inner import step\n\n__all__ = ["twice"]\n\n\ndef twice(x):\n    return 2 * step(x)\n'
RULE = "from adlabm.kernels.inner import step\n\n\ndef rule(x):\n    return step(x)\n"
PROGRAM = """
import numba
before = numba.config.CACHE_DIR
from adlabm.kernels import compiler, outer
from adlabm.kernels.rules import compile_rule
from adlabm.traders.rule import rule
import ctypes
call = ctypes.CFUNCTYPE(ctypes.c_longlong, ctypes.c_longlong)(compile_rule(rule, "integer"))
print(outer.twice(1), call(1), sum(outer.twice.stats.cache_hits.values()), compiler.FOLDER, numba.config.CACHE_DIR == before)
"""

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="there is no machine code to cache")


class Copy:
    """A small package with the real compile module, in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.cache, self.package, self.root = root / "cache", root / "adlabm", root
        (self.package / "traders").mkdir(parents=True)
        (self.package / "kernels").mkdir()
        (self.package / "__init__.py").touch()
        for name in ("compiler.py", "rules.py"):
            shutil.copy(KERNELS / name, self.package / "kernels")
        source = (KERNELS / "__init__.py").read_text()
        (self.package / "kernels/__init__.py").write_text(source.replace("for _name in MODULES", 'for _name in ("inner", "outer")'))
        (self.package / "kernels/inner.py").write_text(INNER)
        (self.package / "kernels/outer.py").write_text(OUTER)
        (self.package / "traders/rule.py").write_text(RULE)

    def moved(self, root: Path) -> "Copy":
        """The same package elsewhere, its files written at another time, with the same cache."""
        other = Copy(root)
        other.cache = self.cache
        return other

    def run(self, **settings: str) -> tuple[int, int, int, str]:
        """(kernel's result, rule's result, cache hits, folder)."""
        drop = ("NUMBA_CACHE_DIR", "NUMBA_CPU_NAME")
        env = {key: value for key, value in os.environ.items() if key not in drop}
        env |= {"PYTHONPATH": str(self.root), "XDG_CACHE_HOME": str(self.cache), "LOCALAPPDATA": str(self.cache), **settings}
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        twice, rule, hits, folder, untouched = done.stdout.split()
        assert untouched == "True"
        return int(twice), int(rule), int(hits), folder


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """A copy that has run once, with its cache folder. Every test leaves it as it was."""
    copy = Copy(tmp_path_factory.mktemp("copy"))
    twice, rule, hits, folder = copy.run()
    assert (twice, rule, hits) == (22, 11, 0)
    return copy, Path(folder)


def test_a_second_process_finds_the_code_and_a_changed_callee_is_seen(warm):
    copy, folder = warm
    assert copy.run() == (22, 11, 1, str(folder))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    inner = copy.package / "kernels/inner.py"
    inner.write_text(INNER.replace("10", "20"))
    twice, rule, hits, other = copy.run()
    inner.write_text(INNER)
    assert (twice, rule, hits) == (42, 21, 0)
    assert other != str(folder)


def test_the_same_sources_elsewhere_find_the_code(warm, tmp_path):
    copy, folder = warm
    assert copy.moved(tmp_path).run() == (22, 11, 1, str(folder))


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_truncated_cache_files_are_cured(warm, kind):
    copy, folder = warm
    files = sorted(folder.rglob(f"*.{kind}"))
    assert len(files) >= 2
    for share, file in zip((0.0, 0.5) * len(files), files, strict=False):
        content = file.read_bytes()
        file.write_bytes(content[: int(share * len(content))])
    assert copy.run() == (22, 11, 0, str(folder))
    assert copy.run() == (22, 11, 1, str(folder))


def test_code_in_a_folder_that_others_may_write_is_not_loaded(warm):
    copy, folder = warm
    folder.chmod(0o777)
    result = copy.run()
    folder.chmod(0o700)
    assert result == (22, 11, 0, "None")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_code_in_a_folder_of_another_user_is_not_loaded(warm):
    copy, folder = warm
    os.chown(folder, 12345, -1)
    result = copy.run()
    os.chown(folder, os.geteuid(), -1)
    assert result == (22, 11, 0, "None")


def test_without_a_writable_place_code_is_compiled_and_not_cached(warm, tmp_path):
    file = tmp_path / "a file where the folder should be"
    file.touch()
    assert warm[0].run(XDG_CACHE_HOME=str(file), LOCALAPPDATA=str(file), HOME=str(file)) == (22, 11, 0, "None")


def test_a_setting_that_changes_machine_code_changes_the_key(monkeypatch):
    before = compiler.source_key()
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1" if os.environ.get("NUMBA_BOUNDSCHECK") != "1" else "0")
    assert compiler.source_key() != before


def test_the_key_covers_every_kernel_and_rule():
    patterns = compiler._SOURCES
    assert patterns[0] == "kernels/*.py"
    assert {pattern.split("/")[0] for pattern in patterns[1:]} == {"traders", "liquidation", "fund", "triggers", "adl"}
