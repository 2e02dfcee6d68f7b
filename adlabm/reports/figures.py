"""The figures of a report with their titles, captions and alternative texts; those that a run gives no reason for are left out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from adlabm.reports import across_traders, over_time, panels
from adlabm.reports.gauge import rule
from adlabm.reports.tables import View, by_leverage, by_profit_taking, lights, short, steps
from adlabm.reports.words import percent


@dataclass(frozen=True)
class Shown:
    """A figure as it stands on the page.

    Attributes:
        wide: whether it takes the whole width, or half of it.
    """

    key: str
    title: str
    caption: str
    alt: str
    figure: Figure
    wide: bool = False


def market(view: View) -> list[Shown]:
    """Prices with the waterfall marked, the fund, open interest."""
    first, fall = view.contracts[0], percent(view.number("max_drawdown"))
    start, end = view.number("fund_start"), view.number("fund_end")
    before, after = view.number("oi_start"), view.number("oi_end")
    forced = any(amount for _, amount, _ in steps(view)[:3])
    zoomed = panels.window(view) != (view.start, view.series["at"].max())
    note = f" The view is narrowed to the cascade; the run covers {days(view)}." if zoomed else ""
    band = " Shaded: minutes with ADL." if len(view.of_kind("adl")) else ""
    return [
        Shown(
            "prices",
            "Prices, and the waterfall under them" if forced else "Prices",
            f"Mark price, index and last trade{', and what became of liquidated positions' if forced else ''}.{band}{note}",
            f"Line chart of mark, index and last trade by contract; {first} falls {fall} at worst."
            + (" Below, bars of notional closed in the market, taken over by the fund and deleveraged, over time." if forced else ""),
            over_time.prices(view),
            wide=True,
        ),
        Shown(
            "fund",
            "The insurance fund",
            "Equity is cash plus inventory at the mark: a takeover at the bankruptcy price costs no cash, yet it can cost the fund dearly. "
            f"{rule(view)}",
            f"Line chart of the fund's cash and equity; equity goes from {short(start)} to {short(end)}.",
            over_time.alone(panels.fund, view),
        ),
        Shown(
            "open-interest",
            "Open interest",
            "Long positions at the mark, all contracts together; dashed without those the maker holds.",
            f"Line chart of open interest, from {short(before)} to {short(after)}.",
            over_time.alone(panels.open_interest, view),
        ),
        Shown(
            "depth",
            f"Depth of {first}",
            "Contracts within 1 % of the price, on each side of the book.",
            f"Line chart of bids and asks within 1 % of the price of {first}, in contracts.",
            over_time.alone(panels.depth, view, first),
        ),
        Shown(
            "funding",
            f"Funding of {first}",
            "Premium of the price over the index, and the funding rate that follows from it; a positive rate is paid by longs.",
            f"Line chart of premium and funding rate of {first}, as shares of the index price.",
            over_time.alone(panels.funding, view, first),
        ),
    ]


def people(view: View) -> list[Shown]:
    """Who was hit, by leverage and by profit-taking rule."""
    hit, liquidated = view.traders["adl_hits"] > 0, view.traders["liquidations"] > 0
    if not (hit | liquidated).any():
        return []
    caption = (
        "Share of the traders of each group (their number in brackets) that were liquidated or deleveraged at least once; what ADL "
        "closed; the haircut against the mark of the moment; and how much more (right of zero) or less the closed positions would have "
        "been worth later."
    )
    groups = (("leverage", "leverage at entry", by_leverage(view)), ("rule", "profit taking", by_profit_taking(view)))
    return [
        Shown(
            f"by-{key}",
            f"By {what}",
            caption if key == "leverage" else "The same by the rule by which traders take profits.",
            f"Bar charts by {what}: " + "; ".join(_row(label, row) for label, row in table.iterrows()) + ".",
            across_traders.burden(table, what),
            wide=True,
        )
        for key, what, table in groups
    ]


def fairness(view: View) -> list[Shown]:
    """Lights against what happened, and the Lorenz curve."""
    if not view.of_kind("adl")["notional"].sum():
        return []
    share = lights(view)
    shown = [
        Shown(
            "lights",
            "Did the lights tell?",
            "Each light stands for a fifth of the queue by contracts: if lights told nothing, each bar would reach 20 %.",
            "Bar chart of the share of deleveraged notional by lights: "
            + ", ".join(f"{n}: {percent(share[n])}" for n in share.index)
            + ".",
            across_traders.lights_against_outcome(view),
        )
    ]
    if (view.traders["adl_notional"] > 0).any():
        shown.append(
            Shown(
                "lorenz",
                "On how few did it fall?",
                "Traders who were deleveraged, least hit first. The lottery draws traders blindly and closes their positions of the start "
                "in full, until as much is closed: sizes are unequal to begin with.",
                f"Lorenz curve of what ADL closed; Gini coefficient {view.number('gini_adl_notional'):.2f}, the ten hit hardest carry "
                f"{percent(view.number('top10_share_adl_notional'))}.",
                across_traders.lorenz(view),
            )
        )
    return shown


def days(view: View) -> str:
    """The run's length in words."""
    minutes = (view.series["tick"].max() + 1) * view.tick_ms / 60_000
    for size, word in ((1440, "days"), (60, "hours"), (1, "minutes")):
        if minutes >= 2 * size:
            return f"{minutes / size:.3g} {word}"
    return f"{minutes * 60:.3g} seconds"


def _row(label: object, row: pd.Series) -> str:
    liquidated, deleveraged = percent(row["liquidated_share"]), percent(row["deleveraged_share"])
    return f"{label}, {liquidated} liquidated and {deleveraged} deleveraged"
