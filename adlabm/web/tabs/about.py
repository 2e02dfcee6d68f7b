"""What ADL is, in plain words, with the sources of the venue's rules and of every formula on screen."""

from __future__ import annotations

import inspect
import re
from html import escape
from typing import Any

import solara

from adlabm import catalogue, registry
from adlabm.adl.lights import lights
from adlabm.adl.scores import find_score
from adlabm.metrics.concentration import lorenz
from adlabm.reports.gauge import trigger_level
from adlabm.sweep.statistics import bca
from adlabm.web.session import Session
from adlabm.web.widgets import html, table

STORY = """
<h3>What you see</h3>
<p>On a perpetual-futures exchange traders bet on a price with borrowed money. When the price moves against a trader until the margin no
longer suffices, the exchange <strong>liquidates</strong>: it closes the position in the market. If the market takes it only at a worse
price than the trader can pay, the <strong>insurance fund</strong> pays the difference, or takes the position over. When the fund cannot
either, the exchange closes what is left against traders who are <strong>winning</strong>, whether they wish it or not. That is
<strong>auto-deleveraging, ADL</strong>. Every contract that one side loses the other side wins, so there is nobody else to ask.</p>
<p>Who is asked first is a rule of the exchange. Most put the winners in a queue by profit and leverage and show each its place by five
<strong>lights</strong>: five lit, and you are next. The deleveraged lose no money that they had at that moment's price; they lose their
position, and whatever it would have gained or lost afterwards. What they get less than that moment's price is the
<strong>haircut</strong>.</p>
<p>Here the traders, the exchange and its fund are simulated. The same settings and the same seed give the same market, to the last unit,
on this page and with <code>adlabm run</code>. It is no forecast and no advice.</p>
"""

NOTES = """
<p class="adl-soft">Venue notes: the exchanges' own pages on liquidation, funds and ADL, as read from 2024 to 2026. Market models and
measurement notes: literature on markets and on 10 October 2025. <code>docs/references.md</code> names what stands behind each section.</p>
"""


@solara.component
def About(session: Session, frame: int) -> None:
    """The last tab."""
    settings = session.live.settings
    venue = catalogue.entry("venues", settings["venue"])
    with solara.Div(classes=["adl-card", "adl-about"]):
        html(STORY)
    with solara.Div(classes=["adl-card", "adl-about"]):
        html(f"<h3>The rules of {escape(venue.summary)}</h3>" + _lines(venue.text.splitlines()) + _sources(venue.sources))
        if venue.differs:
            html(
                "<h3>Where the engine differs from what is published</h3>" + _lines(f"{key}: {text}" for key, text in venue.differs.items())
            )
    with solara.Div(classes=["adl-card", "adl-about"]):
        html("<h3>Formulas on screen</h3>" + table(["what", "formula", "source"], formulas(settings), "text") + NOTES)


def formulas(settings: dict[str, Any]) -> list[list[str]]:
    """What is on screen, by which formula, from which source; the rules are those of the scenario."""
    shown = [
        ("ADL policy", registry.find("policies", settings["adl"]["policy"])),
        ("score of the queue", find_score(settings["adl"]["score"]).function) if "score" in settings["adl"] else None,
        ("lights", lights),
        ("fund rule", registry.find("fund", settings["fund"]["rule"])),
        ("ADL trigger", registry.find("triggers", settings["fund"]["trigger"])),
        ("fund gauge", trigger_level),
        ("Lorenz curve", lorenz),
        ("intervals of a sweep", bca),
    ]
    fixed = [
        ["profit", "quantity x (mark - entry) over |entry value|", "definition of a linear perpetual (design)"],
        ["leverage", "|quantity| x mark over equity of the margin account", "BitMEX, effective leverage (venue notes 2)"],
        ["haircut", "(mark of the event - close price) x signed quantity", "measurement notes 11, 12"],
        ["open interest", "sum of long lots x mark", "definition"],
        ["mark price", "index x (1 + clip(average of trade / index - 1 over mark.tau_s, -mark.clamp, mark.clamp))", "market models 3.2"],
        [
            "premium, funding",
            "P = trade / index - 1; clip(mean P + clip(interest - P, damper), cap)",
            "Binance, BitMEX (venue notes 5); market models 3.2",
        ],
        ["depth", "contracts within 1 % = D1; within x: D1 (x / 1 %)^phi", "market models 3.1"],
    ]
    return [[name, *_formula(rule)] for name, rule in (each for each in shown if each)] + fixed


def _formula(rule: Any) -> list[str]:
    """The formula (or the first sentence) and the source in a docstring."""
    text = inspect.getdoc(rule) or ""
    parts = {
        name: re.search(rf"{name}: (.+?)(?=\n\n|\n[A-Z][a-z ]+:|\s(?:Source|Known for|Units):|\Z)", text, re.S)
        for name in ("Formula", "Source")
    }
    first = text.partition("\n\n")[0].partition(" Source:")[0]
    formula, source = (" ".join(found[1].split()) if (found := parts[name]) else "" for name in ("Formula", "Source"))
    return [formula or " ".join(first.split()), source or "docs/references.md"]


def _lines(lines: Any) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines if line.strip()) + "</ul>"


def _sources(sources: list[str]) -> str:
    return f"<p><strong>Sources</strong></p>{_lines(sources)}" if sources else ""
