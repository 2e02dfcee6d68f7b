"""The tables add up to the summary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from adlabm.reports.gauge import gauge
from adlabm.reports.tables import by_leverage, by_profit_taking, every_adl, hardest_hit, lights, short, steps


def test_the_gauge_knows_what_the_fund_is_worth_now(crash):
    """The fund of this run carries positions up to its equity."""
    shown, equity = gauge(crash, 5.0), crash.totals["fund_equity"]
    assert shown.level == equity.iloc[-1] != equity.iloc[0]
    assert (shown.value, shown.top) == (5.0, 1.25 * equity.iloc[-1])


@pytest.mark.parametrize("table", [by_leverage, by_profit_taking])
def test_groups_add_up(crash, table):
    rows, own = table(crash), crash.traders
    assert rows["liquidated"].sum() == (own["liquidations"] > 0).sum() > 0
    assert rows["deleveraged"].sum() == crash.run.summary["adl_traders"] > 0
    assert rows["adl_notional"].sum() == pytest.approx(crash.number("adl_notional"))
    assert rows["haircut"].sum() == pytest.approx(crash.number("haircut"))
    hit = rows[rows["adl_notional"] > 0]
    assert (hit["haircut_bp"] * hit["adl_notional"] / 1e4).sum() == pytest.approx(crash.number("haircut"))
    assert rows["markout_24h_bp"].isna().all()


def test_leverage_bands_ascend(crash):
    labels = [str(label) for label in by_leverage(crash).index]
    known = ["up to 1x", "1x to 2x", "2x to 3x", "3x to 5x", "5x to 10x", "10x to 20x", "20x to 50x", "over 50x"]
    assert labels == [label for label in known if label in labels]


def test_markout_counts_only_what_is_known(crash):
    hit = crash.traders["adl_hits"] > 0
    some = crash.traders["adl_notional"].where(hit & crash.traders["markout_1h"].notna()).sum()
    rows = by_profit_taking(crash)
    assert (rows["markout_1h_bp"] * rows["markout_1h_of"] / 1e4).sum() == pytest.approx(crash.traders["markout_1h"].sum())
    assert rows["markout_1h_of"].sum() == pytest.approx(some)


def test_lights_share_the_whole(crash):
    assert lights(crash).sum() == pytest.approx(1)
    assert list(lights(crash).index) == [1, 2, 3, 4, 5]


def test_steps_are_the_events(crash):
    amounts = {label: amount for label, amount, _ in steps(crash)}
    assert amounts["Deleveraged (ADL)"] == pytest.approx(crash.number("adl_notional"))
    assert amounts["Closed in the market"] == pytest.approx(crash.number("liquidated_notional"))
    assert amounts["Loss nobody covered"] == crash.number("uncovered_loss")


def test_hardest_hit_first(crash):
    rows = hardest_hit(crash, 3)
    assert rows["adl_notional"].is_monotonic_decreasing
    assert rows["adl_notional"].iloc[0] == crash.traders["adl_notional"].max()


def test_every_adl(crash):
    rows = every_adl(crash)
    assert len(rows) == crash.run.summary["adl_events"]
    assert rows["haircut"].sum() == pytest.approx(crash.number("haircut"))
    known = rows[rows["markout_1h"].notna()]
    assert known["markout_1h"].sum() == pytest.approx(crash.traders["markout_1h"].sum())


def test_series_time_is_the_scenarios(crash):
    assert crash.series["at"].iloc[0] == pd.Timestamp("2025-10-10T20:51:00")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (142.307, "142.31"),
        (999.96, "1.00 k"),
        (164_368, "164.4 k"),
        (34_568_484, "34.57 M"),
        (2.5e9, "2.50 bn"),
        (-1234, "\N{MINUS SIGN}1.23 k"),
        (np.nan, "n/a"),
    ],
)
def test_short(amount, text):
    assert short(amount) == text
