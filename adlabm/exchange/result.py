"""The outputs of a run: summary, notes in plain words, and tables."""

from __future__ import annotations

import hashlib
import math
import platform
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from adlabm import registry
from adlabm.exchange.records import check_tables, events_table, series_table, traders_table
from adlabm.kernels import columns as col
from adlabm.ledger.valuation import account_equity, owner_sums
from adlabm.metrics.concentration import gini, top_share
from adlabm.streams import STREAMS_VERSION
from adlabm.sweep.store import RunTables, content_hash, quote

if TYPE_CHECKING:
    from adlabm.model import AdlModel

RUNAWAY = 3.0
PACKAGES = ("adlabm", "mesa", "numpy", "numba", "pandas", "pyarrow")


def build_tables(model: AdlModel) -> RunTables:
    """All tables of the run so far, with summary, resolved scenario and manifest."""
    model.records.take_logs(model.state)
    model.records.take_series(model.state)
    events = model.records.event_rows()
    series, samples = model.records.series_rows(len(model.config.contracts))
    tables = {
        "traders": traders_table(model.state, model.config, model.equity_start, events, series),
        "events": events_table(events, model.config),
        "series": series_table(series, samples, model.config),
    }
    chain = f"{int(model.state.clock[col.K_CHAIN]) % 2**64:016x}"
    digest = hashlib.sha256("\n".join([chain, *(content_hash(table) for table in tables.values())]).encode()).hexdigest()
    opening = journal = hashes = None
    if model.check:
        opening, journal, hashes = check_tables(model.opening, model.records)
    summary = summarise(model, digest)
    manifest = {
        "python": platform.python_version(),
        **_versions(),
        "seed": model.seed,
        "streams": STREAMS_VERSION,
        "scenario": model.config.title,
        "digest": digest,
        "chain": chain,
        "plug_ins": registry.outside(),
        "inputs": [each.as_dict() for each in model.paths.inputs],
        "notices": [*model.config.notices, *(notice for each in model.paths.inputs for notice in each.notices)],
        "notes": notes(model, summary),
    }
    return RunTables(
        summary=summary, scenario=model.config.resolved(), manifest=manifest, opening=opening, journal=journal, hashes=hashes, **tables
    )


@cache
def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in PACKAGES}


def summarise(model: AdlModel, digest: str | None = None) -> dict[str, Any]:
    """The metrics of a run; money in quote currency as exact decimals, null where there is nothing to measure."""
    if digest is None:
        return build_tables(model).summary
    state = model.state
    o, k = state.owners, state.clock
    end = owner_sums(state, account_equity(state))
    hit = o[col.O_DELEVERAGED, col.SPECIAL :][o[col.O_HITS, col.SPECIAL :] > 0]
    series, _ = model.records.series_rows(len(model.config.contracts))
    marks = np.concatenate(([model.paths.start_ticks[0]], series[:, 0, col.S_MARK]))
    fall = float((1.0 - marks / np.maximum.accumulate(marks)).max())
    summary: dict[str, Any] = {
        "net_deposits": quote(int(k[col.K_DEPOSITS])),
        "equity_start": quote(int(model.equity_start.sum() - model.equity_start[col.FUND])),
        "equity_end": quote(int(end.sum() - end[col.FUND])),
        "fund_start": quote(int(k[col.K_FUND_START])),
        "fund_end": quote(int(end[col.FUND])),
        "fees": quote(int(k[col.K_FEES])),
        "rounding": quote(int(k[col.K_ROUNDING])),
        "uncovered_loss": quote(int(k[col.K_UNCOVERED])),
        "liquidations": int(o[col.O_LIQUIDATIONS].sum()),
        "liquidated_notional": quote(int(o[col.O_LIQUIDATED].sum())),
        "adl_events": int(o[col.O_HITS].sum()),
        "adl_traders": int(hit.size),
        "adl_notional": quote(int(o[col.O_DELEVERAGED].sum())),
        "haircut": quote(int(o[col.O_HAIRCUT].sum())),
        "deficit": quote(int(k[col.K_DEFICIT])),
        "maker_subsidy": quote(max(-int(end[col.MAKER]), 0)),
        "first_liquidation_tick": _tick(k[col.K_FIRST_LIQUIDATION]),
        "first_adl_tick": _first_adl(model),
        "max_drawdown": fall,
        "oi_start": quote(model.interest_start),
        "oi_end": quote(model.open_interest),
        "gini_adl_notional": float(gini(hit / 1e6)) if hit.any() else None,
        "top10_share_adl_notional": float(top_share(hit / 1e6, 10)) if hit.any() else None,
        "traders": int(o.shape[1] - col.SPECIAL),
        "ticks": model.tick,
        "digest": digest,
        "depth_budget": depth_budget(model),
        "index_fall": float(model.paths.shock),
        "runaway": bool(hit.size + o[col.O_LIQUIDATIONS].sum() > 0 and model.paths.shock > 0 and fall > RUNAWAY * model.paths.shock),
    }
    return summary


def depth_budget(model: AdlModel) -> dict[str, float]:
    """Who took the forced sales while accounts were in liquidation, as shares of their value.

    The resting book, its refill, and each group's net purchases (negative: it sold too).
    """
    f, c = model.state.reals, model.state.contracts
    value = (c[col.C_MARK] * c[col.C_UNIT]).astype(np.float64)
    sold = float((f[col.F_FORCED] * value).sum())
    if sold <= 0:
        return {}
    budget = {"refilled": float((f[col.F_REFILLED] * value).sum()) / sold}
    for n, group in enumerate(model.config.traders):
        budget[group.name] = float((model.state.flow[:, n] * value).sum()) / sold
    return {"resting": 1.0 - math.fsum(budget.values()), **budget}


def notes(model: AdlModel, summary: dict[str, Any]) -> list[str]:
    """Sentences that belong to the result: double counting, input quality, depth budget, runaway."""
    lines = [*model.config.notices, *(line for each in model.paths.inputs for line in each.lines())]
    if summary["depth_budget"]:
        shares = ", ".join(f"{name} {share:.1%}" for name, share in summary["depth_budget"].items())
        lines.append(f"Depth budget (who took the forced sales): {shares}.")
    if summary["runaway"]:
        lines.append(
            f"RUNAWAY: the mark fell {summary['max_drawdown']:.1%} on an index shock of {summary['index_fall']:.1%};"
            " use this run in phase diagrams only."
        )
    return lines


def _tick(value: int) -> int | None:
    return int(value) if value >= 0 else None


def _first_adl(model: AdlModel) -> int | None:
    rows = model.records.event_rows()
    adl = rows[rows[:, col.E_KIND] == col.ADL, col.E_TICK]
    return int(adl[0]) if adl.size else None
