"""Attention: traders look the more often the more others trade (self-excited order flow).

The rate of a trader's looks is A / pace, A = 1 - n + n sum_k w_k V_k / V, at most BUSIEST: n the group's `attention`, V_k the mean traded
value of a tick over HORIZONS_S[k], by all who attend to the contract, w_k proportional to the horizon to the power -0.45 (a kernel that
falls as t^-1.45), V the mean of the run so far, or of the last 30 days. The clock rings at BUSIEST times the pace, and a trader then looks
with probability A / BUSIEST (thinning: Lewis and Shedler 1979), so that it notices at once when the market becomes busy.

Source: Hardiman, Bercot and Bouchaud (2013), Eur. Phys. J. B 86, arXiv 1302.1405: a kernel of t^-1.45 between 10^3 and 10^6 s whose
integral n is about one. Differs from the source in: what excites is traded value, not the number of price changes.
"""

from functools import reduce
from operator import add

from adlabm.kernels import state
from adlabm.kernels.columns import (
    C_STIRRED, F_RECENT, F_STIR, F_TYPICAL, G_ATTENTION, HORIZONS_S, K_NOW, NANO,
)  # fmt: skip
from adlabm.kernels.mathx import exp, power

__all__ = ["remember_volume", "looks"]

BUSIEST = 16.0
DAY_S, MONTH_S = 86_400.0, 30.0 * 86_400.0
_WEIGHTS = [power(each, -0.45) for each in HORIZONS_S]
WEIGHTS = tuple(each / reduce(add, _WEIGHTS) for each in _WEIGHTS)  # Python 3.12's sum() of floats is another one than 3.11's


def remember_volume(s, contract, seconds):
    """At the end of a tick: what those who attend have traded enters the averages."""
    reals, stir = (state.reals(s), 0.0)
    if reals[F_TYPICAL, contract] == 0.0:
        return
    traded = float(state.contracts(s)[C_STIRRED, contract])
    known = min(state.clock(s)[K_NOW] / 1000.0 + DAY_S, MONTH_S)
    reals[F_TYPICAL, contract] += seconds / known * (traded - reals[F_TYPICAL, contract])
    for k in range(len(HORIZONS_S)):
        reals[F_RECENT + k, contract] += (1.0 - exp(-seconds / HORIZONS_S[k])) * (traded - reals[F_RECENT + k, contract])
        stir += WEIGHTS[k] * reals[F_RECENT + k, contract]
    reals[F_STIR, contract] = stir / reals[F_TYPICAL, contract]


def looks(s, group, contract, u):
    """Whether a trader of a group whose clock rang looks at the contract, u a uniform draw."""
    n = state.groups(s)[G_ATTENTION, group] / NANO
    return u * BUSIEST < 1.0 - n + n * state.reals(s)[F_STIR, contract]
