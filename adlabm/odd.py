"""The parameter table of the ODD description, read from the code: every default with its bounds, unit and provenance.

``python -m adlabm.odd`` rewrites `docs/parameters.md`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from adlabm import registry
from adlabm.groups import Group
from adlabm.market import Depth, Price
from adlabm.scenario import Scenario
from adlabm.venue import read_venue

PATH = Path(__file__).parents[1] / "docs" / "parameters.md"
TAGS = {
    "O": "official page of a venue",
    "S": "source named",
    "T": "third-party copy",
    "C": "computed from data or the literature",
    "M": "literature, from memory of the reference",
    "D": "design default",
    "U": "unpublished, plainest reading",
    "-": "a choice, not a number",
}
MARKET = {
    "tick_s": "D: design 5",
    "round_s": "D: design 5",
    "reach": "S: measurement 1, results/convergence",
    "max_rounds": "D: an error beyond, never a clip",
    "depth.share": "C: 0.3 bn against 11 to 14 bn of open interest, design 7",
    "depth.phi": "C: Amberdata, market models 3.1; adlabm calibrate depth",
    "depth.half_life_s": "D: measurement 4",
    "depth.permanent": "D: measurement 3, always swept",
    "depth.withdrawal": "D: market models 2.2, 1.0 to 1.5",
    "depth.sigma0": "D: bitcoin in calm markets",
    "depth.floor": "S: stress multiplier 0.02 to 0.10, market models 4.2",
    "depth.asks": "D: sides alike",
    "depth.quoted": "-",
    "depth.metaorder": "S: off here; 1, of order one, in market models 3.1 (Donier and Bonart 2015)",
    "depth.lasting": "S: two thirds, market models 3.1; Farmer, Gerig, Lillo and Waelbroeck 2013",
    "price.maker_inventory": "D: measurement 5, swept",
    "price.liquidity": "D: no limit",
    "price.window": "D: background flow of the order book",
    "price.order": "D: background flow of the order book",
    "price.turnover": "S: Binance, volume over open interest a day, market models 4.2",
    "traders.limit": "D: market orders",
    "traders.slice": "D: at once",
    "traders.copula": "D: independent; -0.4 in market models 2.3",
    "traders.pace_s": "D: minutes to days by type, market models 6.2",
    "traders.attention": "D: none; 0.99, about one, in Hardiman, Bercot and Bouchaud 2013, arXiv 1302.1405",
    "traders.long_share": "D: half",
    "traders.opening": "D: all",
    "traders.holding_s": "M: retail 4 h median, market models 2.4",
    "traders.reentry_s": "D: none",
    "traders.gamble": "D: none; gambling variant of market models 2.1 (liquidations +70 % in the week after 10 October, The Block)",
    "traders.withdraw": "D: none",
}
"""Provenance of the numbers that no rule declares."""


def tag(source: str) -> str:
    """The provenance tag of a source in words: its own first letter, D for what was chosen here, S for any other source."""
    own = re.match(rf"([{''.join(TAGS)}])(:|$)", source)
    if own:
        return own[1]
    if not source:
        return "-"
    return "D" if re.match(r"design default|own choice", source) else "S"


def rows() -> list[tuple[str, str, str, str, str]]:
    """(parameter, default, allowed, tag, source) of the market, the generic venue and every rule."""
    found = []
    for where, table in (("", Scenario), ("depth.", Depth), ("price.", Price), ("traders.", Group)):
        for name, field in table.model_fields.items():
            if isinstance(field.default, int | float) and not isinstance(field.default, bool) and name != "schema_":
                source = MARKET[where + name]
                found.append((where + name, field.default, "", tag(source), source))
    venue = read_venue("generic", "odd")
    for key, source in venue["provenance"].items():
        value = _at(venue, key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found.append((f"generic: {key}", value, "", tag(source), source))
    for family, kind in registry.FAMILIES.items():
        for key in registry.names(family) if kind.holds == "class" else ():
            for name, param in registry.params_of(registry.find(family, key)).items():
                bounds = "" if param.low is None and param.high is None else f"{_show(param.low)} to {_show(param.high)}"
                found.append((f"{family}/{key}: {name}", param.default, f"{bounds} {param.unit}".strip(), tag(param.source), param.source))
    return [
        (name, _show(default), allowed, letter, re.sub(rf"^{letter}(: |$)", "", source)) for name, default, allowed, letter, source in found
    ]


def _at(table: Any, key: str) -> Any:
    for part in key.split("."):
        table = table.get(part) if isinstance(table, dict) else None
    return table


def _show(value: Any) -> str:
    return "" if value is None or value is PydanticUndefined else f"{value:g}" if isinstance(value, float) else str(value)


def text() -> str:
    """The page `docs/parameters.md`."""
    lines = ["# Parameters", "", "Generated by `python -m adlabm.odd`; a test compares it with the code. Tags:", ""]
    lines += [f"* **{letter}** {meaning}" for letter, meaning in TAGS.items()]
    lines += ["", "| parameter | default | allowed | tag | source |", "|---|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
