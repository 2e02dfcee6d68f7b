"""What would the day have been under other ADL rules, had prices been free to answer?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from adlabm import registry
from adlabm.data.where import locate, locate_in
from adlabm.errors import BadInput
from adlabm.replay import _market_figures as figures
from adlabm.replay._day import Replay, markdown
from adlabm.replay._market_tables import REAL, by_policy, courses, fixed_and_full, predictions, splits
from adlabm.replay._market_words import ORDER, answers, opening, policy_words, prediction_words, split_words
from adlabm.replay._study import Found, full_plan, study
from adlabm.replay._target import HOURS, Target, read_target

KLINES = ("oct10/BTCUSD_PERP-1m-2025-10-09.zip", "oct10/BTCUSD_PERP-1m-2025-10-10.zip")
DEPTH = "oct10/BTCUSDT-bookDepth-2025-10-10.csv"
FUNDS = {"binance": 0.11, "hyperliquid": 0.001}
"""Fund over open interest: 1.23 bn over 11 bn (market models 4.3, before); of Hyperliquid's vault the part that liquidates is unpublished,
a tenth of a percent here. Elsewhere OTHERS."""
OTHERS = 0.03
"""Hyperliquid's whole vault, 0.43 bn over 13.8 bn (market models 4.3), and the default."""
LIMITS = (
    "Partial equilibrium: liquidity supply is taken as estimated on the day; makers may answer to volatility, other venues and the spot"
    " market do not answer at all.",
    "The split of the day into shock and impact cannot be identified: every split below follows the mark. What depends on it is given as"
    " a range, or not called.",
    "A level above the mark means that the split needs buyers whom nobody saw; it grows with the share of the impact that stays, and such"
    " splits are less credible.",
    "Positions, entry prices and equities are invented: 1,000 traders with the marginals of the references. One population is one draw;"
    " heavy tails make draws differ.",
    "The crowd's leverage was fitted to 10 October 2025 itself; predictions with the December crowd, measured afterwards, stand beside it.",
    "One contract; real crashes run over many at once. The mark of one venue is used for all.",
    "Depth from a file is read where it can be read: levels of a book that lie beyond the price say nothing; where bids cannot be read,"
    " the asks stand for them.",
    "Gross asks are taken as measured; what was sold into the book and bought back is seen on the bid side only.",
    "Worlds without ADL need somebody who takes the positions. Held and sold are two extremes; a venue without ADL would lie between.",
    "A fund that sells without limit can run away with the price; such worlds tell the sign of the feedback, not its size.",
    "What policies cost is what those they hit lost against not being hit; it says nothing about those who were spared.",
    "One day, one direction, few populations: a sign that holds here is a hypothesis for other days.",
)


OF_THE_DAY = (
    "Most of the real ADL on Hyperliquid fell on other coins than BTC; its own mark and book of that day are not public in this form.",
    "Of Hyperliquid's vault only the whole is known; the share of it that liquidates is a guess, and without it there is no ADL.",
)
"""What cannot be said of 10 October 2025 besides."""


def market(
    data: Path | None = None,
    *,
    klines: Sequence[Path] = (),
    depth: Path | None = None,
    venue: str | None = None,
    hours: float = HOURS,
    smoke: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Replay:
    """The market of a real day: the shock and the depth that reproduce it, then the same day under every ADL policy, with feedback.

    Formula: see `_course` (steering), `_feedback` (transfer, drift, feedback), `_book` (depth seen from the mark).
    Units: shares of the opening open interest.
    Source: Binance public data; design of the comparison: measurement, points 18 to 20.

    Args:
        klines: files of one contract; without, BTC on 10 October 2025.
        depth: bookDepth of the day of the fall; with `klines` and without it the modelled depth is used.
        venue: rules of this venue; without, Binance's and Hyperliquid's.
        hours: length of the window around the deepest fall.
        smoke: one population, one split, two policies.
        progress: called with (runs done, runs in all).
    """
    own_day = bool(klines)
    if depth is not None and not own_day:
        raise BadInput("--depth is given without --klines; name the klines of the same contract and day, or neither for 10 October 2025.")
    if own_day:
        target = read_target([locate(each, data) for each in klines], None if depth is None else locate(depth, data), hours)
    else:
        target = read_target([locate_in(each, data) for each in KLINES], locate_in(DEPTH, data), hours)
    found = study(target, full_plan(target.measured, baselines(venue), smoke), progress)
    return told(target, found, own_day)


def baselines(venue: str | None) -> list[tuple[str, float, str]]:
    """(venue, fund over open interest, crowd): both crowds at the venues asked for; Hyperliquid with its whole vault beside that."""
    names = tuple(FUNDS) if venue is None else (venue,)
    for name in names:
        registry.find("venues", name)
    rows = [(name, FUNDS.get(name, OTHERS), crowd) for crowd in ("crowd", "december") for name in names]
    return rows + [("hyperliquid", OTHERS, "crowd")] * (venue is None)


def told(target: Target, found: Found, own_day: bool) -> Replay:
    """The results in words, tables and figures."""
    tables = {"splits": splits(found), "courses": courses(target, found), "fits": found.fits, "null": found.null}
    shown = {"day": ("The day: mark, levels, depth, forced sales (first population of the first baseline).", figures.day(target, found))}
    text = [opening(target), "## How the day can be split", split_words(tables["splits"]), markdown(tables["splits"])]
    if not own_day and not found.fits.merge(REAL[["venue"]]).empty:
        tables["predictions"] = predictions(found)
        shown["predictions"] = (
            "Reported (grey), predicted over splits and populations (line, dot: median), and when nobody moves the mark (cross).",
            figures.against_reality(tables["predictions"]),
        )
        text += ["## Predicted against reported", prediction_words(tables["predictions"]), markdown(tables["predictions"].round(4))]
    text.append("## Every ADL policy, with feedback")
    if found.policies.empty:
        text.append("No baseline with the crowd's leverage deleverages anybody on this day, so there is nothing to compare.")
    else:
        tables |= {"policies": found.policies, "by_policy": by_policy(found), "orders": fixed_and_full(found)}
        shown["feedback"] = ("What ADL cost those it hit, by policy: on the fixed path and with feedback.", figures.feedback(found))
        text += [policy_words(), answers(tables["by_policy"]), markdown(tables["by_policy"])]
        text += ["## Does the order of policies survive?", ORDER, markdown(tables["orders"])]
    day = datetime.fromtimestamp(target.start_ms / 1000, UTC)
    title = f"The market of {day.day} {day:%B %Y}, {target.contract}"
    limits = LIMITS if own_day else (*LIMITS, *OF_THE_DAY)
    return Replay(title, "\n\n".join(text), limits, tables, shown, target.inputs)
