"""Small changes of the code, one at a time, and the tests that reach them."""

from __future__ import annotations

import ast
import atexit
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from adlabm.kernels.compiler import user_cache
from adlabm.sweep.statistics import wilson
from evidence import reached as reached_plugin
from evidence.count import Case

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "adlabm"
COPIED = ("adlabm", "benchmarks", "docs", "evidence", "experiments", "results", "tests")
QUICK_S = (10, 60, 240)
"""Of the tests that reach a change, the quickest are run first: 10 s of them, then a minute's, then four minutes'; the rest is left out."""
SURVIVORS = Path(__file__).with_name("survivors.toml")
"""Why mutants that survived are none to fear, by what they are called."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.Div, ast.Pow: ast.Mult,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd,
    ast.MatMult: ast.Mult,
}  # fmt: skip
NAMES = {"min": "max", "max": "min"}
UNTOUCHED = {"annotation", "returns", "decorator_list"}


class Change(NamedTuple):
    """One way to change a file: where (the function and the line's statement), and how."""

    place: str
    statement: ast.stmt
    apply: Callable[[], None]


def changes(tree: ast.AST, place: str = "", statement: ast.stmt | None = None) -> Iterator[Change]:
    """All changes of a tree, in the order of the text: operators, comparisons, constants, conditions, and the ends of loops."""
    for name, field in ast.iter_fields(tree):
        for at, node in enumerate(field if isinstance(field, list) else [field]):
            if not isinstance(node, ast.AST) or name in UNTOUCHED or (name == "body" and _compiles(tree)):
                continue
            within = f"{place}.{node.name}".strip(".") if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else place
            line = node if isinstance(node, ast.stmt) else statement
            if line is not None and not isinstance(line, (ast.Import, ast.ImportFrom)):
                yield from (Change(within, line, apply) for apply in _of(node, tree, name, at))
                yield from changes(node, within, line)


def _compiles(node: ast.AST) -> bool:
    """Whether its body is there with the compiler only: `if JIT`."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "JIT"


def _of(node: ast.AST, parent: ast.AST, name: str, at: int) -> Iterator[Callable[[], None]]:
    """The changes of one node."""

    def put(new: ast.AST) -> Callable[[], None]:
        def apply() -> None:
            held = getattr(parent, name)
            if isinstance(held, list):
                held[at] = new
            else:
                setattr(parent, name, new)

        return apply

    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        yield lambda: setattr(node, "op", OPERATORS[type(node.op)]())
    elif isinstance(node, ast.Compare):
        for n, operator in enumerate(node.ops):
            yield lambda n=n, operator=operator: node.ops.__setitem__(n, COMPARISONS[type(operator)]())
    elif isinstance(node, ast.BoolOp):
        yield lambda: setattr(node, "op", ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield put(node.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        more = node.value + 1 if node.value + 1 != node.value else 2 * node.value  # 1e300 + 1 is 1e300
        yield put(ast.Constant(not node.value if isinstance(node.value, bool) else more))
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield put(ast.Name(NAMES[node.id], node.ctx))
    elif isinstance(node, (ast.If, ast.While, ast.IfExp)) and not _compiles(node):
        yield lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, (ast.Break, ast.Continue)):
        yield put(ast.Continue() if isinstance(node, ast.Break) else ast.Break())


class Mutant(NamedTuple):
    """How a changed file is called (file, function, the statement's first line before and after), what is changed, and the new text."""

    name: str
    statement: ast.stmt
    text: str


def mutant(file: str, number: int) -> Mutant:
    """A file with one of its changes."""
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    change = next(change for n, change in enumerate(changes(tree)) if n == number)
    head = ast.unparse(change.statement)
    change.apply()
    ast.fix_missing_locations(tree)
    lines = list(zip(head.splitlines(), ast.unparse(change.statement).splitlines(), strict=False))
    old, new = next(((old.strip(), new.strip()) for old, new in lines if old != new), (head.splitlines()[0], "its end"))
    return Mutant(f"{file}: {change.place}: {_short(old, new)} -> {_short(new, old)}", change.statement, ast.unparse(tree))


def _short(line: str, other: str) -> str:
    """A line; of one beyond 700 characters, what lies around the change."""
    if max(len(line), len(other)) <= 700:
        return line
    first = next((n for n, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), min(len(line), len(other)))
    return f"... {line[max(first - 80, 0) : first + 80]} ..."


@cache
def copied() -> Path:
    """A copy of the package, its tests and what they read, in a folder that goes with this process."""
    place = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [*ROOT.glob("*.toml"), *ROOT.glob("*.md"), *ROOT.glob("*.cff")]:
        shutil.copy(path, place)
    subprocess.run([sys.executable, "-m", "compileall", "-q", "adlabm", "evidence", "tests"], cwd=place, check=True)
    return place


@dataclass(frozen=True)
class Battery:
    """Tests that may notice a change: words for pytest, and whether they run compiled, where lines of kernels and rules are not seen."""

    words: tuple[str, ...]
    compiled: bool = False

    def run(self, *words: str, timeout: float | None = None, **variables: str) -> str:
        """How tests, in the copy and with the same examples every time (CI), end: they fail, hang, or (empty) pass."""
        own = {
            "CI": "true",
            "PYTHONPATH": str(copied()),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NUMBA_DISABLE_JIT": "0" if self.compiled else "1",
        }
        command = [sys.executable, "-W", "ignore", "-m", "pytest", "-qx", "-p", "no:cacheprovider", "-m", "not slow", *words]
        env = os.environ | own | variables
        try:
            done = subprocess.run(command, cwd=copied(), env=env, capture_output=True, timeout=timeout, preexec_fn=_bounded, check=False)
        except subprocess.TimeoutExpired:
            return "hung"
        return "failed" if done.returncode else ""

    def noticed(self, file: str, statement: ast.stmt) -> str:
        """How tests that reach a statement end at its change; empty if they pass. What runs on import is reached by all."""
        seconds, lines = reached(self).seconds, reached(self).lines.get(file, {})
        tests = list(seconds)
        inner = getattr(statement, "body", None)
        last = inner[0].lineno - 1 if isinstance(inner, list) else statement.end_lineno
        reaching = {n for line in range(statement.lineno, max(last or 0, statement.lineno) + 1) for n in lines.get(str(line), ())}
        waiting = sorted(tests[1:] if 0 in reaching else (tests[n] for n in reaching), key=lambda test: (seconds[test], test))
        for quick_s in QUICK_S:
            total, batch = 0.0, list[str]()
            while waiting and (total + seconds[waiting[0]] <= quick_s or not batch):
                batch.append(waiting.pop(0))
                total += seconds[batch[-1]]
            if batch and (how := self.run(*batch, timeout=60 + 5 * total)):
                return how
        return ""


def _bounded() -> None:
    """A mutant may ask for memory without end."""
    resource.setrlimit(resource.RLIMIT_AS, (12 * 2**30,) * 2)


class Reached(NamedTuple):
    """How long each test takes on the code as it is, and file -> line -> numbers of the tests that reach it; test 0 is the import."""

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[int]]]


