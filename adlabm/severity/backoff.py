"""Multiplicative change of the share, between a floor and what is feasible."""

from __future__ import annotations

from adlabm.contracts import Param
from adlabm.severity.base import Round, Severity


class Backoff(Severity):
    """Multiplies the share of the deficit by a factor from round to round.

    Formula: theta_t = min(max(factor theta_(t-1), share), Theta_t), theta_0 = share, Theta_t = min(1, U / D); B = theta_t D.
    Units: quote currency.
    Source: the backoff controller of arXiv 2512.01112.
    Known for: as printed, with a factor below 1, it never leaves its first share.

    Example:
        >>> rule = Backoff(share=0.2, factor=2.0)
        >>> [rule.budget(Round(deficit=100)) for _ in range(4)]
        [40.0, 80.0, 100.0, 100.0]
    """

    key = "backoff"
    share = Param(0.5, low=0.0, high=1.0, unit="share of the deficit", doc="first and smallest share", source="own choice")
    factor = Param(0.5, low=0.0, high=10.0, doc="change from round to round", source="arXiv 2512.01112: below 1")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        self.last = self.share

    def choose(self, round: Round) -> float:
        most = min(1.0, round.available / round.deficit) if round.deficit else 1.0
        self.last = min(max(self.factor * self.last, self.share), most)
        return self.last * round.deficit
