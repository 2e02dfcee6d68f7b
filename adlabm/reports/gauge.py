"""The insurance fund as an exchange shows it: how far it is from the level at which ADL begins."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from adlabm.reports.tables import View, short

PEAK_WINDOW = pd.Timedelta(8, "h")


@dataclass(frozen=True)
class Gauge:
    """A gauge from nothing to `top`, in quote currency.

    Attributes:
        name: what `value` is.
        level: where ADL begins; None where the trigger looks at something else.
        rule: when ADL begins, in words.
    """

    name: str
    value: float
    top: float
    level: float | None
    rule: str

    def share(self, amount: float) -> float:
        """An amount as a share of the gauge, 0 to 1."""
        return min(max(amount / self.top, 0.0), 1.0) if self.top > 0 else 0.0


def gauge(view: View, carried: float) -> Gauge:
    """The gauge at the end of the view.

    Where ADL begins when the fund carries too much, the notional that it carries (`carried`, quote currency) against its limit,
    capacity x equity; elsewhere its equity against the most it was worth.
    """
    settings, equity = view.scenario["fund"], view.totals["fund_equity"]
    now = float(equity.iloc[-1])
    if _by_load(settings):
        limit = settings["capacity"] * max(now, 0.0)
        level = limit * (settings["start"] if settings["trigger"] == "capacity" else 1.0)
        return Gauge("positions it carries", carried, 1.25 * max(limit, 1.0), level, rule(view))
    return Gauge("equity", now, max(view.number("fund_start"), float(equity.max()), 0.0), trigger_level(view), rule(view))


def trigger_level(view: View) -> float | None:
    """The fund's equity at which ADL begins, quote currency; None where another quantity decides.

    Formula: (1 - start) x the highest equity of the last 8 hours where it begins by drawdown; zero for a fund that pays or takes as long as
        it has something. Source: OKX, Bybit, Bitget (venue notes 3.2, 3.3, 3.10).
    """
    settings = view.scenario["fund"]
    if settings["trigger"] == "drawdown":
        rows = view.totals
        recent = float(rows.loc[rows["at"] >= rows["at"].iloc[-1] - PEAK_WINDOW, "fund_equity"].max())
        young = rows["at"].iloc[-1] - view.start <= PEAK_WINDOW
        return (1 - settings["start"]) * (max(recent, view.number("fund_start")) if young else recent)
    return 0.0 if settings["trigger"] == "exhausted" and not _by_load(settings) else None


def rule(view: View) -> str:
    """When ADL begins, in one sentence."""
    settings = view.scenario["fund"]
    start, capacity = settings["start"], settings["capacity"]
    if settings["trigger"] == "drawdown":
        return f"ADL begins when the fund has lost {start:.0%} of its highest worth in 8 hours: below {short(trigger_level(view) or 0.0)}."
    if settings["trigger"] == "always":
        return "ADL goes before the fund, which takes only what no trader could."
    if settings["trigger"] == "capacity":
        return f"ADL begins when the positions that the fund carries exceed {start * capacity:g} times its equity."
    by_rule = {
        "inventory": f"ADL begins when the fund would carry more than {capacity:g} times its equity, or could not pay a position's loss.",
        "pay": "ADL begins when the fund's cash cannot pay the next loss.",
        "vault": "ADL begins when the vault is worth less than nothing: then its whole book goes.",
    }
    return by_rule.get(settings["rule"], "ADL begins when the fund can take no more.")


def _by_load(settings: dict[str, object]) -> bool:
    return settings["trigger"] == "capacity" or (settings["trigger"] == "exhausted" and settings["rule"] == "inventory")
