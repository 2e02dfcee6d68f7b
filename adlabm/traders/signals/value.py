"""Value traders."""

from adlabm.contracts import Param, Signal


class Value(Signal):
    """Leans against the price: buys below value, sells above, in proportion up to its leverage.

    Formula: want = clip(beta (ln V - ln P), -shorts, 1) with ln V - ln P = -(w gap + (1 - w) premium): V is the moving average at the
        trader's horizon with weight w, the index with weight 1 - w.
    Source: Thurner, Farmer and Geanakoplos (2012), demand with a leverage ceiling; market models 2.1.
    """

    key = "value"
    beta = Param(20.0, 0.0, 1e5, "", "demand per unit of log mispricing", "D")
    horizon_s = Param(86_400.0, 60.0, 1e7, "s", "time constant of the average that stands for value", "D")
    weight = Param(1.0, 0.0, 1.0, "share", "weight of the average; the rest is the index (arbitrage of the premium)", "D")
    shorts = Param(1.0, 0.0, 1.0, "share", "largest short, as a share of the leverage; 0 in the source", "D")

    @staticmethod
    def want(beta, horizon_s, weight, shorts, u, v, side, held, gap, spread, premium):
        wish = -beta * (weight * gap + (1.0 - weight) * premium)
        return min(max(wish, -shorts), 1.0)
