"""Scenarios: a market, its traders and its exchange as one TOML file, read into frozen and fully checked tables.

Unless a key says otherwise: money in quote currency, prices in quote currency per unit of the contract, times in seconds, shares as
fractions, volatilities annual. What a scenario leaves out comes from its venue or from the defaults below; `resolved()` shows all of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import exp
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationError, model_validator

from adlabm import registry
from adlabm.errors import BadInput
from adlabm.groups import LARGEST_MONEY, PROVIDERS, Group
from adlabm.laws import LogNormal
from adlabm.market import Contract, Depth, Index, Price
from adlabm.price.correlation import factor
from adlabm.rule_tables import flatten
from adlabm.schema import Number, Table, Text, explain, problem, show
from adlabm.settings import over_venue, parse_set, read_toml, with_changes
from adlabm.traders.shares import apportioned
from adlabm.venue import Adl, Fees, Funding, Liquidation, Mark, Providers, Tiers, read_venue
from adlabm.venue import Fund as VenueFund

MOST_LEVELS = 2**24
MOST_WORK = 10**12
"""Largest product of ticks and traders."""


def _moment(value: Any) -> Any:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        moment = datetime.min.replace(tzinfo=UTC)
    if not 2000 <= moment.year < 2100 or moment.microsecond % 1000:
        raise problem(f"is {show(value)}, but must be a time in UTC of this century, in whole milliseconds, such as 2025-10-10T00:00:00Z")
    return moment


def _milliseconds(seconds: float) -> float:
    if abs(round(seconds * 1000) - seconds * 1000) > 1e-6:
        raise problem(f"is {seconds:g}, but must be a whole number of milliseconds")
    return seconds


Moment = Annotated[
    datetime, BeforeValidator(_moment), PlainSerializer(lambda value: value.isoformat().replace("+00:00", "Z"), return_type=str)
]
Span = Annotated[float, Field(strict=True, ge=0.001, le=1e7), AfterValidator(_milliseconds)]


class Fund(VenueFund):
    """The venue's fund with its start cash: a `share` of the opening open interest, or an amount of `cash`."""

    share: Annotated[float, Field(strict=True, ge=0, le=100)] | None = None
    cash: Annotated[float, Field(strict=True, ge=0, le=LARGEST_MONEY)] | None = None

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.share is not None and self.cash is not None:
            raise problem("is given beside share; leave one of the two out", "cash")
        return self


