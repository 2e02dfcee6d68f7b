"""The page on theory names every statement, tests that exist, and rules that exist."""

import re
from pathlib import Path

from adlabm.registry import names

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "theory.md").read_text(encoding="utf-8")


def test_every_statement_has_its_line():
    assert set(re.findall(r"^\| ([TX]\d+) \|", PAGE, re.M)) == {f"T{n}" for n in range(1, 22)} | {f"X{n}" for n in range(1, 11)}


def test_every_test_exists():
    found = re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)
    assert len(found) > 40
    for file, name in found:
        path = HERE / file if "/" not in file else HERE.parents[1] / file
        assert f"\ndef {name}(" in path.read_text(encoding="utf-8"), (file, name)


def test_no_theorem_is_missing_from_the_page():
    for path in HERE.glob("test_*.py"):
        for name in re.findall(r"^def (test_\w+)\([^)]*\):\n    \"\"\"[TX]\d+", path.read_text(encoding="utf-8"), re.M):
            assert name in PAGE, (path.name, name)


def test_every_rule_exists():
    rules = {*names("policies"), *names("severities")}
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", PAGE)) <= rules
