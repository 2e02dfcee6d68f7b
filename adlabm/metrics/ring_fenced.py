"""What did the positions come to that a policy kept open?"""

from __future__ import annotations

import pandas as pd


def ring_fenced(traders: pd.DataFrame) -> pd.Series:
    """`pnl`: what the ring-fenced account, which carries bankrupt positions where a policy debits money, has won by the end.

    Units: quote currency; traders as in traders.parquet. 0 where nothing was ring-fenced.
    Source: measurement notes 7 (its profit and loss is charged to the policy).

    Example:
        >>> ring_fenced(pd.DataFrame({"type": ["trader", "ring-fenced"], "pnl": [3.0, -2.0]})).to_dict()
        {'pnl': -2.0}
    """
    return pd.Series({"pnl": traders.loc[traders["type"] == "ring-fenced", "pnl"].astype(float).sum()})
