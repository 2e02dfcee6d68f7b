"""Nothing until it is worth the trouble."""

from __future__ import annotations

from adlabm.contracts import Param
from adlabm.severity.base import Round, Severity


class Threshold(Severity):
    """Lets deficits add up and raises all of them once their sum reaches a threshold.

    Formula: Z <- Z + D; if Z >= least then B = Z and Z <- 0, else B = 0.
    Units: quote currency.
    Source: osec.io/blog/hyperliquid-risk-engine: cross margin is deleveraged when the summed shortfall reaches about $5M.
    Differs from the source in: isolated positions, deleveraged at once there, are not told apart.
    Known for: fewer and larger waves.

    Example:
        >>> gate = Threshold(least=100)
        >>> [gate.budget(Round(deficit=deficit)) for deficit in (60, 30, 50, 20)]
        [0.0, 0.0, 140.0, 0.0]
    """

    key = "threshold"
    least = Param(5e6, low=0.0, unit="quote currency", doc="sum of deficits that starts ADL", source="OtterSec, testnet state")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        self.waiting = 0.0

    def choose(self, round: Round) -> float:
        owed = self.waiting + round.deficit
        self.waiting = 0.0 if owed >= self.least else owed
        return owed - self.waiting
