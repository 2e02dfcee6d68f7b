"""A venue's ADL score and indicator on a plain table of positions: the public doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.lights import lights
from adlabm.adl.scores import Score, find_score
from adlabm.adl.shares import best_first
from adlabm.errors import BadInput
from adlabm.ledger.margin import preset

if TYPE_CHECKING:
    from adlabm.venue import Venue

PRICES = ("entry_price", "mark_price", "bankruptcy_price")


def adl_score(venue: str | Venue, positions: Mapping[str, Any]) -> Column:
    """The venue's ADL score of every position, the highest is closed first.

    An inverse contract of q contracts is worth -q / p coins at a price p, so it is scored as a linear one at the price -1 / p.

    Args:
        venue: name of a preset, or a preset.
        positions: DataFrame or mapping with `id`, `quantity` (signed) and what the score reads of `entry_price`, `mark_price`, `equity`,
            `wallet`, `pnl`, `maintenance_margin`, `bankruptcy_price`, ...; money in the currency of the margin. `inverse` (true or false)
            where the positions are inverse, else by the venue's `contract` of that name.

    Returns:
        float64[n] in the table's order.

    Source: the venue's file; the formulas are in adlabm/adl/scores.py.

    Example:
        >>> table = {"id": [1, 2], "quantity": [1, -1], "wallet": [4.27, 5], "pnl": [40.2, -1], "maintenance_margin": [5.97, 1]}
        >>> adl_score("binance", table).round(2).tolist()
        [1.26, 0.0]
    """
    score, table = _read(venue, positions, ())
    return score(table)


def adl_lights(venue: str | Venue, positions: Mapping[str, Any]) -> Column:
    """The venue's indicator of every position: longs and shorts of each contract ranked apart by its score.

    Formula: n + 1 - ceil(n c / total) for the n bars of the venue, with c contracts from the head of the queue to the position's own last
    one, or c the place among all users; a loser that the venue does not rank shows one bar, a flat position none. Levels that begin at 0
    are one lower.

    Args:
        venue: name of a preset, or a preset.
        positions: as of `adl_score`, with `pnl`; `contract` where there are several.

    Returns:
        int8[n] in the table's order.

    Source: BitMEX, KuCoin, CoinEx, Delta (contracts); Binance, Bluefin (users); the bars are in the venue's file.
    """
    score, table = _read(venue, positions, ("quantity", "pnl"))
    shown = np.zeros(len(table), np.int8)
    indicator = preset(venue).lights
    users = indicator.counts == "users"
    sizes = np.array([Fraction(int(each != 0) if users else repr(each)) for each in np.abs(table.quantity).tolist()], object)
    ranked = best_first(score(table), table.id)
    stands = np.full(len(table), True) if score.ranks_losers else table.pnl > 0
    contracts = np.zeros(len(table), int) if table.contract is None else table.contract
    for contract in np.unique(contracts):
        for side in (-1, 1):
            held = (contracts == contract) & (np.sign(table.quantity) == side)
            queue = ranked[(held & (stands | users))[ranked]]
            bars = np.where(stands, lights(queue, sizes, indicator.bars), 1)
            shown[held] = bars[held] - (1 - indicator.lowest)
    return shown


def _read(venue: str | Venue, positions: Mapping[str, Any], needed: tuple[str, ...]) -> tuple[Score, Candidates]:
    """The venue's score, and the table with the prices of inverse contracts as -1 / p."""
    found = preset(venue)
    if "score" not in found.adl.params:
        raise BadInput(f"{found.key!r} ranks nobody (ADL policy {found.adl.policy!r}), so it has neither score nor lights.")
    score = find_score(found.adl.params["score"])
    names = ("contract",) if "contract" in positions else ()
    table = Candidates.from_table(positions, dict.fromkeys((*score.needs, *needed, *names)))
    if "inverse" in positions:
        inverse = np.asarray(positions["inverse"], bool)
    else:
        known = [name for name, terms in found.contracts.items() if terms.inverse]
        inverse = np.isin(table.contract, known) if names else np.zeros(len(table), bool)
    prices = {name: getattr(table, name) for name in PRICES if getattr(table, name) is not None}
    for name, column in prices.items():
        if (column[inverse] <= 0).any():
            raise BadInput(f"Column {name!r} has a price of an inverse contract at or below zero; a price must be above zero.")
    return score, replace(
        table, **{name: np.where(inverse, -1 / np.where(inverse, column, 1.0), column) for name, column in prices.items()}
    )
