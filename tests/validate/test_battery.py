"""The battery: what counts, what it says of a short market and of real prices, and its command."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from adlabm.cli import app
from adlabm.errors import BadInput
from adlabm.scenario import Scenario
from adlabm.validate import report as reports
from adlabm.validate import validate
from adlabm.validate.battery import REAL, Found
from adlabm.validate.gates import GATES, Gate
from adlabm.validate.observed import Observed, of_files
from adlabm.validate.statistics import acf

GATE = Gate("2", "a tail", lambda x: 1.0, 2.0, 4.0, "price")
DATA = Path(os.environ.get("ADLABM_DATA", "")) / REAL


def found(runs, null, process="gbm"):
    return Found(GATE, np.array(runs, float), np.array(null, float), math.nan, GATE.label(process))


def test_funding_at_the_anchor_and_over_a_year():
    """Of four payments every eight hours one is the usual 0.01 %; the mean is a year's, 1,095 of them."""
    market = Observed(np.zeros(0), funding=np.array([1e-4, 3e-4, -1e-4, 1e-3]), interval_s=28_800.0)
    shown = {gate.name: gate.measure(market) for gate in GATES if gate.fact == "13"}
    assert shown == {"funding intervals at the anchor": 0.25, "mean funding per year": pytest.approx(3.25e-4 * 1095)}


def test_what_counts_as_evidence():
    good, bad, half, nothing = [[3.0] * 5] * 2, [[9.0] * 5] * 2, [[3.0, 3.0, 3.0, 9.0, 9.0]] * 2, [[math.nan] * 5] * 2
    assert found([[3.0, math.inf, math.inf]] * 2, bad).verdict == "fail", "infinite is a value, nan is none"
    assert [found(each, bad).verdict for each in (good, bad, half, nothing)] == ["pass", "fail", "warn", "none"]
    assert found(good, bad).counts
    assert not found(good, half).counts, "a gate that half of the null runs pass is no evidence"
    assert found(good, nothing).counts
    assert not found(nothing, bad).counts, "what a market does not show is neither for nor against it"
    assert not found(good, bad, "garch").counts, "an index with tails of its own brings them along"
    assert {each.of for each in GATES} == {"price", "market", "input"}
    assert all(each.label("gbm") == "input" for each in GATES if each.fact in ("10", "11"))
    assert all(each.low < each.high for each in GATES)


def test_intervals_over_seeds_and_over_populations():
    runs = [[3.0, 3.1, 3.2], [5.0, 5.1, 5.2], [4.0, 4.1, 4.2]]
    each = found(runs, runs)
    assert each.middle == pytest.approx(4.1)
    assert each.over_seeds == pytest.approx((4.0, 4.2))
    assert each.over_populations == pytest.approx((3.1, 5.1))


@pytest.fixture(scope="module")
def short():
    return validate("calm", populations=2, seeds=2, sets=("ticks=8640",))


def test_a_short_market(short, tmp_path):
    table = reports.table(short).set_index("statistic")
    assert len(table) == len(GATES)
    assert (table.loc[table.label == "input", "null_verdict"] == "none").all()
    assert not table.loc["depth exponent phi", "counts"]
    assert table.loc["median absolute premium", "null"] == 0.0
    assert table.loc["depth exponent phi", "median"] == Scenario.load("calm").depth.phi
    tails = table.loc["tail exponent of absolute returns, top 5 %"]
    assert tails.null > 4 > tails["median"], "a Gaussian index has thin tails, the market on it has not"
    assert "gates that count pass" in reports.text(short)
    reports.write(short, tmp_path / "out")
    assert (tmp_path / "out" / "gates.csv").read_text().count("\n") == len(GATES) + 1
    lines = [each for each in reports.text(short).splitlines() if each.startswith("|")]
    assert {each.count("|") for each in lines} == {12}, "every row has all cells"


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the real prices of ADLABM_DATA (adlabm data where)")
def test_real_prices_are_measured_as_published_with_the_data():
    real = of_files(DATA.glob("*.zip"))
    size = np.abs(real.returns)
    assert real.returns.std() == pytest.approx(0.00156, rel=0.15)
    lags = np.array([1, 5, 12, 50])
    assert acf(size, lags) == pytest.approx([0.35, 0.23, 0.17, 0.09], abs=0.05)
    assert len(real.returns) < 61 * 288 - 280, "no return spans the missing day"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"scenario": "crash"}, "crash lasts 0.1 days; the battery needs at least 6"),
        ({"seeds": 1}, "4 populations of 1 seeds; an interval needs at least 2"),
    ],
)
def test_bad_input(given, said):
    with pytest.raises(BadInput, match=said):
        validate(**given)


def test_the_command(short, tmp_path, monkeypatch):
    asked = {}
    monkeypatch.setattr("adlabm.validate.validate", lambda scenario, **given: asked.update(given, scenario=scenario) or short)
    arguments = ["validate", "crash", "--populations", "5", "--seeds", "6", "--set", "ticks=4320", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert (asked["scenario"], asked["populations"], asked["seeds"], asked["sets"]) == ("crash", 5, 6, ("ticks=4320",))
    assert result.output.startswith(reports.text(short))
    assert (tmp_path / "out" / "report.md").exists()
