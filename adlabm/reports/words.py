"""The story of a run in plain words: what happened, who was liquidated, who was deleveraged, what it cost, how the fund fared."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from adlabm.reports.tables import HORIZONS, View, by_leverage, by_profit_taking, every_adl, lights, short


@dataclass(frozen=True)
class Section:
    """A question, its answer in a sentence or two, and short lines of detail."""

    title: str
    answer: str
    details: list[str] = field(default_factory=list)


def headline(view: View) -> str:
    """The run in one sentence."""
    liquidated, hit, whole = _liquidated(view), _deleveraged(view), len(view.traders)
    fell = f"The mark of {view.contracts[0]} fell {percent(view.number('max_drawdown'))} at worst"
    if hit:
        return (
            f"{fell}; {liquidated:,} of {whole:,} traders were liquidated, and {hit:,} on the winning side were deleveraged, because "
            f"neither the market nor the fund could take what was left."
        )
    if liquidated:
        return f"{fell}; {liquidated:,} of {whole:,} traders were liquidated, and nobody was deleveraged."
    return f"{fell}, and nobody was liquidated or deleveraged."


def story(view: View) -> list[Section]:
    """All sections, in the order of the waterfall."""
    return [who_was_liquidated(view), who_was_deleveraged(view), what_it_cost(view), the_fund(view)]


def who_was_liquidated(view: View) -> Section:
    """Counts and notional, by leverage at entry and by profit-taking rule."""
    count = _liquidated(view)
    if not count:
        return Section("Who was liquidated?", "Nobody: every account kept its maintenance margin.")
    notional, opened = view.number("liquidated_notional"), view.number("oi_start")
    answer = (
        f"{_of(count, len(view.traders), 'trader')}. Positions worth {short(notional)} were liquidated, {percent(notional / opened)} "
        f"of the open interest at the start."
    )
    return Section("Who was liquidated?", answer, _most_often(view, "liquidated"))


def who_was_deleveraged(view: View) -> Section:
    """Counts and notional, by leverage at entry, by profit-taking rule and by the lights that were lit."""
    count = _deleveraged(view)
    if not count:
        return Section("Who was deleveraged?", "Nobody: the market and the fund took every position that was liquidated.")
    notional, opened = view.number("adl_notional"), view.number("oi_start")
    answer = f"{_of(count, len(view.traders), 'trader')}, in {_count(view.run.summary['adl_events'], 'event')}. " + (
        f"Positions worth {short(notional)} were closed, {percent(notional / opened)} of the open interest at the start; the ten hit "
        f"hardest carried {percent(view.number('top10_share_adl_notional'))} of it."
        if notional
        else "They gave money and kept their positions."
    )
    details, share = _most_often(view, "deleveraged"), lights(view)
    lit = ", ".join(f"{_count(n, 'light')} {percent(share[n])}" for n in sorted(share.index, reverse=True) if share[n] > 0)
    if lit:
        details.append(f"By lights, as they stood just before, of what was closed: {lit}.")
    return Section("Who was deleveraged?", answer, details)


def what_it_cost(view: View) -> Section:
    """Haircut at the moment, and markout afterwards."""
    title = "What did it cost the deleveraged?"
    closed, haircut = view.number("adl_notional"), view.number("haircut")
    if not _deleveraged(view):
        return Section(title, "Nothing: nobody was deleveraged.")
    if not closed:
        return Section(title, f"They gave {short(haircut)}.")
    verb = "lost" if haircut >= 0 else "gained"
    answer = f"Against the mark of the moment they {verb} {short(abs(haircut))}, {basis_points(haircut / closed)} of what was closed."
    details = []
    for name, (label, _) in HORIZONS.items():
        known = view.traders[view.traders[name].notna() & (view.traders["adl_hits"] > 0)]
        if len(known):
            missed = known[name].sum()
            word = "would have been worth more" if missed >= 0 else "would have been worth less"
            rate = basis_points(abs(missed) / known["adl_notional"].sum())
            details.append(f"{label} later, what was closed {word} by {short(abs(missed))} ({rate}).")
    return Section(title, answer, details)


def the_fund(view: View) -> Section:
    """Start, end, what it earned, paid and could not pay."""
    start, end, uncovered = view.number("fund_start"), view.number("fund_end"), view.number("uncovered_loss")
    change = f"{percent(abs(end / start - 1))} {'more' if end >= start else 'less'}" if start > 0 else f"{short(end - start)} more"
    low = view.totals["fund_equity"].min()
    answer = f"The insurance fund began with {short(start)} and ended with {short(end)}, {change}; at its lowest it was worth {short(low)}."
    lost = f"Losses of {short(uncovered)} found nobody to bear them." if uncovered else "No loss was left uncovered."
    return Section("How did the insurance fund fare?", answer, [lost])


def text(view: View, width: int = 100) -> str:
    """The whole story for a terminal."""
    blocks = [textwrap.fill(headline(view), width)]
    for section in story(view):
        lines = [textwrap.fill(section.answer, width, initial_indent="  ", subsequent_indent="  ")]
        lines += [textwrap.fill(line, width, initial_indent="  - ", subsequent_indent="    ") for line in section.details]
        blocks.append("\n".join([section.title, *lines]))
    if _liquidated(view) or _deleveraged(view):
        blocks += [_grid("Leverage at entry", by_leverage(view)), _grid("Profit taking", by_profit_taking(view))]
    return "\n\n".join([*blocks, "Amounts are in quote currency."])


def adl_lines(view: View, at_most: int = 0) -> list[str]:
    """One line per ADL: time, contract, who was deleveraged for whom, trigger, contracts, price, mark, haircut, markout; in wealth space,
    where no contracts are closed, what was given; `at_most` 0 means all.
    """
    rows = every_adl(view)
    trigger = view.scenario.get("fund", {}).get("trigger", "unknown")
    lines = [_adl_line(row, trigger) for row in (rows.head(at_most) if at_most else rows).itertuples()]
    hidden = len(rows) - len(lines)
    return [*lines, f"and {hidden:,} more in events.parquet"] if hidden else lines


def _adl_line(row: Any, trigger: str) -> str:
    who = f"{row.at:%d %b %H:%M:%S} {row.contract}: trader {row.trader:.0f} ({_count(row.lights, 'light')})"
    other = "the fund" if row.bankrupt == "fund" else f"bankrupt {row.bankrupt}"
    why = f"(trigger {trigger}, fund at {short(row.fund)})"
    if not row.quantity:
        return f"{who} gave {short(row.haircut)} for {other} {why}, mark {row.mark:,.10g}"
    money = f"haircut {short(row.haircut)}, markout 1 h {short(row.markout_1h)}"
    return f"{who} closed {abs(row.quantity):g} with {other} {why} at {row.price:,.10g}, mark {row.mark:,.10g}, {money}"


def percent(share: float) -> str:
    """A share in words: 12 %, 1.2 %, 0.03 %, under 0.01 %."""
    if not np.isfinite(share):
        return "n/a"
    if 0 < abs(share) < 5e-5:
        return "under 0.01 %"
    value = 100 * share
    return f"{value:.0f} %" if abs(value) >= 10 or value == 0 else f"{value:.1f} %" if abs(value) >= 0.95 else f"{value:.2f} %"


def basis_points(share: float) -> str:
    """A small share: 49 bp, 1.2 bp."""
    value = 1e4 * share
    return "n/a" if not np.isfinite(value) else f"{value:,.0f} bp" if abs(value) >= 10 or value == 0 else f"{value:.1f} bp"


def _most_often(view: View, column: str) -> list[str]:
    """The two groups hit most often, by leverage and by profit-taking rule; groups under five traders only where there are no others."""
    lines = []
    for what, word, table in (("leverage", "at", by_leverage(view)), ("profit taking", "with the rule", by_profit_taking(view))):
        large = table[table["traders"] >= 5] if (table.loc[table["traders"] >= 5, column] > 0).any() else table
        hit = large[large[column] > 0].sort_values(f"{column}_share", ascending=False, kind="stable").head(2)
        parts = [
            f"{word} {label} ({row[column]:,.0f} of {row['traders']:,.0f}, {percent(row[f'{column}_share'])})"
            for label, row in hit.iterrows()
        ]
        if parts:
            lines.append(f"By {what}, most often {', then '.join(parts)}.")
    return lines


def _grid(title: str, table: pd.DataFrame) -> str:
    """A group per line: traders, liquidated, deleveraged, closed by ADL, haircut."""
    head = f"  {title:<22}{'traders':>9}{'liquidated':>18}{'deleveraged':>18}{'closed by ADL':>16}{'haircut':>10}"
    lines = [
        f"  {label!s:<22}{row['traders']:>9,.0f}"
        + "".join(f"{row[name]:>9,.0f} {'(' + percent(row[f'{name}_share']) + ')':>8}" for name in ("liquidated", "deleveraged"))
        + f"{short(row['adl_notional']):>16}{basis_points(row['haircut_bp'] / 1e4) if row['adl_notional'] else '':>10}"
        for label, row in table.iterrows()
    ]
    return "\n".join(line.rstrip() for line in [head, *lines])


def _of(count: int, whole: int, noun: str) -> str:
    return f"{count:,} of {_count(whole, noun)} ({percent(count / whole)})"


def _count(count: float | Decimal, noun: str) -> str:
    return f"{count:,.0f} {noun}{'' if count == 1 else 's'}"


def _liquidated(view: View) -> int:
    return int((view.traders["liquidations"] > 0).sum())


def _deleveraged(view: View) -> int:
    return int((view.traders["adl_hits"] > 0).sum())
