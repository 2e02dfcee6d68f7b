"""What the package never does: unpickle, evaluate, or load objects from files."""

import ast
from pathlib import Path

import pytest

import adlabm

PACKAGE = Path(adlabm.__file__).parent
NEVER = {"eval", "exec", "compile", "__import__"}
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "yaml", "joblib", "subprocess"}


def found(source: str) -> list[str]:
    """Forbidden calls and imports."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [each.name.split(".")[0] for each in node.names if each.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            names.append(node.module)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NEVER:
            names.append(node.func.id)
        elif isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "shell"):
            names.append(node.arg)
    return names


def test_the_search_finds():
    bad = "import pickle\nfrom yaml import load\neval('1')\nnp.load(f, allow_pickle=True)\n"
    assert found(bad) == ["pickle", "yaml", "eval", "allow_pickle"]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_is_unpickled_or_evaluated(path):
    assert found(path.read_text(encoding="utf-8")) == []
