"""The market of a scenario: contracts, the index that they follow, price formation and depth.

Money in quote currency, prices in quote currency per unit of the contract, times in seconds, volatilities annual.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from adlabm.data.where import locate
from adlabm.errors import BadInput
from adlabm.rule_tables import RuleTable
from adlabm.schema import Name, Share, Table, problem, show


def _decimal(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise problem(f"is {show(value)}, but must be a number, or a decimal number in quotes")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except (ArithmeticError, ValueError):
        number = Decimal("nan")
    if not number.is_finite() or not Decimal("1e-12") <= number <= Decimal("1e12"):
        raise problem(f"is {show(value)}, but must be a number from 1e-12 to 1e12")
    return number.normalize()


def _whole(value: float) -> float:
    if value != round(value):
        raise problem(f"is {show(value)}, but must be a whole number")
    return value


def _file(value: str | None, *at: str | int) -> str | None:
    try:
        if value is not None:
            locate(value)
    except BadInput as error:
        raise problem(f"is wrong: {error}", *at) from None
    except (OSError, ValueError):
        raise problem(f"is {show(value)}, which cannot be the name of a file", *at) from None
    return value


Exact = Annotated[Decimal, BeforeValidator(_decimal), PlainSerializer(lambda value: f"{value:f}", return_type=str)]
File = Annotated[str | None, AfterValidator(lambda value: _file(value))]


class Index(RuleTable):
    """Where the index price goes: a `process` with its parameters; a `file` implies the historic process."""

    selectors: ClassVar = {"process": "index"}
    process: str = "gbm"

    @model_validator(mode="before")
    @classmethod
    def _implied(cls, data: Any) -> Any:
        return {"process": "historic", **data} if isinstance(data, dict) and "file" in data else data

    @model_validator(mode="after")
    def _files_exist(self) -> Self:
        _file(self.params.get("file"), "file")
        for number, file in enumerate(self.params.get("earlier", ())):
            _file(file, "earlier", number)
        return self


class Price(Table):
    """Price formation. `maker_inventory`: opening position of the maker as a share of open interest.

    `liquidity` (external only): lots per second that forced orders find at the mark, 0 for unlimited.
    Of the order book's background flow (`adlabm.kernels.flow`), whose depth is that of the table `depth`: `anchor`, where new orders are
    counted from; `window`, their largest distance; `order`, their size as a share of the depth within 1 %.
    `arbitrage`: whether the orders of hedged traders (arbitrage, carry, makers) clear with everybody's, before or after them.
    `turnover`: what outsiders take of an order book, and what the square-root law of voluntary flow counts in, a day, as a share of open
    interest (market models 4.2: Binance 1.28).
    """

    formation: Literal["depth", "external", "orderbook"] = "depth"
    anchor: Literal["index", "book"] = "index"
    arbitrage: Literal["with", "before", "after"] = "with"
    window: Annotated[float, Field(strict=True, ge=0.001, le=0.5)] = 0.1
    order: Annotated[float, Field(strict=True, ge=1e-4, le=1)] = 0.02
    turnover: Annotated[float, Field(strict=True, ge=0, le=1e4)] = 1.28
    maker_inventory: Annotated[float, Field(strict=True, ge=-1, le=1)] = 0.0
    liquidity: Annotated[float, Field(strict=True, ge=0, le=1e9), AfterValidator(_whole)] = 0.0


class Depth(Table):
    """Cumulative depth within x of mid, per side: D1 (x / 1 %) ** phi contracts.

    `share`: D1 in calm as a share of open interest. `half_life_s`: of what was consumed. `permanent`: share of a walk that moves the index.
    `withdrawal`: D1 falls like (sigma0 / sigma) ** withdrawal, not below `floor` of its calm value. `file`: measured depth in Binance's
    bookDepth format, scaled to `share` unless `absolute`. `asks`: depth of the asks over that of the bids.
    `metaorder`: Y of the square-root law by which voluntary flow moves the price (`adlabm.kernels.metaorder`), of which the share `lasting`
    moves the index; 0: it walks the book, as forced flow always does.
    `quoted`: whether D1 and the day's volume, by which that law measures, keep their contracts or their value at the index; a file's
    depth is as measured.
    """

    share: Annotated[float, Field(strict=True, gt=0, le=100)] = 0.025
    phi: Annotated[float, Field(strict=True, ge=0.05, le=20)] = 0.67
    half_life_s: Annotated[float, Field(strict=True, gt=0, le=1e12)] = 30.0
    permanent: Share = 0.2
    withdrawal: Annotated[float, Field(strict=True, ge=0, le=10)] = 1.25
    sigma0: Annotated[float, Field(strict=True, gt=0, le=100)] = 0.5
    floor: Share = 0.02
    asks: Annotated[float, Field(strict=True, ge=0.01, le=100)] = 1.0
    metaorder: Annotated[float, Field(strict=True, ge=0, le=10)] = 0.0
    lasting: Share = 2 / 3
    quoted: Literal["contracts", "value"] = "contracts"
    file: File = None
    absolute: bool = False


class Contract(Table):
    """A linear perpetual contract: sizes of a `tick` and of a `lot`, and the opening `price`.

    `index` and `depth` of the first contract are tables of the scenario; the others have their own or share those.
    """

    name: Name
    tick: Exact
    lot: Exact
    price: Exact
    index: Index | None = None
    depth: Depth | None = None

    @model_validator(mode="after")
    def _whole_units(self) -> Self:
        if self.unit < 1 or self.unit != self.tick * self.lot * 10**6:
            raise problem(f"x lot is {self.tick * self.lot:f}, but must be a whole number of micro-units, 0.000001; enlarge one", "tick")
        if self.price % self.tick:
            raise problem(f"is {self.price:f}, but must be a whole number of ticks of {self.tick:f}", "price")
        if self.price_ticks > 2**40 or self.price_ticks * self.unit > 10**15:
            worth = f"{self.price_ticks} ticks and a lot worth {self.price * self.lot:f}"
            raise problem(f"makes {worth}; at most 2^40 ticks and 1e9 are allowed", "price")
        return self

    @cached_property
    def unit(self) -> int:
        """Micro-units per tick and lot."""
        return int(self.tick * self.lot * 10**6)

    @cached_property
    def price_ticks(self) -> int:
        """The opening price in ticks."""
        return int(self.price / self.tick)
