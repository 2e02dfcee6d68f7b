"""The contracts of the rule families: what a rule declares, and the few small functions it writes.

A rule is a class in a file of its own, with a `key`, its parameters as `Param`s (at most four, in order: a, b, c, d), and static
methods of plain numbers. They are compiled to C functions and called from the kernels: only + - * /, comparisons, `math.sqrt`,
`math.nan`, `math.inf` and functions of `adlabm.kernels.mathx`; never divide by zero. Returns are fractions of the entry price,
positive in the trader's favour; money is in micro-units, rates in 1e-9, both whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

INFINITE = 1.0e300
"""What a profit-taking rule returns for "never"."""


@dataclass(frozen=True)
class Param:
    """One parameter of a rule.

    Attributes:
        default: value where the scenario gives none; its type is the type of the parameter.
        low, high: bounds, inclusive (None: unbounded).
        unit: unit in words, e.g. "s" or "share".
        doc: one line for people.
        source: where the default comes from.
    """

    default: Any
    low: float | None = None
    high: float | None = None
    unit: str = ""
    doc: str = ""
    source: str = ""

    if TYPE_CHECKING:  # a rule's own attribute is the value, its class's the parameter

        def __get__(self, rule: object, kind: type) -> Any: ...

        def __set__(self, rule: object, value: Any) -> None: ...


class Rule:
    """Base of all compiled rules, whose static methods the kernels call."""

    key: ClassVar[str]


class Signal(Rule):
    """What a trader wants when its clock rings.

    `want(a, b, c, d, u, v, side, held, gap, spread, premium)` -> direction in [-1, 1] times the chosen leverage, 0 = flat, nan = leave it.
    u, v: uniform draws. side: the trader's own side, +1 or -1. held: side of the position it has, 0 when flat. gap: log of price over
    its moving average at the trader's horizon (`horizon_s`).
    spread: standard deviation of a log return over that horizon. premium: moving average of (trade price / index - 1).
    `hedged`: whether the other leg of its trades moves the index the other way, so that they leave nothing behind (`metaorder`).
    `quotes`: whether, with an order book, it rests a bid and an ask, each the group's `limit` from the market price and as large as what it
    would want there.
    """

    hedged: ClassVar[bool] = False
    quotes: ClassVar[bool] = False


class Leverage(Rule):
    """How much leverage a new position gets.

    `choose(a, b, c, d, u, volatility)` -> notional over equity; u uniform draw, volatility = standard deviation of a daily return.
    `rebalance`: whether a position already held is brought back to the chosen leverage at every look. An isolated position keeps the
    margin that it was opened with, so there the rule acts only when a position is opened, and a notice of the scenario says so.
    """

    rebalance: ClassVar[bool] = False


class AtLook(Rule):
    """An exit that is asked whenever the trader's clock rings.

    `at_look(a, b, c, d, u, gain, age, pace, volatility, stage)` -> share of the original position to close now. u: uniform draw; gain:
    return on entry; age: seconds since entry; pace: mean seconds between looks; volatility: standard deviation of a daily return; stage:
    reductions so far.
    """

    @staticmethod
    def at_look(a, b, c, d, u, gain, age, pace, volatility, stage):
        return 0.0


class ProfitTaking(AtLook):
    """When a winning position is closed, and how much of it.

    `upper(a, b, c, d, stage, peak)` and `lower(...)` -> returns at which the trader wakes (INFINITE / -INFINITE: never); stage =
    reductions so far, peak = best return seen when awake.
    `part(a, b, c, d, stage, peak, gain)` -> share of the original position to close now (0: only look again).
    """

    @staticmethod
    def lower(a, b, c, d, stage, peak):
        return -INFINITE


class Stop(AtLook):
    """When a losing position is closed.

    `loss(a, b, c, d, distance)` -> loss (a positive return) at which all is closed; distance = that of liquidation from entry.
    """


class Reaction(Rule):
    """What a trader does about ADL lights and notices.

    `close(a, b, c, d, lights, notified)` -> share of the position to close after `delay_s`.
    """

    reads_lights: ClassVar[bool] = False
    reads_notices: ClassVar[bool] = False


class Engine(Rule):
    """A liquidation engine: `close(lots, lower, equity, maintenance, step, fraction)` -> lots to close this round (whole numbers).

    lots: held. lower: largest number of lots in the next lower margin tier. step: orders worked so far. fraction: of the venue, in 1e-9.
    `until_healthy`: whether the account is released once its equity covers maintenance.
    """

    until_healthy: ClassVar[bool] = False


class Fund(Rule):
    """What a fund takes of a bankrupt position, `take(lots, gap, value, equity, cash, inventory, capacity)` -> lots, and what it no longer
    carries, `offer(equity, inventory, capacity)` -> notional of its inventory that ADL is asked to close (whole numbers).

    gap: loss per lot at the takeover, value: mark value per lot, equity: cash + inventory at the mark, inventory: its notional,
    capacity in 1e-9. `sells_on`: whether what it takes is sold into the market at once (gap is then the loss of that sale) instead of
    being kept. `covers`: whether its cash goes before what ADL takes in money.
    """

    sells_on: ClassVar[bool] = False
    covers: ClassVar[bool] = False

    @staticmethod
    def offer(equity, inventory, capacity):
        return 0


class Trigger(Rule):
    """Whether ADL goes before the fund: `active(before, equity, peak, inventory, capacity, start, stop)` -> 1 or 0 (whole numbers).

    before: its last answer. equity, peak: of the fund now and over the last 8 hours. start, stop, capacity in 1e-9. What the fund
    cannot take goes to ADL under every trigger. `pool`: whether profits above `start` of the pool's cash start ADL by themselves.
    `by_contract`: whether the fund's result is watched contract by contract.
    """

    pool: ClassVar[bool] = False
    by_contract: ClassVar[bool] = False
