"""A constant share of every deficit."""

from __future__ import annotations

from adlabm.contracts import Param
from adlabm.severity.base import Round, Severity


class Static(Severity):
    """Raises the same share of the deficit in every round.

    Formula: B = share D; what is not raised, (1 - share) D, stays with the venue.
    Units: quote currency.
    Source: the static rules of arXiv 2512.01112.
    Known for: the best constant share is what dynamic rules have to beat (static regret).

    Example:
        >>> Static(share=0.25).budget(Round(deficit=80))
        20.0
    """

    key = "static"
    share = Param(0.5, low=0.0, high=1.0, unit="share of the deficit", doc="what is raised", source="own choice")

    def choose(self, round: Round) -> float:
        return self.share * round.deficit
