"""Venue presets: margin tiers, fees, mark, funding, fund, liquidation and ADL of one venue, as one TOML file with sources.

A scenario may override every table of its venue; both therefore use the tables defined here.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from adlabm import registry
from adlabm.errors import AdlabmError, unknown
from adlabm.formulas import Formulas, Lights
from adlabm.groups import PROVIDERS, Group
from adlabm.knobs import Knobs, differing
from adlabm.ledger.margin_rules import MarginRule, MarginRules
from adlabm.rule_tables import RuleTable
from adlabm.schema import NotNegative, Number, Positive, Share, Table, Text, explain, problem
from adlabm.settings import read_toml

Rate = Annotated[float, Field(strict=True, ge=0, le=0.1)]
ANY = "any"
"""As a venue's `contract`: its tiers hold for every contract."""


class Fees(Table):
    """Trading fees as shares of the notional; `maker` is what an order pays that rested in the book: a rebate if negative, the taker's if
    left out."""

    taker: Rate
    maker: Annotated[float, Field(strict=True, ge=-0.01, le=0.1)] | None = None


class Tier(Table):
    """One margin tier: it begins at a notional of `floor` (quote currency).

    Maintenance margin = notional * `mmr` - `amount`; the amounts make it continuous: amount_n = amount_(n-1) + floor_n (mmr_n - mmr_(n-1)).
    """

    floor: NotNegative
    mmr: Annotated[float, Field(strict=True, gt=0, lt=1)]
    max_leverage: Annotated[float, Field(strict=True, ge=1, le=1000)]
    amount: NotNegative


class Mark(Table):
    """Mark = index * (1 + clamp(EMA(premium))): time constant `tau_s` in seconds, `clamp` as a share."""

    tau_s: NotNegative
    clamp: Share


class Funding(Table):
    """Funding per interval: clamp(P + clamp(interest - P, damper), cap), all as shares of the notional; `interval_s` in seconds."""

    interval_s: Annotated[float, Field(strict=True, ge=1, le=1e9)]
    interest: Annotated[float, Field(strict=True, ge=-0.1, le=0.1)]
    damper: Share
    cap: Share


class Fund(RuleTable):
    """Insurance fund: its rule, and the trigger of ADL.

    `capacity`: notional that the fund may carry, in multiples of its equity. `takeover`: share of its maintenance margin at which an
    account is handed to the fund (0: when it has lost all; 1: at once, so that nothing is sold in the book). `unwind_s`: time to sell what
    it took over. `start`, `stop`: what the trigger says.
    """

    selectors: ClassVar[dict[str, str]] = {"rule": "fund", "trigger": "triggers"}
    rule: str
    trigger: str
    capacity: Annotated[float, Field(strict=True, ge=0, le=1000)] = 1.0
    takeover: Annotated[float, Field(strict=True, ge=0, le=1)] = 0.0
    unwind_s: Annotated[float, Field(strict=True, gt=0, le=1e9)] = 1800.0
    start: Share = 0.3
    stop: Share = 0.25

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.stop > self.start:
            raise problem(f"is {self.stop:g}, but must be at most start, {self.start:g}", "stop")
        return self


class Liquidation(RuleTable):
    """Liquidation: the engine, its `fee` (share of the notional, to the fund), who gets a `surplus`.

    `move_limit`: largest move of the price by forced orders, as a share per second (0: no limit).
    `fraction`: part of a position that an engine of fixed steps closes at a time; `tiers_down`: margin tiers that one reduction goes down.
    `auction_s`: time in which the limit of forced orders falls from the mark to the bankruptcy price (0: it stands there at once).
    """

    selectors: ClassVar[dict[str, str]] = {"engine": "engines"}
    engine: str
    fee: Rate
    surplus: Literal["fund", "trader"]
    move_limit: Share = 0.001
    fraction: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.2
    tiers_down: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    auction_s: Annotated[float, Field(strict=True, ge=0, le=1e6)] = 0.0


