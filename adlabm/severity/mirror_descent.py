"""Multiplicative steps on a loss of coverage, shortage and excess."""

from __future__ import annotations

from math import sqrt

from adlabm.contracts import Param
from adlabm.severity.base import Round, Severity


class MirrorDescent(Severity):
    """Learns the share of the deficit by mirror descent.

    Formula: theta_(t+1) = theta_t exp(-pull / sqrt(t) g_t / D_t), B_t = theta_t D_t; g_t a subgradient at theta_t of
        f_t = -reward theta D + shortage max(0, M - theta D) + excess D max(0, theta - 1)^2, M needed; rounds without deficit teach nothing.
    Units: quote currency; all weights without unit.
    Source: the severity controller of arXiv 2512.01112 (lambda, mu, nu).
    Differs from the source in: the mirror map is the entropy; its excess term max(0, theta D - D)^2 is divided by D, so that its weight
        has no unit. Its values are not published.
    Known for: its resting place is above the deficit, theta = 1 + reward / (2 excess).

    Example:
        >>> rule = MirrorDescent(share=0.5, reward=0.0, shortage=1.0, pull=0.25)
        >>> [round(rule.budget(Round(deficit=100)), 2) for _ in range(3)]
        [50.0, 64.2, 76.62]
    """

    key = "mirror-descent"
    share = Param(0.5, low=1e-6, high=1.0, unit="share of the deficit", doc="first share", source="own choice")
    pull = Param(0.25, low=0.0, high=1.0, doc="size of the first step", source="own choice")
    reward = Param(0.1, low=0.0, high=1.0, doc="weight of what is raised (lambda)", source="own choice")
    shortage = Param(1.0, low=0.0, high=1.0, doc="weight of what is missing (mu)", source="own choice")
    excess = Param(1.0, low=0.01, high=1.0, doc="weight of what is raised beyond the deficit (nu)", source="own choice")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        self.level, self.turn = self.share, 0

    def choose(self, round: Round) -> float:
        from adlabm.kernels.mathx import exp  # the same on every machine; compiled, so only for who needs it

        level = self.level
        if round.deficit:
            self.turn += 1
            slope = -self.reward - self.shortage * (level < round.target) + 2.0 * self.excess * max(0.0, level - 1.0)
            self.level = level * exp(-self.pull / sqrt(self.turn) * slope)
        return level * round.deficit
