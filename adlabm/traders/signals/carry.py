"""Cash-and-carry: short the perpetual, long the spot outside the venue."""

from adlabm.contracts import Param, Signal
from adlabm.kernels.mathx import exp


class Carry(Signal):
    """Shorts the perpetual for its funding, the more the higher it is. The spot that hedges it lies outside the venue and is no margin.

    Formula: want = -1 / (1 + exp(-(f - hurdle) / width)), f = 1095 (b + clip(0.0001 - b, -0.0005, 0.0005)) the funding of a year at the
    present premium b (three payments a day). What ADL closes leaves `spot` of it unhedged: metric `naked-delta`.
    Source: Schmeling, Schrimpf and Todorov, BIS WP 1087 (carry and scarce arbitrage capital); market models 2.2 (hurdle 8 to 10 % a year).
    """

    key = "carry"
    hedged = True
    hurdle = Param(0.09, -10.0, 10.0, "a year", "funding at which half of the capital is used", "market models 2.2")
    width = Param(0.03, 1e-6, 10.0, "a year", "how gradually it enters", "D")
    spot = Param(1.0, 0.0, 1.0, "share", "of the short that spot outside the venue hedges", "market models 2.2")

    @staticmethod
    def want(hurdle, width, spot, d, u, v, side, held, gap, spread, premium):
        funding = 1095.0 * (premium + min(max(0.0001 - premium, -0.0005), 0.0005))
        return -1.0 / (1.0 + exp(min(max(-(funding - hurdle) / width, -500.0), 500.0)))
