"""The mean of the queue over all orders."""

from __future__ import annotations

from math import comb

import numpy as np

from adlabm.adl.base import Draws, Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.draws import draws
from adlabm.adl.shares import best_first, in_order, rounded
from adlabm.contracts import Param

FEW = 12
"""Up to so many candidates the mean is taken over all sets of those before, 2^n of them; beyond, over drawn orders."""


class RandomArrival(Policy):
    """What everybody loses on average when the winners queue in random order.

    Formula: x_i = mean over orders of min(w_i, max(0, amount - sum of w before i)); exact up to 12 candidates, else over `orders` drawn.
    Units: wealth by nature; in contract space on quantities, rounded by largest fractions.
    Source: O'Neill 1982; the Shapley value of the bankruptcy game. ADL notes 1.7 for the table of estates.
    Known for: gains and losses are treated alike. Drawn orders err by about w_i / (2 sqrt(orders)).

    Example:
        >>> from adlabm.adl.allocate import allocate
        >>> claims = {"id": [1, 2, 3], "pnl": [100, 200, 300], "equity": [300, 300, 300]}
        >>> ([100, 200, 300] - allocate("random-arrival", 400, claims)).round(2).tolist()
        [33.33, 83.33, 83.33]
    """

    key = "random-arrival"
    unit = "wealth"
    orders = Param(256, low=1, high=65_536, doc="orders drawn when there are more than 12 candidates", source="own choice")
    seed = Param(0, low=0, high=2**64 - 1, doc="seed of the orders outside a market; inside, the run's seed decides", source="own choice")

    def split(self, amount: float, sizes: Column, caps: Column, table: Candidates, rng: Draws | None) -> Column:
        gifts = caps.astype(np.float64)
        if len(caps) <= FEW:
            means = np.array([mean_gift(float(amount), gifts, row) for row in range(len(caps))])
        else:
            places = np.floor(rng(table.id) * 2**32).astype(np.int64) if rng else table.id
            means = np.zeros(len(caps))
            for number in range(self.orders):
                order = best_first(draws(self.seed, self.key, places, number), table.id)
                means += in_order(order, float(amount), gifts) / self.orders
        means = np.minimum(means, gifts)
        return means if caps.dtype.kind == "f" else rounded(amount, means, caps)


def mean_gift(amount: float, gifts: Column, row: int) -> float:
    """Mean of min(gift, what is left when the row's turn comes) over all orders: over the sets before it, each by its probability."""
    before, members = np.zeros(1), np.zeros(1, np.int64)
    for gift in np.delete(gifts, row):
        before, members = np.concatenate([before, before + gift]), np.concatenate([members, members + 1])
    n = len(gifts)
    chances = np.array([1.0 / (n * comb(n - 1, size)) for size in range(n)])
    return float(np.sum(chances[members] * np.clip(amount - before, 0.0, gifts[row])))
