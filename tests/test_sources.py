"""What feeds the state of a market uses no clock, no hidden randomness, no library transcendentals, and no order that depends on chance."""

import ast
from collections.abc import Iterator

import pytest

from adlabm.registry import PACKAGE

FOLDERS = ("kernels", "traders", "ledger", "exchange", "adl", "price", "liquidation", "fund", "triggers")
SOURCES = sorted({path for folder in FOLDERS for path in (PACKAGE / folder).rglob("*.py")} | {PACKAGE / "streams.py", PACKAGE / "model.py"})
CLOCKS = {"time", "random", "secrets", "uuid"}
EXACT = {"sqrt", "frexp", "ldexp", "floor", "ceil", "nan", "inf", "isnan", "isinf", "isfinite", "fsum", "copysign", "comb"}
ROUGH = {
    "random",
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "power",
    "sin",
    "cos",
    "tan",
    "tanh",
    "dot",
    "matmul",
    "einsum",
    "linalg",
    "cbrt",
}


def offences(tree: ast.AST) -> Iterator[str]:
    """What in a module could make two runs differ."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"imports {each.name}" for each in node.names if each.name.split(".")[0] in CLOCKS)
        elif isinstance(node, ast.ImportFrom):
            if node.module in CLOCKS:
                yield f"imports {node.module}"
            yield from (f"imports {node.module}.{each.name}" for each in node.names if node.module == "math" and each.name not in EXACT)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            whole = f"{node.value.id}.{node.attr}"
            if (node.value.id == "math" and node.attr not in EXACT) or (node.value.id in ("np", "numpy") and node.attr in ROUGH):
                yield f"uses {whole}"
        elif isinstance(node, ast.MatMult):
            yield "multiplies matrices"
        elif isinstance(node, ast.Call):
            yield from call_offences(node)
        elif isinstance(node, ast.Name) and node.id == "prange":
            yield "uses prange"


def call_offences(node: ast.Call) -> Iterator[str]:
    """Unstable sorts, hash(), and options that give the compiler licence."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = {each.arg: each.value for each in node.keywords}
    if name == "hash":
        yield "calls hash()"
    if name in ("argsort", "argpartition") and getattr(given.get("kind"), "value", None) != "stable":
        yield f"calls {name} without kind='stable'"
    yield from (f"sets {key}" for key in ("fastmath", "parallel") if getattr(given.get(key), "value", False))


SETTLED = {"adl/shares.py": ["calls argsort without kind='stable'"]}
"""`best_first` puts equals in order after its sort."""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_here_depends_on_chance(path):
    assert list(offences(ast.parse(path.read_text(encoding="utf-8")))) == SETTLED.get(path.relative_to(PACKAGE).as_posix(), [])


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "from random import random",
        "x = np.random.rand()",
        "x = hash('a')",
        "x = np.argsort(y)",
        "x = y.argsort(kind='quicksort')",
        "f = njit(fastmath=True)(g)",
        "f = njit(parallel=True)(g)",
        "for i in prange(3): pass",
        "x = math.exp(1.0)",
        "from math import log",
        "x = np.exp(y)",
        "x = a @ b",
    ],
)
def test_the_search_finds_what_it_looks_for(line):
    assert list(offences(ast.parse(line)))


def test_the_search_leaves_the_rest_alone():
    harmless = (
        "x = np.argsort(y, kind='stable'); z = math.sqrt(2.0); f = njit(fastmath=False)(g); from adlabm.kernels.mathx import exp, log"
    )
    assert not list(offences(ast.parse(harmless)))