@cache
def reached(battery: Battery) -> Reached:
    """Measured once, and kept for as long as nothing changes."""
    sums = hashlib.sha256(repr(battery).encode())
    for path in sorted(path for name in COPIED for path in (ROOT / name).rglob("*.py")):
        sums.update(path.read_bytes())
    kept = user_cache() / "adlabm" / f"reached-{sums.hexdigest()[:16]}.json"
    if not kept.exists():
        fresh = copied() / "reached.json"
        if battery.run("-p", "evidence.reached", *battery.words, **{reached_plugin.VARIABLE: str(fresh)}):
            raise RuntimeError("the tests fail without any change")
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(fresh, kept)
    return Reached(**json.loads(kept.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Field:
    """Files below the package whose code is changed, the tests that should notice, and the seed of the order in which mutants are tried."""

    seed: str
    files: tuple[str, ...]
    batteries: tuple[Battery, ...]

    @cache  # noqa: B019 (there are two of them)
    def plan(self) -> list[tuple[str, int]]:
        """(file, number of the change) of all mutants there are, shuffled once and for all."""
        found = []
        for file in self.files:
            found += [(file, n) for n, _ in enumerate(changes(ast.parse((PACKAGE / file).read_text(encoding="utf-8"))))]
        random.Random(self.seed).shuffle(found)
        return found

    def case(self, number: int) -> Case:
        """One mutant; the first case is the code as it is, in which nothing may be noticed."""
        if number == 0:
            return Case(0, facts={"tests": sum(len(reached(battery).seconds) - 1 for battery in self.batteries)})
        place = self.plan()[number - 1][0]
        name, statement, text = mutant(*self.plan()[number - 1])
        file = copied() / "adlabm" / place
        good = file.read_text(encoding="utf-8")
        for stale in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            stale.unlink()
        file.write_text(text, encoding="utf-8")
        how = next((how for battery in self.batteries if (how := battery.noticed(place, statement))), "")
        file.write_text(good, encoding="utf-8")
        if how:
            return Case(1, facts={"killed": 1, how: 1})
        known = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))
        return Case(0, "" if name in known else f"nothing noticed {name}", {"survived": 1})

    def tell(self, facts: Counter[str]) -> str:
        """The raw share, how sure it is, and that there is a reason for what survived."""
        tried = facts["killed"] + facts["survived"]
        interval = wilson(facts["killed"], max(tried, 1))
        return (
            f"Of {tried:,} tried, drawn at random from all {len(self.plan()):,}, {facts['killed'] / max(tried, 1):.1%} were killed (95 % "
            f"interval {interval.low:.1%} to {interval.high:.1%}), {facts['hung']} of them since they hung; why the others survived is "
            "in `evidence/survivors.toml`."
        )