class Providers(Table):
    """Appointed liquidity providers, who take positions of accounts handed over, before the fund: equal shares, each up to its room.

    Room = min(`leverage` x equity - notional held, `share` x equity - notional taken in the window of `window_s`). `count` traders of
    `equity` each, the group `providers`, look every `pace_s` on average and close what they hold, unless the scenario has a group of that
    name. They take at the mark and a `spread` against the liquidated; without a spread at the bankruptcy price, if that is no worse.
    """

    count: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 0
    equity: Annotated[float, Field(strict=True, ge=0.01, le=1e11)] = 1e6
    share: Share = 0.15
    leverage: Annotated[float, Field(strict=True, gt=0, le=100)] = 2.0
    window_s: Annotated[float, Field(strict=True, ge=0, le=1e7)] = 300.0
    spread: Share = 0.0
    pace_s: Annotated[float, Field(strict=True, ge=0.001, le=1e9)] = 600.0

    def group(self, contracts: list[str]) -> Group:
        """The group that stands for them where the scenario has none."""
        rules = {"signal": {"rule": "flat"}, "leverage": {"rule": "fixed", "leverage": 1.0}}
        size = {"count": self.count, "equity": self.equity, "pace_s": self.pace_s}
        return Group.model_validate({"name": PROVIDERS, "contracts": contracts, "opening": 0.0, **size, **rules})


class Adl(RuleTable):
    """Auto-deleveraging: policy and severity rule with their parameters; the `price` of closing; whether the `maker` is a candidate.

    `price`: besides the plain ones `bankruptcy-near-mark`, the mark where the bankruptcy price is more than 5 % away, and `mark-capped`,
    the mark, but nothing worse for the bankrupt than its bankruptcy price. `filter`: whom the price would bankrupt gives what it can
    (`capped`) or nothing (`solvency-overlap`). `reference-spread` is the mark and a `spread` against the liquidated.

    In money, a debit may reach a trader's profit or its whole equity (`charge`), of the opposite side or of `both`; under the recall
    `recoverable` nobody is debited: the loss stays open as `uncovered_loss`, and the fund's cash pays it back as it comes. `withdrawals`
    while losses are open: `free`, `gated` (none), `charged` (less their share of all equity), `scaled` (less their share of all profits).
    `fee`: of the deleveraged, `commission`: of the liquidated for the deleveraged, as shares of the notional.

    `scope`: candidates are positions, or accounts with all their contracts together (`account`); as a trader holds one position in a
    contract, `account-in-contract` is the same as `position`. `lights_s`: how often the lights are refreshed.
    """

    selectors: ClassVar[dict[str, str]] = {"policy": "policies", "severity": "severities"}
    policy: str
    severity: str = "full"
    unit: Literal["contracts", "wealth"] | None = None
    scope: Literal["position", "account-in-contract", "account"] = "position"
    recall: Literal["permanent", "recoverable"] = "permanent"
    price: Literal["bankruptcy", "mark", "previous-mark", "bankruptcy-near-mark", "mark-capped", "reference-spread"]
    spread: Share = 0.0
    sides: Literal["opposite", "both"] = "opposite"
    charge: Literal["profit", "equity"] = "profit"
    withdrawals: Literal["free", "gated", "charged", "scaled"] = "free"
    fee: Rate = 0.0
    commission: Rate = 0.0
    filter: Literal["capped", "solvency-overlap"] = "capped"
    maker: bool = False
    lights_s: Annotated[float, Field(strict=True, ge=1, le=1e7)] = 30.0

    @model_validator(mode="after")
    def _policy_accepts(self) -> Self:
        for name in self.selectors:
            try:
                self.rule(name)
            except AdlabmError as error:
                raise problem(f"is wrong: {error}") from None
        return self

    def rule(self, name: str) -> Any:
        """A new policy or severity rule, with its parameters."""
        found = registry.find(self.selectors[name], getattr(self, name))
        return found(**{key: self.params[key] for key in registry.params_of(found)})


def _exact(number: float) -> Decimal:
    return Decimal(repr(number))


def filled_amounts(tiers: Any) -> Any:
    """The tiers with the maintenance amounts that the file leaves out."""
    if not isinstance(tiers, list | tuple) or not all(isinstance(tier, dict) for tier in tiers):
        return tiers
    filled, amount, before = [], Decimal(0), Decimal(0)
    for tier in tiers:
        try:
            floor, mmr = (_exact(float(tier[key])) for key in ("floor", "mmr"))
            amount, before = amount + floor * (mmr - before), mmr
            filled.append({"amount": max(float(amount), 0.0), **tier})
        except (ArithmeticError, KeyError, TypeError, ValueError):
            return tiers  # the tier itself is wrong: its own check says how
    return filled


