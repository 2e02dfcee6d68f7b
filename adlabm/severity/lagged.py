"""This round's budget from the last round's deficit."""

from __future__ import annotations

from adlabm.contracts import Param
from adlabm.severity.base import Round, Severity


class Lagged(Severity):
    """Raises a share of the deficit of the round before, where the present one is not known yet.

    Formula: B_t = share D_(t-1), nothing in the first round.
    Units: quote currency.
    Source: ADL notes 1.5.
    Known for: one wave of 100 is met by nothing, then by 100 that nobody needs.

    Example:
        >>> rule = Lagged()
        >>> [rule.budget(Round(deficit=deficit)) for deficit in (100, 0, 40)]
        [0.0, 100.0, 0.0]
    """

    key = "lagged"
    share = Param(1.0, low=0.0, high=1.0, unit="share of the deficit", doc="what is raised of it", source="own choice")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        self.before = 0.0

    def choose(self, round: Round) -> float:
        amount, self.before = self.share * self.before, round.deficit
        return amount
