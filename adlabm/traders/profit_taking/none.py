"""No profit taking."""

from adlabm.contracts import INFINITE, ProfitTaking


class Hold(ProfitTaking):
    """Holds a winner until the signal turns. Source: market models 2.4."""

    key = "none"

    @staticmethod
    def upper(a, b, c, d, stage, peak):
        return INFINITE

    @staticmethod
    def part(a, b, c, d, stage, peak, gain):
        return 0.0
