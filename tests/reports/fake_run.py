"""A complete and consistent run folder without the engine: something to read, verify, tamper with and look at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from adlabm.sweep.store import RunTables, content_hash, money, quote, write_run
from tests.reports.fake_ledger import CONTRACTS, UNIT
from tests.reports.fake_market import FUND, GROUPS, FakeRun

NAMES = """
identity type group signal leverage_rule profit_taking stop reaction mode leverage_entry leverage_peak equity_start equity_end deposits pnl
fees funding liquidations liquidated_notional adl_hits adl_notional haircut markout_5m markout_1h markout_24h lights_before |
tick round time kind trader counterparty contract quantity price mark bankruptcy_price score rank lights amount |
tick contract index mark trade premium funding_rate depth_bid depth_ask open_interest open_interest_ex_maker fund_equity fund_cash volume
liquidated deleveraged |
tick round code account contract d_balance d_lots d_entry d_lotsf price event |
account owner contract balance lots entry lotsf
"""
TRADERS, EVENTS, SERIES, JOURNAL, OPENING = (names.split() for names in NAMES.split("|"))
HASHES = {"tick": pa.int64(), "ledger": pa.uint64(), "chain": pa.uint64()}
TEXT = {"kind", "contract", "signal", "leverage_rule", "profit_taking", "stop", "reaction"}
MONEY_OF_TRADERS = {*TRADERS[11:17], "liquidated_notional", *TRADERS[20:25]}


def fake_run(out: Path | None = None, **settings: object) -> RunTables:
    """The tables of a staged run; also written to `out` when given."""
    result = tables(FakeRun(**settings).run())
    if out is not None:
        write_run(out, result)
    return result


def tables(run: FakeRun) -> RunTables:
    settle_people(run)
    traders = columns(run.people, TRADERS, MONEY_OF_TRADERS)
    events = columns(run.events, EVENTS, {"amount"})
    series = columns([dict(zip(SERIES, row, strict=True)) for row in run.series], SERIES, set(SERIES[9:]))
    hashes = pa.table({name: pa.array([row[k] for row in run.hashes], kind) for k, (name, kind) in enumerate(HASHES.items())})
    chain = f"{run.hashes[-1][2]:016x}"
    digest = content_hash(pa.table({"part": [chain, content_hash(events), content_hash(traders), content_hash(series)]}))
    summary, check = summarise(run, digest), (integers(run.opening, OPENING), integers(run.ledger.rows, JOURNAL), hashes)
    return RunTables(traders, events, series, summary, scenario(run), manifest(run, digest, chain), *check)


def settle_people(run: FakeRun) -> None:
    ledger = run.ledger
    for row in ledger.rows:
        if row[2] in (5, 6) and row[3] >= 128:
            run.person(row[3])["fees" if row[2] == 5 else "funding"] -= row[5]
    for p in run.people:
        p["equity_end"] = sum(ledger.equity(a, run.mark) for a in run.accounts(p["identity"]))
        p["pnl"] = p["equity_end"] - p["equity_start"] - p["deposits"]
        for name, ahead in (("markout_5m", 5), ("markout_1h", 60), ("markout_24h", 1440)):
            known = p["closes"] and all(t + ahead < run.ticks for t, *_ in p["closes"])
            p[name] = sum((run.marks[t + ahead][c] - price) * q * UNIT[c] for t, c, q, price in p["closes"]) if known else None


def summarise(run: FakeRun, digest: str) -> dict:
    ledger, people = run.ledger, run.people
    own = [p for p in people if p["type"] == "trader"]
    hit = sorted(p["adl_notional"] for p in own if p["adl_hits"])
    gini = 2 * sum((k + 1) * x for k, x in enumerate(hit)) / (len(hit) * sum(hit)) - (len(hit) + 1) / len(hit) if hit else None
    marks = np.array([m[0] for m in run.marks])
    drawn = sum(e["amount"] for e in run.events if e["kind"] == "fund_draw")
    total = {name: sum(p[name] for p in people) for name in (*TRADERS[11:14], "liquidations", "liquidated_notional", *TRADERS[19:22])}
    return {
        "net_deposits": quote(run.net_deposits + ledger.deposits),
        "equity_start": quote(total["equity_start"]),
        "equity_end": quote(total["equity_end"]),
        "fund_start": quote(run.fund_start),
        "fund_end": quote(ledger.equity(FUND, run.mark)),
        "fees": quote(ledger.fees),
        "rounding": quote(0),
        "uncovered_loss": quote(ledger.uncovered),
        "liquidations": total["liquidations"],
        "liquidated_notional": quote(total["liquidated_notional"]),
        "adl_events": total["adl_hits"],
        "adl_traders": len(hit),
        "adl_notional": quote(total["adl_notional"]),
        "haircut": quote(total["haircut"]),
        "deficit": quote(drawn + ledger.uncovered),
        "maker_subsidy": quote(max(0, -sum(p["equity_end"] for p in people if p["type"] == "maker"))),
        "first_liquidation_tick": run.first.get("liquidation"),
        "first_adl_tick": run.first.get("adl"),
        "max_drawdown": float(np.max(1 - marks / np.maximum.accumulate(marks))),
        "oi_start": quote(run.open_interest_start),
        "oi_end": quote(run.open_interest()),
        "gini_adl_notional": gini,
        "top10_share_adl_notional": sum(hit[-10:]) / sum(hit) if hit else None,
        "traders": len(own),
        "ticks": run.ticks,
        "digest": digest,
    }


def scenario(run: FakeRun) -> dict:
    return {
        "schema": 1,
        "title": "A crash, staged" if run.crash else "A calm day, staged",
        "story": "The index loses a tenth in twenty-five minutes and finds an over-leveraged crowd of longs.",
        "sources": ["tests/reports/fake_run.py"],
        "venue": "generic",
        "ticks": run.ticks,
        "tick_s": 60,
        "start": "2025-10-10T20:50:00Z",
        "contracts": [{"name": name, "tick": tick, "lot": lot, "price": price * tick} for name, tick, lot, price in CONTRACTS],
        "fund": {"share": 0.03, "rule": "inventory", "capacity": 1.0, "trigger": "exhausted", "start": 0.3},
        "adl": {"policy": "queue", "score": "generic"},
        "traders": [{"name": g[0], "signal": {"rule": g[5]}, "profit_taking": {"rule": g[6]}} for g in GROUPS],
    }


def manifest(run: FakeRun, digest: str, chain: str) -> dict:
    return {
        "adlabm": "0.1.0",
        "python": "3.11.2",
        "mesa": "3.3.1",
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
        "seed": run.seed,
        "streams": 1,
        "scenario": "crash",
        "digest": digest,
        "chain": chain,
        "inputs": [],
        "wall_s": 1.25,
        "cpu_s": 1.2,
        "started": "2025-11-01T12:00:00Z",
        "notices": ["Staged by the test suite; it holds no market data of others."],
    }


def columns(rows: list[dict], names: list[str], money_names: set[str]) -> pa.Table:
    arrays = []
    for name in names:
        values = [row.get(name) for row in rows]
        if name in money_names:
            missing = np.array([v is None for v in values], dtype=bool)
            arrays.append(money(np.array([v or 0 for v in values], dtype=np.int64), missing))
        else:
            known = any(v is not None for v in values)
            arrays.append(pa.array(values, None if known else pa.string() if name in TEXT else pa.float64()))
    return pa.table(dict(zip(names, arrays, strict=True)))


def integers(rows: list[tuple], names: list[str]) -> pa.Table:
    return pa.table(dict(zip(names, np.array(rows, dtype=np.int64).T, strict=True)))
