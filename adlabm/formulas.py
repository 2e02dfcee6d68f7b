"""Published formulas of mark, funding and indicator of a venue: data for looking up, the engine does not read them."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from adlabm.price.funding import FORMS, PREMIUMS
from adlabm.price.mark import PRICES
from adlabm.schema import NotNegative, Positive, Table, known_word

UNPUBLISHED = "unpublished"


class Formulas(Table):
    """Formulas of mark and funding, with the numbers of the tables `mark` and `funding`.

    `mark`: the mark is the median of these prices; `weights`: of the exchanges in the price `external`. `premium`: how it is measured, at
    `impact_notional` (quote currency) or at what `impact_margin` carries at the highest leverage. `funding`: how premium and interest
    make the rate. `paid_s`: how often it is paid, where that is not once an interval; the share paid then is paid_s / interval_s.
    """

    mark: Annotated[tuple[str, ...], Field(strict=False, min_length=1), AfterValidator(partial(known_word, PRICES))] = ("premium",)
    weights: Annotated[tuple[Positive, ...], Field(strict=False)] = ()
    premium: Annotated[str, AfterValidator(partial(known_word, (*PREMIUMS, UNPUBLISHED)))] = UNPUBLISHED
    impact_notional: NotNegative | None = None
    impact_margin: NotNegative | None = None
    funding: Annotated[str, AfterValidator(partial(known_word, FORMS))] = "damped"
    paid_s: Positive | None = None


class Lights(Table):
    """The indicator: `bars` levels from `lowest` on, in equal steps of the queue counted in `contracts` or in `users`."""

    bars: Annotated[int, Field(strict=True, ge=2, le=20)] = 5
    lowest: Literal[0, 1] = 1
    counts: Literal["contracts", "users"] = "contracts"
