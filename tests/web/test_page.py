"""The page in a real browser: every control does what it says, nothing fails, nobody disturbs anybody else."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import zipfile

import pytest

from adlabm.registry import PACKAGE
from adlabm.reports.tables import View
from adlabm.reports.words import headline
from adlabm.sweep.store import file_hash, read_run

TABS = ("Market", "Traders", "Two worlds", "Sweep", "About")


def test_step_play_pause_and_reset(visit):
    visitor = visit()
    first = visitor.picture
    assert visitor.tick == 0
    visitor.step()
    stepped = visitor.until_drawn(first)
    visitor.choose("Ticks a second", "1")
    visitor.press("Play")
    visitor.button("Pause").wait_for()
    visitor.page.wait_for_function("() => !/tick [01] of/.test(document.querySelector('.clock').innerText)")
    visitor.press("Pause")
    visitor.button("Play").wait_for()
    assert visitor.until_drawn(stepped) != first
    visitor.press("Reset")
    visitor.until_tick(0)
    visitor.page.wait_for_function("source => document.querySelector('img.adl-picture').src === source", arg=first)


@pytest.mark.slow
def test_a_played_market_is_the_market_of_the_command_line(visit, tmp_path):
    visitor = visit(accept_downloads=True)
    visitor.type("Fund size", "0.02")
    visitor.type("Seed", "11")
    visitor.type("Length", "45")
    visitor.sees("Changed. Reset to apply.")
    visitor.press("Reset")
    visitor.sees("--seed 11")
    with visitor.page.expect_download() as early:
        visitor.press("Export this run")
    visitor.play_to_the_end()
    with visitor.page.expect_download() as late:
        visitor.press("Export this run")
    command = shlex.split(visitor.command)
    assert command[:5] == ["adlabm", "run", "crash", "--seed", "11"]
    files = {"run": tmp_path / "run"}
    subprocess.run([sys.executable, "-m", *command, "--out", str(files["run"])], cwd=PACKAGE.parent, capture_output=True, check=True)
    assert visitor.page.inner_text(".adl-headline") == headline(View(read_run(files["run"])))
    for name, download in (("early", early), ("late", late)):
        download.value.save_as(tmp_path / f"{name}.zip")
        files[name] = tmp_path / name
        zipfile.ZipFile(tmp_path / f"{name}.zip").extractall(files[name])
    same = {
        name: file_hash(files["run"] / name) for name in sorted(each.name for each in files["run"].iterdir()) if name != "manifest.json"
    }
    digest = json.loads((files["run"] / "manifest.json").read_text())["digest"]
    for name in ("early", "late"):
        assert json.loads((files[name] / "manifest.json").read_text())["digest"] == digest
        assert {each: file_hash(files[name] / each) for each in same} == same
        assert {each.name for each in files[name].iterdir()} == {*same, "manifest.json", "report.html"}


def test_wrong_values_are_answered_at_their_control(visit):
    visitor = visit()
    for label, wrong, sentence in (
        ("Fund size", "-1", "fund.share is -1, but must be at least 0"),
        ("Depth", "deep", "depth.share is 'deep', but must be a number"),
        ("Length", "1.5", "ticks is 1.5, but must be a whole number"),
        ("Seed", "-3", "The seed is '-3', but must be a whole number"),
        ("holders", "30000", "the page takes at most 20,000"),
    ):
        right = visitor.page.get_by_label(label, exact=False).first.input_value()
        visitor.type(label, wrong)
        visitor.sees(sentence)
        assert visitor.button("Reset").is_disabled()
        visitor.type(label, right)
        visitor.page.get_by_text(sentence).first.wait_for(state="detached")
    visitor.step()


@pytest.mark.slow
def test_every_control_reaches_the_market(visit):
    visitor = visit()
    visitor.set("Venue", "bitget")
    visitor.set("ADL policy", "contract-pro-rata")
    visitor.set("Profit taking", "trailing")
    for label, text in (("Median leverage", "8"), ("Crash size", "0.2"), ("Crash duration", "600"), ("Depth", "0.05"), ("holders", "10")):
        visitor.type(label, text)
    visitor.sees("Changed. Reset to apply.")
    visitor.press("Reset")
    visitor.sees("venue=bitget")
    for part in (
        "adl.policy=contract-pro-rata", "traders.6.profit_taking.rule=trailing", "traders.0.leverage.leverage.mu=2.07944",
        "[2400.0, 0.8]", "depth.share=0.05", "traders.0.count=10",
    ):  # fmt: skip
        assert part in visitor.command
    visitor.sees("ADL begins")
    visitor.set("Scenario", "oct10")
    visitor.sees("Changed. Reset to apply.")
    visitor.press("Reset")
    visitor.sees("adlabm run oct10")
    visitor.sees("of 120")


def test_two_visitors_do_not_meet(visit):
    first, second = visit(), visit()
    first.step()
    first.step()
    assert (first.tick, second.tick) == (2, 0)
    second.type("Seed", "8")
    second.press("Reset")
    second.sees("--seed 8")
    assert "--seed 7" in first.command
    assert first.tick == 2


def test_a_command_can_be_copied(visit):
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    visitor.press("Copy command")
    visitor.button("Copied").wait_for()
    assert visitor.page.evaluate("() => navigator.clipboard.readText()") == "adlabm run crash --seed 7"


@pytest.mark.parametrize("width", [1280, pytest.param(1920, marks=pytest.mark.slow), pytest.param(390, marks=pytest.mark.slow)])
def test_every_tab_fits(visit, width, tmp_path):
    visitor = visit(width=width, color_scheme="dark" if width == 390 else "light")
    for _ in range(2):
        visitor.step()
    for tab in TABS:
        visitor.open(tab)
        visitor.page.evaluate("() => window.scrollTo(0, 0)")
        visitor.page.screenshot(path=tmp_path / f"{width} {tab}.png", full_page=True)
        wide = visitor.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width, f"{tab} is wider than the window"
        words = [image.get_attribute("alt") for image in visitor.page.query_selector_all("img.adl-picture")]
        assert all(len(text) > 25 and not re.search(r"\bnan\b", text) for text in words)
