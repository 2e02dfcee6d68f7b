"""Over-levered retail traders."""

from adlabm.contracts import Param, Signal
from adlabm.kernels.mathx import exp


class Retail(Signal):
    """Enters the more often the more the price moves, rather with the move than against it, and then holds until an exit acts.

    Formula: with z = m / s the move in standard deviations (|z| at most 3), a flat trader enters at a look with probability
    (1 + excite |z|) / (1 + 3 excite), long with probability 1 / (1 + exp(-(bias + tilt z))); one that holds leaves the position alone.
    So `pace_s` is the mean time to an entry in a move of three standard deviations.
    Source: market models 2.1 (entry hazard h0 (1 + a |m| / s), bias 0.5: 62 % long by count); Soska et al. (2021), WWW, small traders are
    long-biased with short horizons.
    """

    key = "retail"
    excite = Param(1.0, 0.0, 100.0, "", "how much a move of one standard deviation adds to the rate of entry", "D")
    bias = Param(0.5, -10.0, 10.0, "", "log odds of entering long in a flat market", "market models 2.1")
    tilt = Param(0.5, -10.0, 10.0, "", "log odds added by a rise of one standard deviation", "D")
    horizon_s = Param(3600.0, 60.0, 1e7, "s", "time constant of the average against which moves are seen", "D")

    @staticmethod
    def want(excite, bias, tilt, horizon_s, u, v, side, held, gap, spread, premium):
        if held != 0.0:
            return held
        z = min(max(gap / spread, -3.0), 3.0) if spread > 0.0 else 0.0
        if u >= (1.0 + excite * abs(z)) / (1.0 + 3.0 * excite):
            return 0.0
        return 1.0 if v < 1.0 / (1.0 + exp(-(bias + tilt * z))) else -1.0