def check_tiers(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    """Tiers that cover all notionals from zero in rising order, with the amounts that make the margin continuous."""
    if not tiers:
        raise problem("is empty; give at least one tier with floor = 0")
    if tiers[0].floor != 0:
        raise problem(f"is {tiers[0].floor:g}, but the first tier must begin at 0", 0, "floor")
    amount = Decimal(0)
    for index, tier in enumerate(tiers):
        if index:
            below = tiers[index - 1]
            for key, value, least in (("floor", tier.floor, below.floor), ("mmr", tier.mmr, below.mmr)):
                if value <= least:
                    raise problem(f"is {value:g}, but must be above the {least:g} of the tier before", index, key)
            if tier.max_leverage > below.max_leverage:
                raise problem(f"is {tier.max_leverage:g}, but must not exceed the {below.max_leverage:g} before it", index, "max_leverage")
            amount += _exact(tier.floor) * (_exact(tier.mmr) - _exact(below.mmr))
        if abs(_exact(tier.amount) - amount) > Decimal("1e-6"):
            raise problem(f"is {tier.amount:g}, but the tiers make it {amount.normalize():f}; correct it or leave it out", index, "amount")
        if tier.mmr * tier.max_leverage >= 1:
            raise problem(f"is {tier.mmr:g}, but must be below 1 / max_leverage = {1 / tier.max_leverage:g}", index, "mmr")
    return tiers


Tiers = Annotated[tuple[Tier, ...], Field(strict=False), BeforeValidator(filled_amounts), AfterValidator(check_tiers)]


class Terms(Table):
    """One contract of a venue: its own tiers, and whether it is `inverse` (notional and margin in the base currency).

    `per_unit`: what every unit of the base currency adds to all maintenance rates, as a share; `price`: at which a notional is counted in
    units where nothing else is known. `fees`: where they differ.
    """

    tiers: Tiers | None = None
    inverse: bool = False
    per_unit: Rate = 0.0
    price: Positive = 1.0
    fees: Fees | None = None


class Venue(Table):
    """A venue preset; `provenance` says for every value where it comes from.

    Tags: O official page, S source code, T third-party copy, D design default of this project, U unpublished (the plainest reading).

    Attributes:
        contract: the linear contract that `tiers` and `fees` belong to, "any" where they hold for all; `contracts` has others, by name.
        knobs, formulas, lights: what is published; the other tables are what the engine runs.
        differs: knob or formula -> in which way the engine does otherwise, one sentence each.
        parameters: published numbers that no other table has a key for.
    """

    key: Text
    title: Text
    edition: Text
    read: Text
    contract: Text = ANY
    sources: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    knobs: Knobs | None = None
    formulas: Formulas = Formulas()
    lights: Lights = Lights()
    fees: Fees
    tiers: Tiers
    contracts: dict[str, Terms] = Field(default_factory=dict)
    mark: Mark
    funding: Funding
    fund: Fund
    liquidation: Liquidation
    providers: Providers = Providers()
    adl: Adl
    margin: MarginRules = (MarginRule(),)
    parameters: dict[str, Number] = Field(default_factory=dict)
    differs: dict[str, Text] = Field(default_factory=dict)
    provenance: dict[str, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_what_differs(self) -> Self:
        if self.knobs is not None:
            found = differing(self)
            for name in sorted(found - set(self.differs)):
                raise problem("is missing, but the engine does otherwise than published; add one sentence that says how", "differs", name)
            for name in sorted(set(self.differs) & set(self.checked()) - found):
                raise problem("says what differs, but the engine runs what is published; leave the line out", "differs", name)
        return self

    @staticmethod
    def checked() -> tuple[str, ...]:
        """The names in `differs` that are compared with what the engine runs; other names are free."""
        return (*Knobs.keys(), "mark", "funding", "lights")

    def terms(self, contract: str | None = None) -> Terms:
        """What holds for a contract, by default the venue's first."""
        name = contract or self.contract
        if name in self.contracts:
            return self.contracts[name]
        if self.contract not in (name, ANY):
            raise unknown("contract", name, [self.contract, *self.contracts], f"venue {self.key!r}")
        return Terms.model_construct(tiers=self.tiers, fees=self.fees)

    @classmethod
    def load(cls, name_or_path: str, where: str = "venue") -> Venue:
        """The venue of that name, or of the TOML file at that path."""
        return cls.model_validate(read_venue(name_or_path, where))


def read_venue(name_or_path: str, where: str = "venue") -> dict[str, Any]:
    """The tables of a venue's file as they stand there, checked."""
    is_path = name_or_path.endswith(".toml") or os.sep in name_or_path
    path = Path(name_or_path) if is_path else registry.find("venues", name_or_path, where)
    data = read_toml(path, where)
    try:
        Venue.model_validate(data)
    except ValidationError as error:
        raise explain(error, str(path)) from None
    return data
