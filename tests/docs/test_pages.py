"""Every page with blocks to follow does what it says, word by word, in a folder of its own."""

import doctest
import inspect
from pathlib import Path

import pytest

from adlabm import plug_ins, registry
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
