"""The counts can fail, say how to repeat what failed, and the page shows what was kept."""

import ast
import json

import pytest

from evidence import mutation, page
from evidence.count import COUNTS, Case, Count, Tally, count, numbers_of, promise, run, try_case
from evidence.counts import mutants, package


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_says_what_it_promises(name):
    each = count(name)
    assert promise(name).endswith(".")
    assert each.scope.endswith((".", ")"))
    assert 0 <= each.floor <= each.target


def broken(number: int) -> Case:
    """Every third case fails, every fifth raises."""
    if number % 5 == 4:
        raise ArithmeticError("so it is")
    return Case(2, "it broke" if number % 3 == 2 else "", {"met": 1})


@pytest.fixture
def canary(monkeypatch):
    """A count that fails, in the place of every other."""
    canary = Count("cases", "Nothing.", 10, 20, broken, cases=8)
    monkeypatch.setattr("evidence.count.count", lambda name: canary)
    monkeypatch.setattr(page, "count", lambda name: canary)
    monkeypatch.setattr(page, "promise", lambda name: "It holds.")


def test_failures_are_counted_and_can_be_repeated(canary):
    tally = run("canary", numbers_of("canary"), 60)
    assert (tally.cases, tally.number, tally.facts["met"]) == (8, 14, 7)
    assert [failure.partition(" [")[2] for failure in tally.failures] == [
        f"python -m evidence canary --first {number} --cases 1]" for number in (2, 4, 5)
    ]
    assert tally.failures[1].startswith("ArithmeticError: so it is")
    assert try_case("canary", 0).failure == ""


def test_time_ends_a_count(canary):
    assert run("canary", numbers_of("canary"), 0.0).cases == 1


def test_the_page_shows_what_was_kept(canary, monkeypatch, tmp_path):
    monkeypatch.setattr(page, "KEPT", tmp_path / "evidence.json")
    monkeypatch.setattr(page, "PAGE", tmp_path / "evidence.md")
    monkeypatch.setattr(page, "COUNTS", ("canary", "never"))
    monkeypatch.setattr(page, "_code", lambda name: "as it is")
    page.record("canary", run("canary", numbers_of("canary"), 60))
    page.write_page()
    kept, text = json.loads((tmp_path / "evidence.json").read_text())["canary"], (tmp_path / "evidence.md").read_text()
    assert kept.keys() >= {"number", "failures", "commit", "date", "machine", "command", "minutes", "scope"}
    assert "| [It holds.](#canary) | 14 cases, below the target | 10 | 20 | **3** |" in text
    assert "| It holds. | not counted yet | 10 | 20 | |" in text
    assert all(failure in text for failure in kept["failures"])


def test_a_count_is_continued_while_the_code_is_the_same(canary, monkeypatch, tmp_path):
    monkeypatch.setattr(page, "KEPT", tmp_path / "evidence.json")
    monkeypatch.setattr(page, "_code", lambda name: "as it is")
    assert page.kept("canary") == Tally()
    page.record("canary", run("canary", numbers_of("canary", cases=3), 60))
    whole = page.kept("canary") + run("canary", numbers_of("canary", first=page.kept("canary").cases), 60)
    assert (whole.cases, whole.number, whole.facts["met"], len(whole.failures)) == (8, 14, 7, 3)
    monkeypatch.setattr(page, "_code", lambda name: "changed")
    assert page.kept("canary") == Tally()


def test_the_code_of_a_count_is_the_package_its_own_file_and_the_tests_it_uses(monkeypatch):
    once = page._code("oracle")
    assert page._code("oracle") == once != page._code("markets")
    monkeypatch.setattr("evidence.page.count", lambda name: Count("worlds", "Nothing.", 1, 1, broken, tests=("kernels",)))
    assert page._code("oracle") != once


@pytest.mark.parametrize(("field", "most"), [(mutants.FIELD, 5000), (package.FIELD, 12000)], ids=["mutants", "package"])
def test_every_mutant_can_be_made(field, most):
    """A random few of them: each differs from the file it comes from, and is a program."""
    for file, number in field.plan()[:100]:
        name, _, text = mutation.mutant(file, number)
        assert ast.dump(ast.parse(text)) != ast.dump(ast.parse((mutation.PACKAGE / file).read_text()))
        assert name.startswith(f"{file}: ")
        assert " -> " in name
    assert len(field.plan()) > most


def test_every_file_is_changed_but_those_that_are_named():
    left = {path.relative_to(mutation.PACKAGE).as_posix() for path in mutation.PACKAGE.rglob("*.py")}
    left -= {*package.files()}
    assert {file for file in left if not file.startswith("web/")} == {"cli.py", mutants.LEFT_OUT}
    assert {*mutants.files()} < {*package.files()}


def test_every_test_may_notice_a_change_but_those_that_are_named():
    folders = {word for word in mutants.UNCOMPILED.words if not word.startswith("--")}
    for path in (mutation.ROOT / "tests").rglob("test_*.py"):
        file = path.relative_to(mutation.ROOT).as_posix()
        uncompiled = any(file.startswith(folder) for folder in folders) and f"--ignore={file}" not in mutants.UNCOMPILED.words
        apart = file.split("/")[1] in package.APART
        assert uncompiled + apart + (file in package.COMPILED.words) == 1, file


def test_the_committed_page_is_that_of_the_committed_numbers(monkeypatch, tmp_path):
    monkeypatch.setattr(page, "PAGE", tmp_path / "evidence.md")
    page.write_page()
    assert (tmp_path / "evidence.md").read_text() == (page.ROOT / "docs" / "evidence.md").read_text()


@pytest.mark.parametrize("number", range(3), ids=["page", "workers", "cluster"])
def test_no_program_listens_to_other_machines(number):
    for needed in ("psutil", "distributed", "solara"):
        pytest.importorskip(needed)
    found = try_case("listeners", number)
    assert not found.failure
    assert found.number == 1
