"""Public tables of Hyperliquid's ADL of 10 October 2025: by account, by coin and by wave. Money is in US dollars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from adlabm.data.quality import Quality
from adlabm.data.source import Cell, read_table
from adlabm.errors import unknown

MIT = ("arXiv 2512.01112 and 2602.15182, result tables: MIT licence, 2025 Chitra, Xu, Thogiti, Trujillo",)
HYPERREPLAY = ("Powered by HyperReplay — © ConejoCapital", "HyperReplay Custom License v1.0: non-commercial use only")
CENT = 0.01
Frame: TypeAlias = pd.DataFrame
Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Layout:
    """What one table holds.

    Attributes:
        file: its place below the data folder.
        series: what a row is.
        key: the columns that name a row; no two rows share them.
        columns: needed column -> kind of its cells, a key of KINDS.
        prefixes: beginning of further columns, read where there are any -> kind of their cells.
        notices: what every output says that rests on it.
        wrong: (column to blame, the rows that contradict themselves, what must hold).
        counts: name -> (the rows to count, sentence with `{n}`).
    """

    file: str
    series: str
    key: tuple[str, ...]
    columns: dict[str, str]
    notices: tuple[str, ...]
    prefixes: dict[str, str] = field(default_factory=dict)
    wrong: tuple[tuple[str, Callable[[Frame], Any], str], ...] = ()
    counts: dict[str, tuple[Callable[[Frame], Any], str]] = field(default_factory=dict)


def _named(cell: Cell) -> str:
    return cell.text or cell.refuse("not be empty")


def _within(low: float, high: float, allowed: str) -> Callable[[Cell], float]:
    def read(cell: Cell) -> float:
        value = cell.number()
        return value if low <= value <= high else cell.refuse(allowed)

    return read


def _count(cell: Cell) -> int:
    value = cell.integer()
    return value if value >= 0 else cell.refuse("be zero or more")


KINDS: dict[str, Callable[[Cell], Any]] = {
    "name": _named,
    "number": Cell.number,
    "amount": _within(0.0, np.inf, "be zero or more"),
    "share": _within(0.0, 1.0, "be a share from 0 to 1"),
    "count": _count,
}


def _holes(table: Frame) -> Rows:
    return ~np.isin(np.arange(table["wave"].min(), table["wave"].max()), table["wave"])


_DEBT = ("max_loss_usd", lambda t: t["max_loss_usd"] > t["deficit_usd"] + CENT, "not exceed the deficit of its wave")
_ENDS = ("t_end_ms", lambda t: t["t_end_ms"] < t["t_start_ms"], "not be earlier than the start of its wave")
_MISSING = (_holes, "{n} wave numbers between the first and the last are missing: clusters without a deficit.")
_REPEATED = (
    lambda t: t["max_loss_usd"].round(2).duplicated(keep=False),
    "{n} waves have a largest loss that recurs to the cent: one loss counted more than once.",
)
_ACCOUNT = {"adl_notional": "amount", "closed_pnl": "number", "leverage_realtime": "amount", "pnl_percent": "number"}
_WAVE = {"wave": "count", "t_start_ms": "count", "t_end_ms": "count", "deficit_usd": "amount", "max_loss_usd": "amount"}

LAYOUTS = {
    "accounts": Layout(
        "adl_2025_10_10/noncommercial/adl_by_user_REALTIME.csv",
        "deleveraged accounts, US dollars, leverage in multiples, return in percent",
        ("user",),
        {"user": "name", **_ACCOUNT, "account_value_realtime": "number", "num_adl_events": "count"},
        HYPERREPLAY,
        counts={
            "losers": (lambda t: t["closed_pnl"] < 0, "{n} accounts were closed at a loss; they have no profit to give."),
            "negative_value": (lambda t: t["account_value_realtime"] < 0, "{n} accounts have a value below zero."),
            "high_leverage": (lambda t: t["leverage_realtime"] > 100, "{n} accounts show a leverage above 100: account values near zero."),
        },
    ),
    "reactions": Layout(
        "adl_2025_10_10/mit/per_user_reaction_metrics.csv",
        "deleveraged accounts and what they traded afterwards, shares",
        ("user",),
        {"user": "name", "n_adl_events": "count", "share_any_nonadl_fill_60000ms": "share", "mean_undo_frac_60000ms": "share"},
        MIT,
        counts={"silent": (lambda t: t["share_any_nonadl_fill_60000ms"] == 0, "{n} accounts did not trade within a minute.")},
    ),
    "coins": Layout(
        "adl_2025_10_10/noncommercial/adl_by_coin_REALTIME.csv",
        "deleveraged positions by coin, US dollars",
        ("coin",),
        {"coin": "name", "adl_notional": "amount", "closed_pnl": "number", "num_users": "count", "num_events": "count"},
        HYPERREPLAY,
        counts={"losers": (lambda t: t["closed_pnl"] < 0, "{n} coins were closed at a loss in sum.")},
    ),
    "volumes": Layout(
        "adl_2025_10_10/noncommercial/adl_net_volume_full_12min.csv",
        "ADL volume by coin, contracts and US dollars",
        ("ticker",),
        {"ticker": "name", "net_volume": "amount", "net_notional_usd": "amount", "avg_price": "amount", "num_adl_events": "count"},
        HYPERREPLAY,
    ),
    "clusters": Layout(
        "adl_2025_10_10/mit/per_shock_metrics_queue.csv",
        "clusters of ADL by coin, US dollars",
        ("coin", "cluster_id"),
        {
            "coin": "name",
            "cluster_id": "count",
            **dict.fromkeys(
                ("deficit_usd", "total_capacity_usd", "budget_queue_usd", "overshoot_queue_usd", "residual_queue_usd"), "amount"
            ),
        },
        MIT,
        wrong=(
            (
                "budget_queue_usd",
                lambda t: t["budget_queue_usd"] > t["total_capacity_usd"] + CENT,
                "not exceed the capacity of its winners",
            ),
            (
                "overshoot_queue_usd",
                lambda t: ((t["budget_queue_usd"] - t["deficit_usd"]).clip(lower=0) - t["overshoot_queue_usd"]).abs() > CENT,
                "be the budget beyond the deficit",
            ),
        ),
        counts={"idle": (lambda t: t["deficit_usd"] == 0, "{n} of {rows} clusters have no deficit, yet positions were closed.")},
    ),
    "gaps": Layout(
        "adl_2025_10_10/mit/two_pass_wave_coin_gap_per_contract.csv",
        "budget needed by wave and coin, US dollars",
        ("wave", "coin"),
        {"wave": "count", "coin": "name", "gap_usd_x_qty": "amount", "qty_contracts": "amount", "gap_per_contract_usd": "amount"},
        MIT,
        wrong=(
            (
                "gap_per_contract_usd",
                lambda t: (t["gap_per_contract_usd"] * t["qty_contracts"] - t["gap_usd_x_qty"]).abs() > CENT + 1e-6 * t["gap_usd_x_qty"],
                "be the gap divided by the contracts",
            ),
        ),
    ),
    "policies": Layout(
        "adl_2025_10_10/mit/policy_per_wave_metrics.csv",
        "ADL waves under several policies, US dollars",
        ("wave",),
        {"wave": "count", **dict.fromkeys(("budget_needed", "budget_prod", "deficit_usd", "max_loss_usd"), "amount")}
        | dict.fromkeys(("max_pct_prod", "max_pct_fixed_point_ilp_integer"), "share"),
        MIT,
        prefixes={"budget_": "amount", "max_pct_": "share"},
        wrong=(_DEBT,),
        counts={"missing_waves": _MISSING, "repeated": _REPEATED},
    ),
    "losers": Layout(
        "adl_2025_10_10/mit/bad_debt_loser_waves.csv",
        "ADL waves and their losers, US dollars",
        ("wave",),
        {**_WAVE, "n_rows": "count", "unique_losers": "count"},
        MIT,
        wrong=(_DEBT, _ENDS),
        counts={"missing_waves": _MISSING, "repeated": _REPEATED},
    ),
    "horizons": Layout(
        "adl_2025_10_10/mit/two_pass_equity_delta_by_wave_h{}.csv",
        "ADL waves measured some time after their end, US dollars",
        ("wave",),
        {**_WAVE, "t_eval_end_ms": "count"}
        | dict.fromkeys(("budget_needed_usd", "budget_prod_usd"), "amount")
        | {"overshoot_prod_minus_needed_usd": "number"},
        MIT,
        wrong=(
            _DEBT,
            _ENDS,
            (
                "overshoot_prod_minus_needed_usd",
                lambda t: (t["budget_prod_usd"] - t["budget_needed_usd"] - t["overshoot_prod_minus_needed_usd"]).abs() > CENT,
                "be the budget produced less the budget needed",
            ),
        ),
        counts={"missing_waves": _MISSING, "repeated": _REPEATED},
    ),
}
"""Name of a table -> its layout."""


def read_adl_table(path: str | Path, name: str) -> tuple[Frame, Quality]:
    """Read and check one table, rows by key ascending.

    Args:
        path: CSV, zipped or not, with a header row.
        name: which table it is, a key of LAYOUTS.

    Raises:
        BadInput: the file, line and column of the first thing that is wrong, and what is allowed.
    """
    if name not in LAYOUTS:
        raise unknown("ADL table", name, LAYOUTS)
    layout = LAYOUTS[name]
    text = read_table(path, tuple(layout.columns), tuple(layout.columns))
    kinds = {each: kind for prefix, kind in layout.prefixes.items() for each in text.columns if each.startswith(prefix)} | layout.columns
    rows = range(len(text.rows))
    table = pd.DataFrame({each: [KINDS[kind](text.cell(row, each)) for row in rows] for each, kind in kinds.items()})
    again = table.duplicated(list(layout.key))
    for column, bad, must in (
        (layout.key[-1], again, "stand once in the table"),
        *((c, rule(table), must) for c, rule, must in layout.wrong),
    ):
        if np.any(bad):
            text.cell(int(np.argmax(bad)), column).refuse(must)
    counts = {each: int(np.count_nonzero(rule(table))) for each, (rule, _) in layout.counts.items()}
    meaning = {each: sentence for each, (_, sentence) in layout.counts.items()}
    quality = Quality(Path(path).name, text.sha256, layout.series, len(table), counts, meaning, layout.notices)
    return table.sort_values(list(layout.key), ignore_index=True), quality
