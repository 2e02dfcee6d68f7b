"""How much worse than the bankruptcy price did liquidations fill?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from adlabm.metrics._columns import columns, picked


def bankruptcy_gap(events: Mapping[str, Any]) -> float:
    """What the loser's margin could not pay for, in money.

    Formula: sum over `liquidation` rows with a fill of ((price - bankruptcy price) quantity)^+, quantity the change of the position: below
    zero when a long is sold.
    Units: quote currency; events as in events.parquet.
    Source: arXiv 2512.01112.

    Example:
        >>> bankruptcy_gap({"kind": ["liquidation"], "quantity": [-2.0], "price": [95.0], "bankruptcy_price": [96.0]})
        2.0
    """
    kind, *fields = picked(events, "kind", "quantity", "price", "bankruptcy_price")
    quantity, price, limit = (np.asarray(each, np.float64) for each in fields)
    rows = (np.asarray(kind) == "liquidation") & np.isfinite(quantity) & np.isfinite(limit)
    change, paid, bound = columns(quantity=quantity[rows], price=price[rows], bankruptcy_price=limit[rows])
    return math.fsum(np.maximum((paid - bound) * change, 0.0))
