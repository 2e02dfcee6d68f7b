"""Groups of traders: how many, how rich, by which rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from adlabm import registry
from adlabm.contracts import Param
from adlabm.errors import did_you_mean
from adlabm.laws import Law, Quantity
from adlabm.rule_tables import RuleTable, bounded
from adlabm.schema import Name, Share, Table, problem

PROVIDERS = "providers"
"""The group of appointed liquidity providers."""
LARGEST_MONEY = 1e11
LARGEST_POSITION = 1e12
LARGEST_TOTAL = 4e12


class TraderRule(RuleTable):
    """A trader rule with its parameters, each a number or a law."""

    laws: ClassVar = True
    rule: str


class Signal(TraderRule):
    """When and in which direction to trade."""

    selectors: ClassVar = {"rule": "signals"}


class Leverage(TraderRule):
    """How much to borrow."""

    selectors: ClassVar = {"rule": "leverage"}


class ProfitTaking(TraderRule):
    """When to close a winner."""

    selectors: ClassVar = {"rule": "profit_taking"}
    rule: str = "none"


class Stop(TraderRule):
    """When to close a loser."""

    selectors: ClassVar = {"rule": "stops"}
    rule: str = "none"


class Reaction(TraderRule):
    """What to do about ADL lights and notices."""

    selectors: ClassVar = {"rule": "reactions"}
    rule: str = "ignore"


def _none(table: type[TraderRule]) -> Any:
    return Field(default_factory=lambda: table.model_validate({}))


class Group(Table):
    """A group of traders that share rules and laws.

    Attributes:
        count: number of traders.
        equity: starting equity.
        mode: one cross account for all contracts, or an isolated account per position; an isolated position keeps its size until it is
            closed, so that a leverage rule that rebalances (`target`, `volatility`) chooses at entry alone.
        contracts: names of the contracts they trade (default: the first).
        pace_s: mean time between looks at the signal.
        attention: share of the looks that others' trading brings (branching ratio of order flow; `pace_s` stays their mean, and
            should be well above 16 ticks, since clocks ring 16 times as often).
        long_share: share of longs among the opening positions.
        opening: share that holds a position at the start; `holding_s` is the mean age of these positions.
        reentry_s: a wiped trader deposits its starting equity again after this time (0: never).
        gamble: what the leverage of new positions is multiplied by once the trader has been liquidated, up to the venue's highest.
        withdraw: share of realised profit that is taken out.
        limit: with an order book, how far behind the market price (a share of it) an order that opens or enlarges rests; 0: market orders;
            of makers, how far from it both their quotes rest.
        slice: largest part of a position that one look trades, with a leverage rule that rebalances (slow execution).
        copula: correlation of the Gaussian copula between equity and leverage.
        notional: of the positions of the whole group at the opening price; equities are scaled to it.
        twin_of: the group whose noise it shares, trader by trader; a group may have many twins.
        members: the part of the group that is there, in a seeded order: twins with [0, 0.3] and [0.3, 1] make one whole.
        exempt: ADL passes these traders by (what it would have cost them is then the difference to their twins).
    """

    name: Name
    count: Annotated[int, Field(strict=True, ge=0, le=10**8)]
    equity: Quantity
    mode: Literal["cross", "isolated"] = "cross"
    contracts: Annotated[tuple[str, ...], Field(strict=False)] = ()
    pace_s: Quantity = 600.0
    long_share: Share = 0.5
    opening: Share = 1.0
    holding_s: Quantity = 14_400.0
    attention: Share = 0.0
    reentry_s: Annotated[float, Field(strict=True, ge=0, le=1e9)] = 0.0
    gamble: Annotated[float, Field(strict=True, ge=1, le=100)] = 1.0
    withdraw: Share = 0.0
    limit: Annotated[float, Field(strict=True, ge=0, le=0.5)] = 0.0
    slice: Annotated[float, Field(strict=True, ge=1e-6, le=1)] = 1.0
    copula: Annotated[float, Field(strict=True, ge=-1, le=1)] = 0.0
    notional: Annotated[float, Field(strict=True, gt=0, le=LARGEST_TOTAL)] | None = None
    twin_of: str = ""
    members: Annotated[tuple[Share, Share], Field(strict=False)] = (0.0, 1.0)
    exempt: bool = False
    signal: Signal
    leverage: Leverage
    profit_taking: ProfitTaking = _none(ProfitTaking)
    stop: Stop = _none(Stop)
    reaction: Reaction = _none(Reaction)

    @property
    def size(self) -> int:
        """Number of traders that are there."""
        low, high = self.bounds
        return high - low

    @property
    def bounds(self) -> tuple[int, int]:
        """First place and first place after, in the seeded order of members."""
        low, high = (round(share * self.count) for share in self.members)
        return low, max(low, high)

    def completed(self, cap: float, known: list[str], groups: Sequence[Group], at: tuple[str | int, ...]) -> Self:
        """The group checked against the whole scenario; laws are clipped to the venue's leverage `cap` and to what money may reach."""
        for index, name in enumerate(self.contracts):
            if name not in known or name in self.contracts[:index]:
                why = "twice in the list" if name in known else f"no contract of this scenario{did_you_mean(name, known)}"
                raise problem(f"is {name!r}, {why}; allowed: {', '.join(known)}", *at, "contracts", index)
        rules = {key: self._clipped(key, cap, *at) for key in ("signal", "leverage", "profit_taking", "stop", "reaction")}
        largest = _largest(rules["leverage"]) or cap
        most = min(LARGEST_MONEY, LARGEST_POSITION / largest)
        money = Param(0.0, 0.01, most, f"of quote currency, so that no position exceeds {LARGEST_POSITION:g}")
        changed = {
            **rules,
            "contracts": self.contracts or (known[0],),
            "equity": bounded(self.equity, money, *at, "equity"),
            "pace_s": bounded(self.pace_s, Param(0.0, 0.001, 1e9, "s"), *at, "pace_s"),
            "holding_s": bounded(self.holding_s, Param(0.0, 0.0, 1e9, "s"), *at, "holding_s"),
        }
        typical = self.equity if isinstance(self.equity, float) else 0.0
        if self.count * typical > LARGEST_TOTAL:
            raise problem(f"times count is {self.count * typical:g}, but must be at most {LARGEST_TOTAL:g}", *at, "equity")
        if self.twin_of:
            self._check_twin(groups, at)
        return self.model_copy(update=changed)

    def _clipped(self, key: str, cap: float, *at: str | int) -> TraderRule:
        """A rule table with its laws clipped to the bounds of the parameters, leverages to the venue's cap."""
        table: TraderRule = getattr(self, key)
        params = dict(table.params)
        for name, param in registry.params_of(registry.find(table.selectors["rule"], table.rule)).items():
            if param.unit == "x" and (param.high is None or param.high > cap):
                param = replace(param, high=cap, unit="x, the venue's highest leverage")
            params[name] = bounded(params[name], param, *at, key, name)
        return table.model_copy(update={"params": params})

    def _check_twin(self, groups: Sequence[Group], at: tuple[str | int, ...]) -> None:
        others = {group.name: group for group in groups if group.name != self.name}
        other = others.get(self.twin_of)
        if other is None:
            hint = did_you_mean(self.twin_of, others)
            raise problem(f"is {self.twin_of!r}, no other group{hint}; allowed: {', '.join(others)}", *at, "twin_of")
        if other.twin_of:
            raise problem(f"is {self.twin_of!r}, itself the twin of {other.twin_of!r}; name that one", *at, "twin_of")
        for key in ("count", "long_share", "opening", "holding_s"):
            if getattr(self, key) != getattr(other, key):
                raise problem(f"differs from its twin {other.name!r}; who they are and when they entered must be the same", *at, key)


def _largest(leverage: TraderRule) -> float:
    """The largest leverage that a rule can give; 0 where it does not say."""
    declared = registry.params_of(registry.find("leverage", leverage.rule))
    values = [leverage.params[name] for name, param in declared.items() if param.unit == "x"]
    return max((value.highest if isinstance(value, Law) else value for value in values), default=0.0)
