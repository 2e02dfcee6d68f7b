"""In every small world there is, nothing is lost, nobody untouched pays, and more equity never hurts."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from adlabm.kernels import columns as col
from adlabm.kernels.ledger import deposit, fill
from adlabm.kernels.margin import refresh_bands
from adlabm.kernels.rounds import scan
from adlabm.ledger.valuation import account_equity
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from evidence.count import Case, Count

PRICE = 1000
LOTS = tuple(product(range(-2, 3), repeat=3))
EQUITIES = tuple(product((0.01, 0.06, 0.2, 0.5, 3.0), repeat=3))
"""Of the value of one lot."""
RULES = tuple(
    product((0.5, 0.85, 1.1, 1.6), ("queue", "contract-pro-rata", "pnl-pro-rata", "random"), ("contracts", "wealth"), (0.0, 0.05, 2.0))
)
"""The next mark, as a multiple; ADL policy and unit; cash of the fund, in lots."""
KINDS = {col.ADL: "ADL", col.FUND_DRAW: "a fund that pays", col.UNCOVERED_LOSS: "an uncovered loss"}
CHANGING = ("owners", "accounts", "positions", "bands", "work", "contracts", "reals", "clock", "peaks", "results")
LOT = 10**6  # micro-units that a tick of one lot is worth


class World(NamedTuple):
    """A market without positions, and its tables as they were."""

    model: AdlModel
    blank: dict[str, np.ndarray]


@cache
def world(jump: float, policy: str, unit: str, cash: float) -> World:
    """Three traders without positions on a market whose mark is about to jump."""
    crowd = {"name": "three", "count": 3, "equity": 1.0, "opening": 0.0, "signal": {"rule": "side"}, "pace_s": 1e9}
    tables = {
        "ticks": 1,
        "round_s": 60.0,
        "contracts": [{"name": "X", "tick": "1", "lot": "1", "price": PRICE}],
        "index": {"process": "scripted", "knots": [[0, 1.0], [0, jump], [60, jump]]},
        "price": {"formation": "external"},
        "mark": {"tau_s": 0.0},
        "fund": {"cash": cash * PRICE, "share": None},
        "adl": {"policy": policy, "unit": unit},
        "traders": [{**crowd, "leverage": {"rule": "fixed", "leverage": 1.0}}],
    }
    model = AdlModel(Scenario.from_dict(tables), check=True)
    return World(model, {name: getattr(model.state, name).copy() for name in CHANGING})


def play(here: World, lots: tuple[int, ...], equities: tuple[float, ...]) -> AdlModel:
    """The world with these positions and equities, one tick later."""
    model, state = here.model, here.model.state
    for name, table in here.blank.items():
        getattr(state, name)[:] = table
    model.records.__init__()  # type: ignore[misc]
    for row, equity in enumerate(equities, col.SPECIAL):
        deposit(model.market, row, row, int(equity * PRICE * LOT) - int(state.accounts[col.A_BALANCE, row]))
    for row, held in ((col.MAKER, -sum(lots)), *enumerate(lots, col.SPECIAL)):
        if held:
            fill(model.market, row, held, PRICE, col.BY_CHOICE)
        refresh_bands(model.market, row)
    scan(model.market)
    model.running = True
    model.step()
    return model


def wrong(model: AdlModel, lots: tuple[int, ...], equities: tuple[float, ...], contracts: bool) -> str:
    """What is wrong with a world's end, recomputed from its tables; empty where nothing is."""
    state, k = model.state, model.state.clock
    balance, entry, equity = (
        column.tolist() for column in (state.accounts[col.A_BALANCE], state.positions[col.P_ENTRY], account_equity(state))
    )
    owed = int(k[col.K_DEPOSITS] + k[col.K_FUND_START] + k[col.K_UNCOVERED])
    if sum(balance) - sum(entry) + int(k[col.K_FEES] + k[col.K_ROUNDING]) != owed:
        return "money was made or lost"
    if int(state.positions[col.P_LOTS].sum()):
        return "lots do not sum to zero"
    rises = int(state.contracts[col.C_MARK, 0]) > PRICE
    for row, (held, brought) in enumerate(zip(lots, equities, strict=True), col.SPECIAL):
        start = int(brought * PRICE * LOT)
        if not held and balance[row] != start:
            return f"trader {row} has no position and ends with {balance[row]} instead of {start}"
        if equity[row] < 0:
            return f"trader {row} ends below zero"
        if contracts and held and (held > 0) == rises and equity[row] < start:
            return f"trader {row} won and ends with less than it brought"
    return ""


def case(number: int) -> Case:
    """All equities of three traders with the same positions under the same rules."""
    rules, lots = divmod(number, len(LOTS))
    here, ends, facts = world(*RULES[rules]), [], Counter[str]()
    for equities in EQUITIES:
        model = play(here, LOTS[lots], equities)
        if said := wrong(model, LOTS[lots], equities, RULES[rules][2] == "contracts"):
            return Case(0, f"{RULES[rules]}, lots {LOTS[lots]}, equities {equities}: {said}")
        ends.append(account_equity(model.state)[col.SPECIAL :])
        facts.update(
            KINDS[kind] for kind in set(model.state.events[: model.state.clock[col.K_EVENTS], col.E_KIND].tolist()) if kind in KINDS
        )
    equity = np.array(ends).reshape(5, 5, 5, 3)
    for trader in range(3):
        if (np.diff(equity[..., trader], axis=trader) < 0).any():
            return Case(0, f"{RULES[rules]}, lots {LOTS[lots]}: trader {trader + col.SPECIAL} ends with less where it brings more")
    return Case(len(EQUITIES), facts=facts)


COUNT = Count(
    unit="worlds",
    scope="Three traders with -2 to 2 lots and one of five equities each, the maker against them; the mark jumps by -50, -15, +10 or +60 "
    "%; four policies in contracts and in wealth; three funds. All of them, none drawn. Beside `--check`: the identity and the "
    "lots recomputed from the tables, who has no position keeps every unit, nobody ends below zero, whoever brings more ends with "
    "no less, and in contracts a winner ends with at least what it brought (in wealth it need not: every deficit may take up to "
    "its profit, and there can be several).",
    floor=10**5,
    target=10**6,
    case=case,
    cases=len(RULES) * len(LOTS),
    share=5,
    tell=lambda facts: ", ".join(f"{facts[name]:,} worlds with {name}" for name in KINDS.values()) + ".",
)
