"""Pages of studies, and what to cite."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from adlabm.errors import BadInput
from adlabm.registry import PACKAGE
from adlabm.reports.cite import citations
from adlabm.reports.findings import findings
from adlabm.sweep.run import run_study
from adlabm.sweep.study import Study

RESULTS = PACKAGE.parent / "results"


def test_a_page_of_a_study_needs_nothing_else(tmp_path):
    shutil.copytree(RESULTS / "own-leverage", tmp_path / "own-leverage", ignore=shutil.ignore_patterns("raw", "report.html"))
    page = findings(tmp_path / "own-leverage").read_text()
    for words in ("Does lower leverage spare a trader", "<table>", "data:image/png;base64", "effects.csv", "study.toml", "contributors"):
        assert words in page, words
    assert not re.search(r"(src|href)=\"(http|file|/)", page)
    assert findings(tmp_path / "own-leverage").read_text() == page


def test_a_page_of_any_sweep_shows_the_means_of_its_runs(tmp_path):
    study = Study(
        title="Mine", question="What does the fund do?", scenario="crash", sets=("ticks=60",), replications=3,
        outcomes=("fund_start", "fees"),
        axes=({"key": "fund.share", "values": (0.01, 0.05)},), treatments=({"name": "a"}, {"name": "b", "sets": ("fees.taker=0.0",)}),
    )  # fmt: skip
    with ThreadPoolExecutor(1) as executor:
        rows = run_study(study, executor=executor, jobs=1, out=tmp_path / "mine").rows
    page = findings(tmp_path / "mine").read_text()
    for words in ("Mine", "What does the fund do?", "12 of 12 runs", "data:image/png;base64", "contributors", "fees.taker=0.0"):
        assert words in page, words
    for (_, _), cell in rows.groupby(["fund.share", "treatment"]):
        assert f"<td>{cell['fund_start'].mean():.5g}</td>" in page
    assert run_study(study, jobs=1, out=tmp_path / "mine", resume=True).rows.equals(rows)  # the page is not in the way


def test_a_sweep_without_its_study_has_no_page(tmp_path):
    (tmp_path / "sweep.json").write_text("{}")
    with pytest.raises(BadInput, match="does not hold the study"):
        findings(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["sweep.json"]


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
    for wrong, near in (("crush", "crash"), ("own-leverag", "own-leverage")):
        with pytest.raises(BadInput, match=f"no scenario or study '{wrong}' .did you mean '{near}'"):
            citations(wrong)
