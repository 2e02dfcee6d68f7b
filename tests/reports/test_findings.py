"""Pages of studies, and what to cite."""

import re
import shutil

import pytest

from adlabm.errors import BadInput
from adlabm.registry import PACKAGE
from adlabm.reports.cite import citations
from adlabm.reports.findings import findings

RESULTS = PACKAGE.parent / "results"


def test_a_page_of_a_study_needs_nothing_else(tmp_path):
    shutil.copytree(RESULTS / "own-leverage", tmp_path / "own-leverage", ignore=shutil.ignore_patterns("raw", "report.html"))
    page = findings(tmp_path / "own-leverage").read_text()
    for words in ("Does lower leverage spare a trader", "<table>", "data:image/png;base64", "effects.csv", "study.toml", "contributors"):
        assert words in page, words
    assert not re.search(r"(src|href)=\"(http|file|/)", page)
    assert findings(tmp_path / "own-leverage").read_text() == page


def test_a_folder_that_is_neither_run_nor_study(tmp_path):
    with pytest.raises(BadInput, match=r"neither a run .* nor the results of a study"):
        findings(tmp_path)
    assert not list(tmp_path.iterdir())


def test_citations_name_the_sources_of_scenario_and_venue():
    found = citations("own-leverage")
    assert found[0].startswith("adlabm contributors")
    assert any("log-normal mu 1.55" in line for line in found)
    assert any(line.startswith("Generic perpetual-futures venue") for line in found)
    assert citations("crash") == found
    assert len(citations()) == 1
    with pytest.raises(BadInput, match="did you mean 'crash'"):
        citations("crush")
