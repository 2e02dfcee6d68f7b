"""A queue of unpaid deficits against the cost of raising them."""

from __future__ import annotations

from adlabm.contracts import Param
from adlabm.severity.base import Round, Severity


class DriftPlusPenalty(Severity):
    """Raises the more, the more is outstanding.

    Formula: B_t minimises weight B^2 / (2 U_t) - Z_t B over 0 <= B <= min(U_t, Z_t + D_t), so B_t = min(U_t Z_t / weight, U_t, Z_t + D_t);
        Z_(t+1) = Z_t + D_t - B_t. With unlimited candidates B_t = Z_t + D_t as soon as anything is outstanding.
    Units: quote currency, the weight too: it is the backlog at which everything available is taken.
    Source: the method of Lyapunov optimisation (Neely 2010); not found in any source on ADL (ADL notes 1.5).
    Known for: the cost gap falls as 1 / weight, the backlog grows as weight.

    Example:
        >>> rule = DriftPlusPenalty(weight=100)
        >>> [rule.budget(Round(deficit=deficit, available=80)) for deficit in (50, 0, 0)]
        [0.0, 40.0, 8.0]
    """

    key = "drift-plus-penalty"
    weight = Param(1e6, low=1e-6, unit="quote currency", doc="backlog at which all that is available is taken", source="own choice")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        self.waiting = 0.0

    def choose(self, round: Round) -> float:
        owed = self.waiting + round.deficit
        urge = self.waiting / self.weight
        amount = min(round.available * urge if urge else 0.0, round.available, owed)
        self.waiting = owed - amount
        return amount
