"""All of the deficit, at once."""

from __future__ import annotations

from adlabm.severity.base import Round, Severity


class Full(Severity):
    """Raises the whole deficit.

    Formula: B = D.
    Units: quote currency.
    Source: what venues do: theta = 1 of arXiv 2512.01112.
    Known for: no shortfall but the one that the candidates cannot cover.

    Example:
        >>> Full().budget(Round(deficit=80, available=50))
        80.0
    """

    key = "full"

    def choose(self, round: Round) -> float:
        return round.deficit
