"""Every page with blocks to follow does what it says, word by word, in a folder of its own."""

import doctest
import inspect
from pathlib import Path

import nbformat
import pytest

from adlabm import plug_ins, registry
from tests.docs import notebooks
from tests.docs.pages import DOCS, blocks, follow

PAGES = [DOCS / "index.md", *(page for page in sorted(DOCS.glob("*/*.md")) if blocks(page))]
NEEDS_DATA = {"real-day.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_does_what_it_says(page: Path, tmp_path, request, monkeypatch):
    if page.name in NEEDS_DATA:
        monkeypatch.setenv("ADLABM_DATA", str(request.getfixturevalue("data")))
    for block, printed in follow(page, tmp_path):
        assert printed == block.text, f"{page.name} shows something else; python -m tests.docs.pages {page} writes what is printed now"


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent.name == "how-to"], ids=lambda page: page.stem)
def test_a_how_to_page_adds_one_file(page, tmp_path, monkeypatch):
    """It is found by its name, and the example in its docstring holds."""
    (file,) = (block for block in blocks(page) if block.title)
    path = tmp_path / file.title
    path.parent.mkdir(parents=True)
    path.write_text(file.text, encoding="utf-8")
    monkeypatch.setenv(plug_ins.VARIABLE, str(tmp_path))
    registry.all_rules.cache_clear()
    family, key = file.title.split("/")[0], path.parent.name if path.name == "study.toml" else path.stem.replace("_", "-")
    try:
        assert registry.source_file(family, key) == path
        if path.suffix == ".py":
            assert not doctest.testmod(inspect.getmodule(registry.find(family, key))).failed
    finally:
        registry.all_rules.cache_clear()


@pytest.mark.parametrize("name", notebooks.TUTORIALS)
def test_a_notebook_is_its_tutorial(name):
    """Word by word, cell by cell, and it shows what the page shows."""
    kept, made = nbformat.read(notebooks.FOLDER / f"{name}.ipynb", as_version=4), notebooks.notebook(name)
    nbformat.validate(kept)
    anew = "python -m tests.docs.notebooks writes it anew"
    assert [(cell.id, cell.source) for cell in kept.cells] == [(cell.id, cell.source) for cell in made.cells], anew
    page = "".join(block.text for block in blocks(DOCS / "tutorials" / f"{name}.md") if block.kind == "text")
    assert [line.rstrip() for line in notebooks.printed(kept).splitlines()] == page.splitlines(), anew


@pytest.mark.slow
@pytest.mark.parametrize("name", notebooks.TUTORIALS)
def test_a_notebook_runs(name):
    kept = nbformat.read(notebooks.FOLDER / f"{name}.ipynb", as_version=4)
    assert notebooks.printed(notebooks.run(notebooks.notebook(name))) == notebooks.printed(kept)
