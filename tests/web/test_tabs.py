"""The tabs in a real browser: a trader is followed, two worlds differ in one rule, a study is drawn."""

from __future__ import annotations

import numpy as np
import pytest

import adlabm
from adlabm.reports import holders
from adlabm.reports.tables import View
from adlabm.reports.words import headline
from adlabm.web.choice import Choice
from adlabm.web.session import Session
from adlabm.web.widgets import NARROWEST, PIXELS_PER_INCH


def played(visit, ticks):
    """A visitor who has played a market of so many ticks to its end."""
    visitor = visit()
    visitor.type("Length", str(ticks))
    visitor.press("Reset")
    visitor.sees(f"ticks={ticks}")
    visitor.play_to_the_end()
    return visitor


@pytest.mark.slow
def test_a_click_on_a_point_or_a_row_follows_its_trader(visit):
    visitor = played(visit, 33)
    visitor.open("Traders")
    visitor.sees("Click one to follow it.")
    picture = visitor.page.locator("[data-tab='Traders'] img.adl-picture").first
    box = picture.bounding_box()
    same = Session(lambda: None)
    same.choose(Choice("crash", "7", {"ticks": "33"}))
    same.reset()
    same.advance(33)
    table = same.positions()
    _, spots = holders.positions(table, max(box["width"], NARROWEST) / PIXELS_PER_INCH)
    apart = np.hypot(*(spots[:, None] - spots[None]).T) + np.eye(len(spots))
    alone = int(apart.min(axis=0).argmax())
    picture.click(position={"x": spots[alone, 0] * box["width"], "y": spots[alone, 1] * box["height"]})
    visitor.sees(f"Trader {table['trader'].iloc[alone]}, group")
    row = visitor.page.locator(".adl-rows tbody tr").nth(4)
    trader = row.locator("td").nth(2).inner_text()
    row.click()
    visitor.sees(f"Trader {trader}, group")


@pytest.mark.slow
def test_a_trader_is_followed(visit):
    visitor = played(visit, 40)
    visitor.open("Traders")
    visitor.sees("off mark")
    visitor.press("First in the queue")
    visitor.page.wait_for_selector("h3:has-text('Trader ')")
    chosen = visitor.page.get_by_label("Follow trader").input_value()
    assert visitor.page.inner_text("h3:has-text('Trader ')").startswith(f"Trader {chosen}, group")
    visitor.page.get_by_label("Follow trader").fill("nobody")
    visitor.page.get_by_label("Follow trader").press("Enter")
    visitor.sees("There is no trader 'nobody'")
    visitor.press("Stop following")
    visitor.page.wait_for_selector("h3:has-text('Trader ')", state="detached")


@pytest.mark.slow
def test_two_worlds_differ_only_in_the_rule(visit):
    visitor = played(visit, 40)
    visitor.open("Two worlds")
    result = adlabm.run("crash", seed=7, sets=["ticks=40", "adl.policy=pnl-pro-rata"])
    visitor.sees(f"B {headline(View(result.tables))}")
    before = visitor.picture
    visitor.choose("Differ in", "venue")
    visitor.sees("A: generic")
    assert visitor.picture != before


def test_a_fresh_checkout_draws_finished_studies(visit):
    visitor = visit()
    visitor.open("Sweep")
    visitor.choose("Results folder", "fund-size")
    visitor.sees("How large must the insurance fund be")
    visitor.sees("finished table summary.csv")
    picture = "[data-tab='Sweep'] img.adl-picture[src^=data]"
    first = visitor.page.get_attribute(picture, "src")
    visitor.choose("Outcome", "fall")
    visitor.page.wait_for_function("([path, first]) => document.querySelector(path).src !== first", arg=[picture, first])
    assert "fall against fund.share" in visitor.page.get_attribute(picture, "alt")
