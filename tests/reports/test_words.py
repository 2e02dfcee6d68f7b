"""Plain words carry the numbers of the run."""

from __future__ import annotations

import pytest

import adlabm
from adlabm.reports.html import render
from adlabm.reports.tables import View, short
from adlabm.reports.words import adl_lines, basis_points, headline, percent, story, text


def test_text_mentions_the_numbers(crash):
    said = text(crash)
    own = crash.traders
    liquidated, hit = int((own["liquidations"] > 0).sum()), crash.run.summary["adl_traders"]
    flat = " ".join(said.split())
    assert f"{liquidated} of 120 traders were liquidated, and {hit} on the winning side were deleveraged" in flat
    for key in ("liquidated_notional", "adl_notional", "haircut", "fund_start", "fund_end", "uncovered_loss"):
        assert short(crash.number(key)) in flat, key
    for word in ("Leverage at entry", "Profit taking", "5 lights", "10x to 20x", "ladder", "trailing", "1 h later"):
        assert word in flat
    assert max(map(len, said.splitlines())) <= 100


def test_every_section_answers(crash):
    assert [section.title for section in story(crash)] == [
        "Who was liquidated?",
        "Who was deleveraged?",
        "What did it cost the deleveraged?",
        "How did the insurance fund fare?",
    ]


def test_calm(calm):
    assert headline(calm).endswith("and nobody was liquidated or deleveraged.")
    said = " ".join(text(calm).split())
    assert "Nobody: every account kept its maintenance margin." in said
    assert "No loss was left uncovered." in said
    assert adl_lines(calm) == []


def test_adl_lines(crash):
    lines = adl_lines(crash)
    assert len(lines) == crash.run.summary["adl_events"]
    first = crash.of_kind("adl").iloc[0]
    for part in (
        first["contract"],
        f"trader {first['trader']:.0f} ",
        f"bankrupt {first['counterparty']:.0f} (trigger",
        "haircut",
        "markout 1 h",
    ):
        assert part in lines[0]
    assert adl_lines(crash, 2)[2] == f"and {len(lines) - 2} more in events.parquet"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.123, "12 %"), (0.0123, "1.2 %"), (0.00123, "0.12 %"), (1e-6, "under 0.01 %"), (float("nan"), "n/a")],
)
def test_percent(share, text):
    assert percent(share) == text


def test_basis_points():
    assert [basis_points(x) for x in (0.00494, 0.00012, 0, float("nan"))] == ["49 bp", "1.2 bp", "0 bp", "n/a"]


def test_who_gives_money_and_keeps_the_position():
    view = View(adlabm.run("crash", sets=["adl.policy=pnl-pro-rata", "fund.share=0.05", "ticks=40"]).tables)
    cost = view.run.summary
    assert cost["adl_events"]
    assert not cost["adl_notional"]
    said = " ".join(text(view).split())
    assert "They gave money and kept their positions." in said
    assert f"What did it cost the deleveraged? They gave {short(view.number('haircut'))}." in said
    first = view.of_kind("adl").iloc[0]
    assert f"trader {first['trader']:.0f} (" in adl_lines(view, 1)[0]
    assert f"gave {short(first['amount'])} for bankrupt {first['counterparty']:.0f} (trigger" in adl_lines(view, 1)[0]
    assert "They gave money" in render(view)
