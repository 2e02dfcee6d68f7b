"""Every page with blocks to follow does what it says, word by word, in a folder of its own."""

from pathlib import Path

import pytest

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
def test_a_how_to_page_adds_one_file(page):
    titles = [block.title for block in blocks(page) if block.title]
    assert len(titles) == 1
    assert titles[0].split("/")[0] in page.read_text(encoding="utf-8")
