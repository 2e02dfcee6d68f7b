"""Equities of accounts and owners, vectorised, and the balance report: the ledger's identity, one row per named account."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adlabm.kernels import columns as col
from adlabm.kernels.columns import State


def account_equity(state: State) -> NDArray[np.int64]:
    """Equity of every account at the mark (micro), int64 (accounts,): balance + lots x mark x unit - entry - accrued funding."""
    p, c = state.positions, state.contracts
    profit = p[col.P_LOTS] * (c[col.C_MARK] * c[col.C_UNIT])[state.bands[col.B_CONTRACT]] - p[col.P_ENTRY]
    out = state.accounts[col.A_BALANCE] - accrued_funding(state)
    np.add.at(out, p[col.P_ACCOUNT], profit)
    return out


def accrued_funding(state: State) -> NDArray[np.int64]:
    """Funding that every account owes and has not settled yet (micro), int64 (accounts,): lots x change of the index since it last paid."""
    p = state.positions
    out = np.zeros(state.accounts.shape[1], np.int64)
    np.add.at(out, p[col.P_ACCOUNT], p[col.P_LOTS] * (state.contracts[col.C_FUNDING][state.bands[col.B_CONTRACT]] - p[col.P_INDEX]))
    return out


def owner_sums(state: State, amounts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums of account amounts by owner row, int64 (owners,)."""
    out = np.zeros(state.owners.shape[1], np.int64)
    np.add.at(out, state.accounts[col.A_OWNER], amounts)
    return out


def balance_report(state: State) -> dict[str, int]:
    """The identity in micro-units.

    Formula: traders + maker + ring_fenced + fund + fees + rounding = net_deposits + fund_start + uncovered_loss, with `difference` (zero
        when it holds).
    """
    equity = owner_sums(state, account_equity(state))
    k = state.clock
    report = {
        "traders": int(equity[col.SPECIAL :].sum()),
        "maker": int(equity[col.MAKER]),
        "ring_fenced": int(equity[col.RING]),
        "fund": int(equity[col.FUND]),
        "fees": int(k[col.K_FEES]),
        "rounding": int(k[col.K_ROUNDING]),
        "net_deposits": int(k[col.K_DEPOSITS]),
        "fund_start": int(k[col.K_FUND_START]),
        "uncovered_loss": int(k[col.K_UNCOVERED]),
    }
    names = list(report)
    report["difference"] = sum(report[n] for n in names[:6]) - sum(report[n] for n in names[6:])
    return report
