"""The pages that are written from the code name everything there is, links lead somewhere, and the data dictionary knows every column."""

import re
from importlib.util import module_from_spec, spec_from_file_location

import pytest

import adlabm
from adlabm import registry
from tests.docs.pages import DOCS

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def pages():
    """Path -> Markdown of all pages of the site."""
    spec = spec_from_file_location("adlabm_site", DOCS / "site.py")
    site = module_from_spec(spec)
    spec.loader.exec_module(site)
    return {path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")} | site.pages()


def test_reference_pages_name_everything(pages):
    assert set(adlabm.__all__) - {"__version__"} <= set(re.findall(r"^## (\w+)$", pages["reference/python.md"], re.MULTILINE))
    for command in ("run", "sweep", "list", "data check", "verify"):
        assert f"## adlabm {command}\n\n```text\nUsage: " in pages["reference/command-line.md"]
    for family, table in registry.FAMILIES.items():
        if table.holds != "toml":
            assert set(registry.names(family)) <= set(re.findall(r"^### (\S+)$", pages["reference/rules.md"], re.MULTILINE))
    assert all(f"reference/venues/{key}.md" in pages for key in registry.names("venues"))


def test_every_link_leads_somewhere(pages):
    for page, text in pages.items():
        for target in LINK.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
            if not re.match(r"[a-z]+:|#", target):
                path = (DOCS / page).parent.joinpath(target.partition("#")[0]).resolve()
                assert path.is_file() or path.relative_to(DOCS).as_posix() in pages, f"{page} links to {target}"


def test_the_data_dictionary_knows_every_column_and_key():
    result = adlabm.run("crash", sets=["ticks=2"])
    known = set(re.findall(r"\w+", (DOCS / "data-dictionary.md").read_text(encoding="utf-8")))
    tables = result.tables
    names = [*tables.traders.column_names, *tables.events.column_names, *tables.series.column_names, *result.summary]
    assert not set(names) - known