class Scenario(Table):
    """A market to simulate. `reach`, `round_s`, `max_rounds`: how a tick is cut into rounds (section "Rounds" of the documentation).

    `correlation`: of the normal noise of the contracts' index processes, one row a contract; empty for independent ones.
    """

    schema_: Literal[1] = Field(1, alias="schema")
    title: Text = ""
    story: Text = ""
    sources: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    venue: Text = "generic"
    ticks: Annotated[int, Field(strict=True, ge=1, le=10**9)]
    tick_s: Span = 60.0
    round_s: Span = 1.0
    reach: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.25
    max_rounds: Annotated[int, Field(strict=True, ge=1, le=10**9)] = 100_000
    start: Moment = datetime(2025, 10, 10, tzinfo=UTC)
    index: Index
    depth: Depth
    contracts: Annotated[tuple[Contract, ...], Field(strict=False, min_length=1, max_length=64)]
    correlation: Annotated[tuple[Annotated[tuple[Number, ...], Field(strict=False)], ...], Field(strict=False)] = ()
    price: Price = Price()
    fees: Fees
    tiers: Tiers
    mark: Mark
    funding: Funding
    fund: Fund
    liquidation: Liquidation
    providers: Providers = Providers()
    adl: Adl
    traders: Annotated[tuple[Group, ...], Field(strict=False, max_length=10_000)]

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        return completed(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        unique("contracts", [each.name for each in self.contracts])
        unique("traders", [each.name for each in self.traders])
        if self.correlation:
            factor(self.correlation, [each.name for each in self.contracts])
        count = sum(group.size for group in self.traders)
        if not count:
            raise problem("make an empty population; give at least one group a count of 1 or more", "traders")
        if count * self.ticks > MOST_WORK:
            raise problem(f"times {count} traders is more than {MOST_WORK:.0e} steps; take fewer of either", "ticks")
        for number, each in enumerate(self.contracts):
            if self.price.formation == "orderbook" and each.price_ticks > MOST_LEVELS:
                raise problem(
                    f"makes {each.price_ticks} price levels; an order book has at most {MOST_LEVELS}", "contracts", number, "tick"
                )
        known = [each.name for each in self.contracts]
        groups = self.traders
        if self.providers.count and PROVIDERS not in [group.name for group in groups]:
            groups = (*groups, self.providers.group(known))
        groups = tuple(group.completed(self.tiers[0].max_leverage, known, groups, ("traders", index)) for index, group in enumerate(groups))
        self._check_providers(groups)
        return self.model_copy(update={"traders": groups})

    def _cut(self) -> tuple[str, ...]:
        """A line where the venue's highest leverage cuts off more than a hundredth of what groups would draw."""
        cap = self.tiers[0].max_leverage
        drawn = [(group.name, group.leverage.params.get("leverage")) for group in self.traders]
        cut = [name for name, law in drawn if isinstance(law, LogNormal) and law.high == cap and exp(law.mu + 2.326 * law.sigma) > cap]
        return (f"Drawn leverage ends at {cap:g}x, the venue's highest; it would go further in {', '.join(cut)}.",) if cut else ()

    def _held(self) -> tuple[str, ...]:
        """A line where a leverage rule would rebalance positions that cannot be."""
        names = [each.name for each in self.traders if each.mode == "isolated" and registry.find("leverage", each.leverage.rule).rebalance]
        why = "an isolated position keeps the margin that it was opened with; mode = 'cross' lets the rule act at every look"
        return (f"The leverage rule of {', '.join(names)} acts only when they open: {why}.",) if names else ()

    def _check_providers(self, groups: tuple[Group, ...]) -> None:
        """The group of the providers, where there are any, is as many as they are and can take every contract."""
        wanted = self.providers.count
        for index, group in enumerate(groups):
            if not wanted or group.name != PROVIDERS:
                continue
            if group.count != wanted:
                raise problem(f"is {group.count}, but providers.count is {wanted}; make them equal", "traders", index, "count")
            if (group.mode, len(group.contracts)) != ("cross", len(self.contracts)):
                raise problem("must be cross accounts in every contract, so that they can take all that is assigned", "traders", index)

    @classmethod
    def load(cls, name_or_path: str | Path, sets: Iterable[str | tuple[str, Any]] = (), **overrides: Any) -> Scenario:
        """A shipped scenario by name, or a TOML file by path.

        Args:
            name_or_path: e.g. "crash" or "my/scenario.toml".
            sets: single keys to change, as "fund.share=0.05" or ("fund.share", 0.05); applied last.
            overrides: top-level keys to change; tables are merged, lists replaced.

        Example:
            >>> Scenario.load("calm", ticks=100, fund={"share": 0.01}).fund.share  # doctest: +SKIP
            0.01
        """
        name = os.fspath(name_or_path)
        is_path = name.endswith(".toml") or os.sep in name
        path = Path(name) if is_path else registry.find("scenarios", name)
        where = str(path) if is_path else path.name
        data = read_scenario(path, where)
        _anchor(data, path.parent)
        changes = [*overrides.items(), *(parse_set(each) if isinstance(each, str) else each for each in sets)]
        data |= {key: value for key, value in changes if key == "venue"}
        return cls.from_dict(with_changes(with_venue(data, where), changes), where)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: str = "scenario") -> Scenario:
        """A scenario from nested dicts as a TOML file would give them; `where` names the source in errors."""
        if not isinstance(data, Mapping):
            raise BadInput(f"{where}: this is {show(data)}, but must be a table of scenario keys.")
        filled = with_venue(data, where)
        try:
            return cls.model_validate(filled)
        except ValidationError as error:
            raise explain(error, where) from None

    def resolved(self) -> dict[str, Any]:
        """Everything filled in, as a dict that TOML can hold; `Scenario.from_dict` makes the same scenario of it."""
        return flatten(self.model_dump(mode="json", by_alias=True))

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The index process of every contract."""
        return tuple(each.index or self.index for each in self.contracts)

    @property
    def depths(self) -> tuple[Depth, ...]:
        """The depth of every contract."""
        return tuple(each.depth or self.depth for each in self.contracts)

    @property
    def notices(self) -> tuple[str, ...]:
        """Lines to print with every result of this scenario."""
        realised = [each.name for each, index in zip(self.contracts, self.indexes, strict=True) if index.process == "historic"]
        if not realised or self.price.formation == "external":
            return (*self._cut(), *self._held())
        return (
            *self._cut(),
            *self._held(),
            f"{', '.join(realised)}: forced orders move the price on top of a realised index, so the cascade may be counted twice; "
            "this is no replay (depth.permanent is 0).",
        )


def read_scenario(path: Path, where: str) -> dict[str, Any]:
    """The tables of a file, on top of those of the shipped scenario that its key `like` names: tables are merged, lists replaced."""
    data = read_toml(path, "scenario")
    other = data.pop("like", None)
    if other is None:
        return data
    return with_changes(read_scenario(registry.find("scenarios", str(other), f"{where}: like"), where), data.items())


def with_venue(data: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The tables on top of those of their venue."""
    venue = data.get("venue", "generic")
    if not isinstance(venue, str):
        raise BadInput(f"{where}: venue is {show(venue)}, but must be one of: {', '.join(registry.names('venues'))}.")
    return over_venue(read_venue(venue, f"{where}: venue"), data)


