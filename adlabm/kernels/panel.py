"""What a panel records: three figures of every trader as they stand."""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE, A_COUNT, A_FIRST, A_OWNER, B_CONTRACT, C_FUNDING, C_MARK, C_UNIT, P_ENTRY, P_INDEX, P_LOTS, SPECIAL,
)  # fmt: skip

__all__ = ["record"]

MICRO = 1e-6


def record(s, out):
    """Equity, notional and open profit (quote currency) of every trader, in the order of rows: float32 (3, traders)."""
    accounts, positions, bands, contracts = (state.accounts(s), state.positions(s), state.bands(s), state.contracts(s))
    out[:] = np.float32(0.0)
    for account in range(SPECIAL, accounts.shape[1]):
        notional = profit = 0
        first = accounts[A_FIRST, account]
        for j in range(first, first + accounts[A_COUNT, account]):
            lots = positions[P_LOTS, j]
            if lots != 0:
                contract = bands[B_CONTRACT, j]
                value = lots * contracts[C_MARK, contract] * contracts[C_UNIT, contract]
                notional += abs(value)
                profit += value - positions[P_ENTRY, j] - lots * (contracts[C_FUNDING, contract] - positions[P_INDEX, j])
        trader = accounts[A_OWNER, account] - SPECIAL
        out[0, trader] += np.float32(MICRO * (accounts[A_BALANCE, account] + profit))
        if notional != 0:
            out[1, trader] += np.float32(MICRO * notional)
            out[2, trader] += np.float32(MICRO * profit)
