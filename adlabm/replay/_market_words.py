"""The words of the market of a day."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from adlabm.replay._market_tables import AGREED, BASELINE
from adlabm.replay._target import Target

ORDER = (
    "Rank correlation, over the policies of a case, of what they cost on the fixed path with what they cost with feedback: 1 where"
    " the fixed path orders them as the market does. Median, lowest and highest over populations and splits; the last column is the"
    " spread of medians."
)


def answers(table: pd.DataFrame) -> str:
    """A line per baseline: does ADL calm or feed, and how sure is the sign of the feedback?"""
    lines = []
    for (venue, fund, crowd), own in table.groupby(BASELINE, sort=False):
        fall, policies = own.set_index("policy")["fall"], own[~own["policy"].str.startswith("none")]
        lines.append(
            f"* **{venue}**, fund {fund:.1%}, {crowd}: the price falls by {policies['fall'].min():.1f} to {policies['fall'].max():.1f} %"
            f" with ADL, by {fall['none, held']:.1f} % if positions are held instead, by {fall['none, sold']:.1f} % if they are sold."
        )
        for world in ("held", "sold"):
            signs = policies[f"sign_{world}"]
            lines.append(
                f"  * Against positions {world}: feedback costs those deleveraged under {(signs == '+').sum()} of {len(signs)} policies,"
                f" spares them under {(signs == '-').sum()}, has no sure sign under {signs.isin(['?', '0']).sum()}."
            )
    return "\n".join(lines)


def opening(target: Target) -> str:
    """The window, its fall, the depth, and the files."""
    begin, end = (datetime.fromtimestamp(target.start_ms / 1000 + s, UTC) for s in (0.0, target.ticks * target.tick_s))
    low = target.mark.min()
    lines = [
        f"{target.contract}, {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC in {target.ticks} ticks of {target.tick_s:g} s: from"
        f" {target.opening:,.6g} to a low of {low:,.6g} ({low / target.opening - 1:.1%})."
    ]
    if target.measured:
        lines.append(f"Measured depth, seen from the mark; bids could be read in {target.read:.1%} of the ticks.")
        if target.stuck:
            lines.append(f"In {target.stuck:,} snapshots a bid that never leaves the file moves its levels.")
    else:
        lines.append(
            "**No depth file was given: the modelled depth is used**, 2.5 % of open interest within 1 %, withdrawn as volatility rises."
        )
    return " ".join(lines) + "\n\n" + "\n".join(f"* {line}" for each in target.inputs for line in each.lines())


def split_words(table: pd.DataFrame) -> str:
    """What the splits have in common and what not."""
    rms, shock, lift = table["misfit_rms_bp"], table["shock_fall"], table["lift"]
    return (
        "The exogenous level (and, with a depth file, the gross depth) is solved tick by tick so that the baseline's mark (and net"
        f" depth) follow the day. Every split does: misfits of {rms.min():.1f} to {rms.max():.1f} basis points (root mean square), on a"
        f" fall of {table['real_fall'].iloc[0]:.1%}. They differ in what they take the shock to have been: {shock.min():.1%} to"
        f" {shock.max():.1%}, the rest being impact. The price of a small shock is a `lift`, exogenous buying that holds the level above"
        f" the mark: up to {lift.max():.0%}. The data cannot decide between them. `permanent` is the share of the impact of orders that"
        " stays, `makers` the exponent with which depth answers to volatility in other worlds; in the baseline it makes no difference,"
        " since the gross depth is solved for."
    )


def prediction_words(table: pd.DataFrame) -> str:
    """How to read the predictions, and how many meet what is reported."""
    return (
        "None of these was put in, but `crowd` was fitted to what was liquidated that day, so its row on that is no test; the December"
        " crowd uses no input from the day but prices and depth. Hyperliquid's start cash is a guess. The predicted range meets the"
        f" reported value in {int(table['overlaps'].sum())} of {len(table)} rows. The column `null` has the same traders on the same mark,"
        " moved by nobody, forced orders filled at the mark: what it gets right is no evidence for the market."
    )


def policy_words() -> str:
    """How to read the table of policies."""
    return (
        "The same shock, gross depth, traders and noise under every policy. In percent of open interest, medians over populations and"
        " splits; positive: lost by those deleveraged. `transfer` is the haircut beyond the deficit of the fills (`needed`), `drift` what"
        " the price did to the closed positions until the end of the window along the run's own path; their sum is what a study on a"
        " fixed path reports. `feedback` is the rest of their loss against the same day without ADL, where a fund takes the positions and"
        " holds them (`held`) or sells them at the venue's rate (`sold`); `overshoot` = transfer + drift + feedback. A sign is given where"
        f" it holds in {AGREED:.0%} of populations and splits, else `?`. `ring_fenced` is the later profit of positions moved at the mark"
        " (wealth space)."
    )
