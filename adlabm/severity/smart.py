"""No more than there is."""

from __future__ import annotations

from adlabm.severity.base import Round, Severity


class Smart(Severity):
    """Raises the deficit as far as the candidates can cover it.

    Formula: B = min(D, U).
    Units: quote currency.
    Source: the "smart queue" of arXiv 2512.01112 v2, against a production queue that closes the whole opposite side.
    Known for: never infeasible; the shortfall D - B is the smallest possible.

    Example:
        >>> Smart().budget(Round(deficit=80, available=50))
        50.0
    """

    key = "smart"

    def choose(self, round: Round) -> float:
        return min(round.deficit, round.available)
