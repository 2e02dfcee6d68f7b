"""Laws: how a number differs between the traders of a group.

A trader value in a scenario is a number or one of these tables. `low` and `high` clip what the law gives; with a Pareto tail `high`
counts in medians. Values have the unit of the key they stand for.
"""

from __future__ import annotations

from math import inf
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from adlabm.errors import did_you_mean
from adlabm.schema import Number, Positive, Table, problem

Spread = Annotated[float, Field(strict=True, ge=0, le=10)]


class Law(Table):
    """Base of the laws; `lowest` and `highest` bound what it can give."""

    law: str
    low: Number | None = None
    high: Number | None = None

    @property
    def lowest(self) -> float:
        """Smallest value that the law can give."""
        return -inf if self.low is None else self.low

    @property
    def highest(self) -> float:
        """Largest value that the law can give."""
        return inf if self.high is None else self.high

    def clipped(self, low: float | None, high: float | None) -> Self:
        """The law with these clips where it has none of its own."""
        return self.model_copy(update={"low": low if self.low is None else self.low, "high": high if self.high is None else self.high})

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lowest > self.highest:
            raise problem(f"reaches from {self.lowest:g} down to {self.highest:g}; set low at most high")
        return self


class LogNormal(Law):
    """exp(mu + sigma Z), Z standard normal."""

    law: Literal["lognormal"]
    mu: Annotated[float, Field(strict=True, ge=-40, le=40)]
    sigma: Spread

    @property
    def lowest(self) -> float:
        return self.low or 0.0


class Uniform(Law):
    """Spread evenly from low to high."""

    law: Literal["uniform"]
    low: Number
    high: Number


class LogUniform(Law):
    """exp of an even spread from log(low) to log(high)."""

    law: Literal["loguniform"]
    low: Positive
    high: Positive


class Tailed(Law):
    """Laws given by their median whose upper tail falls like x ** -tail; `high` counts in medians."""

    median: Positive
    tail: Annotated[float, Field(strict=True, ge=0.1, le=100)]
    high: Positive | None = None

    @property
    def highest(self) -> float:
        return inf if self.high is None else self.median * self.high

    def clipped(self, low: float | None, high: float | None) -> Self:
        return super().clipped(low, None if high is None else high / self.median)


class Pareto(Tailed):
    """median (2 (1 - U)) ** (-1 / tail), U uniform on (0, 1)."""

    law: Literal["pareto"]

    @property
    def lowest(self) -> float:
        return max(self.low or 0.0, self.median * 0.5 ** (1 / self.tail))


class LogNormalPareto(Tailed):
    """median exp(sigma Z) below the median, the tail of `Pareto` above it."""

    law: Literal["lognormal-pareto"]
    sigma: Spread

    @property
    def lowest(self) -> float:
        return self.low or 0.0


LAWS: dict[str, type[Law]] = {
    "lognormal": LogNormal,
    "uniform": Uniform,
    "loguniform": LogUniform,
    "pareto": Pareto,
    "lognormal-pareto": LogNormalPareto,
}


def _known_law(value: Any) -> Any:
    if isinstance(value, dict) and (not isinstance(value.get("law"), str) or value["law"] not in LAWS):
        name = value.get("law")
        raise problem(f"must name a law{did_you_mean(name, LAWS)}; use one of: {', '.join(LAWS)}", "law")
    return value


def _tag(value: Any) -> str:
    return f"law:{value.get('law') if isinstance(value, dict) else getattr(value, 'law', 'number')}"


Quantity = Annotated[
    Annotated[Number, Tag("law:number")]
    | Annotated[LogNormal, Tag("law:lognormal")]
    | Annotated[Uniform, Tag("law:uniform")]
    | Annotated[LogUniform, Tag("law:loguniform")]
    | Annotated[Pareto, Tag("law:pareto")]
    | Annotated[LogNormalPareto, Tag("law:lognormal-pareto")],
    Discriminator(_tag),
    BeforeValidator(_known_law),
]