def completed(data: dict[str, Any]) -> dict[str, Any]:
    """The tables with what they imply: index and depth of every contract, no lasting impact on a realised index, the fund's start cash."""
    data = apportioned({"index": {}, "depth": {}, **data})
    contracts = data.get("contracts")
    if isinstance(contracts, list | tuple) and all(isinstance(each, dict) for each in contracts):
        data["contracts"] = [_own(data, number, dict(each)) for number, each in enumerate(contracts)]
    data["depth"] = _beside(data["index"], data["depth"])
    fund = data.get("fund")
    if isinstance(fund, dict) and not fund.keys() & {"share", "cash"}:
        data["fund"] = {**fund, "share": 0.03}
    return data


def _own(data: dict[str, Any], number: int, contract: dict[str, Any]) -> dict[str, Any]:
    """Index and depth of one contract."""
    if number == 0:
        for key in contract.keys() & {"index", "depth"}:
            raise problem(f"belongs to the first contract; write it as the table [{key}] of the scenario", "contracts", 0, key)
        return contract
    if "index" not in contract and _realised(data["index"]):
        raise problem("needs an index of its own, because the first contract follows a file; add the table index", "contracts", number)
    shared = data["depth"]
    if isinstance(shared, dict):
        shared = {key: value for key, value in shared.items() if key not in ("file", "absolute")}
    index, depth = contract.get("index", data["index"]), contract.get("depth", shared)
    return {**contract, "index": index, "depth": _beside(index, depth)}


def _realised(index: Any) -> bool:
    return isinstance(index, dict) and index.get("process", "historic" if "file" in index else "") == "historic"


def _beside(index: Any, depth: Any) -> Any:
    """The depth beside an index: on a realised one orders leave nothing behind."""
    return {**depth, "permanent": 0.0, "lasting": 0.0} if _realised(index) and isinstance(depth, dict) else depth


def _anchor(data: dict[str, Any], folder: Path) -> None:
    """Name the files that lie beside a scenario by their whole path."""
    contracts = data.get("contracts")
    for table in [data, *(contracts if isinstance(contracts, list) else [])]:
        for part in ("index", "depth"):
            below = table.get(part) if isinstance(table, dict) else None
            if isinstance(below, dict) and isinstance(below.get("file"), str) and os.path.isfile(folder / below["file"]):
                below["file"] = str(folder / below["file"])
    if isinstance(data.get("venue"), str) and data["venue"].endswith(".toml"):
        data["venue"] = str(folder / data["venue"])


def unique(table: str, names: list[str]) -> None:
    """Refuse names that occur twice."""
    for index, name in enumerate(names):
        if name in names[:index]:
            raise problem(f"is {name!r}, which {table}.{names.index(name)} has already; give each a name of its own", table, index, "name")
