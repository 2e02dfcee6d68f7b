"""The page is whole, self-contained, safe against what a scenario may say, and readable without pictures."""

from __future__ import annotations

import base64
import dataclasses
import html.parser
import re
import sys
import types
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib
import pytest

import adlabm.reports.html
from adlabm.reports import across_traders, figures, panels
from adlabm.reports.demo import demo
from adlabm.reports.html import render, report
from adlabm.reports.style import svg
from adlabm.reports.tables import View, by_leverage, short
from adlabm.sweep.store import prepare_out, write_run
from tests.reports.fake_run import fake_run

FIGURES = ["prices", "fund", "open-interest", "depth", "funding", "by-leverage", "by-rule", "lights", "lorenz"]


class Tags(html.parser.HTMLParser):
    """Collects start tags and checks that they close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def tags(page: str) -> list[tuple[str, dict]]:
    parser = Tags()
    parser.feed(page)
    assert parser.open == []
    return parser.found


@pytest.fixture(scope="module")
def page(crash):
    return render(crash)


@pytest.fixture
def undrawn(monkeypatch):
    """Leaves out the slow part, where a test is not about it."""
    monkeypatch.setattr(adlabm.reports.html, "svg", lambda figure: "<svg/>")


def test_page_is_whole_and_self_contained(page):
    found = tags(page)
    assert [attrs["id"] for tag, attrs in found if tag == "figure"] == FIGURES
    assert not {tag for tag, _ in found} & {"script", "link", "iframe", "object", "embed", "form", "base"}
    for tag, attrs in found:
        assert not any(name.startswith("on") or name in ("href", "srcset") for name in attrs), tag
        assert attrs.get("src", "data:").startswith("data:image/svg+xml;base64,") or tag != "img"
    assert "url(" not in page
    assert "@import" not in page
    assert len(page) < 2_000_000


def test_pictures_have_words(page):
    for _, attrs in (found for found in tags(page) if found[0] == "img"):
        assert len(attrs["alt"]) > 40
        drawing = ET.fromstring(base64.b64decode(attrs["src"].split(",")[1]))
        assert drawing.tag.endswith("svg")
        assert "http" not in "".join(value for node in drawing.iter() for name, value in node.attrib.items() if name.endswith("href"))


def test_page_mentions_the_numbers(page, crash):
    for key in ("adl_notional", "liquidated_notional", "haircut", "fund_start", "fund_end", "uncovered_loss", "deficit"):
        assert short(crash.number(key)) in page
    assert f"{crash.run.summary['equity_end']:,f}" in page
    assert crash.run.manifest["notices"][0] in page
    assert "traders.0.signal.rule" in page
    assert crash.run.manifest["chain"] in page


def test_what_a_scenario_says_stays_text(crash):
    evil = "<script>alert(1)</script>"
    scenario = {**crash.scenario, "title": evil, "story": '"><img src=x onerror=alert(2)>', evil: evil}
    manifest = {**crash.run.manifest, "notices": [evil], "notes": [evil], "scenario": evil, "inputs": [{"path": evil, "rows": 3}]}
    traders = crash.run.traders
    at = traders.column_names.index("profit_taking")
    names = [r"$\frac{" + evil if name == "none" else name for name in traders["profit_taking"].to_pylist()]
    run = dataclasses.replace(crash.run, scenario=scenario, manifest=manifest, traders=traders.set_column(at, "profit_taking", [names]))
    text = render(View(run))
    assert "<script" not in text
    assert "<img src=x" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6
    assert tags(text)


def test_equal_runs_give_equal_pages(page):
    assert render(View(fake_run(traders=120, ticks=200))) == page


def test_drawing_leaves_no_state(crash):
    before = dict(matplotlib.rcParams)
    figure = across_traders.lorenz(crash)
    assert svg(figure) == svg(across_traders.lorenz(crash))
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_bars_start_at_nothing(crash):
    """Else their lengths would lie."""
    table = by_leverage(crash)
    axes = across_traders.burden(table[table["adl_notional"] > 1.0], "leverage").axes[1]
    assert axes.get_xlim()[0] <= 0.0 < max(bar.get_width() for bar in axes.patches) < axes.get_xlim()[1]


def test_calm_run_has_no_empty_figures(calm, undrawn):
    text = render(calm)
    assert [attrs["id"] for tag, attrs in tags(text) if tag == "figure"] == FIGURES[:5]
    assert not re.search(r"\bnan\b", re.sub(r"base64,[^\"]*", "", text))


def test_the_view_narrows_to_the_cascade(crash, calm):
    begin, end = panels.window(crash)
    busy = crash.of_kind("adl")["at"]
    assert begin < busy.min()
    assert busy.max() < end
    assert panels.window(calm) == (calm.start, calm.series["at"].max())


def test_long_lines_keep_their_peaks():
    import numpy as np
    import pandas as pd

    from adlabm.reports.style import half, thin

    y = pd.Series(np.random.default_rng(1).normal(size=50_000))
    x, kept = thin(half()[1], pd.Series(np.arange(50_000)), y)
    assert len(kept) == len(x) < 2 * 72 * 5.1
    assert (kept.max(), kept.min(), kept.iloc[-1]) == (y.max(), y.min(), y.iloc[-1])


def test_one_group_one_bar(crash):
    assert svg(across_traders.burden(by_leverage(crash).iloc[-1:], "leverage"))


def test_captions_name_the_length(crash, calm):
    assert figures.days(crash) == "3.33 hours"
    assert figures.days(calm) == "40 minutes"


def test_report_in_the_folder(tmp_path, crash, undrawn):
    out = write_run(tmp_path / "run", crash.run)
    path = report(out)
    assert path == out / "report.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert prepare_out(out) == out
    assert not [name for name in out.iterdir() if name.suffix == ".partial"]


def test_demo(tmp_path, monkeypatch, crash, undrawn):
    asked = {}

    def run(scenario, *, seed=0, out=None, progress=None):
        asked.update(scenario=scenario, seed=seed, progress=progress)
        return types.SimpleNamespace(summary=crash.run.summary, notes=["A note."], out=write_run(out, crash.run), tables=crash.run)

    api = types.ModuleType("adlabm.api")
    api.run = run
    monkeypatch.setitem(sys.modules, "adlabm.api", api)
    monkeypatch.chdir(tmp_path)
    said, page = demo(progress=print)
    assert asked == {"scenario": "oct10", "seed": 7, "progress": print}
    assert Path(page).resolve() == tmp_path / "adlabm-demo" / "report.html"
    assert Path(page).exists()
    for part in ("Who was liquidated?", "Who was deleveraged?", "A note.", str(page), "adlabm run oct10 --seed 8"):
        assert part in said


def test_figures_follow_the_page_into_the_dark(crash):
    figure = across_traders.lorenz(crash)
    light, dark, either = svg(figure, False), svg(figure, True), svg(figure)
    assert "#4a5159" in light
    assert "#4a5159" not in dark
    assert "prefers-color-scheme: dark" in either
    assert re.findall(r"(?<!, )#4a5159", either) == []  # only as what a variable falls back to
    assert ET.fromstring(either).tag.endswith("svg")
