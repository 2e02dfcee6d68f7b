"""Online gradient descent on the tracking error."""

from __future__ import annotations

from adlabm.contracts import Param
from adlabm.severity.base import Round, Severity


class OnlineGradient(Severity):
    """Steps the share of the deficit towards what would have been right, by the size of the deficit.

    Formula: B_t = theta_t D_t; theta_(t+1) = clip(theta_t - rate D_t sign(theta_t - theta*_t), 0, 1), theta*_t = needed_t / D_t.
    Units: quote currency; the rate is per quote currency.
    Source: arXiv 2602.15182; its best rate is sqrt((1 + 2 P_T) / sum(D^2)), P_T = sum |theta*_(t+1) - theta*_t|.
    Known for: with that rate the tracking regret is at most sqrt((1 + 2 P_T) sum(D^2)).

    Example:
        >>> rule = OnlineGradient(share=1.0, rate=0.001)
        >>> [rule.budget(Round(deficit=100, needed=75)) for _ in range(5)]
        [100.0, 90.0, 80.0, 70.0, 80.0]
    """

    key = "online-gradient"
    share = Param(1.0, low=0.0, high=1.0, unit="share of the deficit", doc="first share", source="own choice")
    rate = Param(
        1.166e-7, low=0.0, unit="1 / quote currency", doc="step", source="the best rate on the 16 waves of 10 Oct 2025 (P_T 7.0595)"
    )

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        self.level = self.share

    def choose(self, round: Round) -> float:
        level, error = self.level, float(self.level - round.target)
        step = self.rate * round.deficit * ((error > 0) - (error < 0))
        self.level = min(max(level - step, 0.0), 1.0)
        return level * round.deficit
