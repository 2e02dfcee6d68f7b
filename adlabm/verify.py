"""Does a run folder say the truth about itself, and where do two runs part?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from adlabm.errors import BadInput
from adlabm.fold import Fold, chain_step
from adlabm.sweep.store import TABLES, content_hash, file_hash, micro, quote, read_json, read_table, read_toml

_CHAIN_EVERY = 100
_CELLS_AT_MOST = 6_000_000
_SUMS = ("equity_start", "equity_end", "fees", "liquidated_notional", "adl_notional", "haircut")


@dataclass(frozen=True)
class Report:
    """The outcome of a check: `ok`, and one line for everything looked at; lines about faults begin with `WRONG`."""

    ok: bool
    lines: list[str]


class _Lines:
    """Collects findings."""

    def __init__(self) -> None:
        self.good: list[str] = []
        self.bad: list[str] = []

    def same(self, what: str, said: Any, found: Any) -> None:
        if said != found:
            self.wrong(f"{what} is {said}, but should be {found}")

    def wrong(self, sentence: str) -> None:
        self.bad.append(f"WRONG: {sentence}")

    def report(self) -> Report:
        return Report(not self.bad, [f"ok: {line}" for line in self.good] + self.bad)


def verify(folder: Path | str, ticks: Iterable[int] = ()) -> Report:
    """Checks files, table contents, the accounting identity and, where there is a journal, the whole way from the opening to the end.

    Args:
        folder: a run folder.
        ticks: ticks at which to recompute the ledger hash, besides the chained ones; in short runs every tick is recomputed.
    """
    path, lines = Path(folder), _Lines()
    manifest = read_json(path / "manifest.json")
    if manifest.get("program") != "adlabm":
        raise BadInput(
            f"{path} is not a run of adlabm, its manifest.json says nothing of it; give a folder written by `adlabm run ... --out`."
        )
    _check_files(path, manifest, lines)
    tables, asked = dict(_load(path, manifest, lines)), set(ticks)
    known = set(tables["hashes"]["tick"].to_pylist()) if "hashes" in tables else set()
    if asked - known:
        raise BadInput(
            f"There is no ledger hash of tick {min(asked - known)} in {path}; runs written with --check have one for every tick."
        )
    try:
        summary, scenario = read_json(path / "summary.json"), read_toml(path / "scenario.toml")
        lines.same("digest in summary.json", summary.get("digest"), manifest.get("digest"))
        _check_summary(summary, tables, lines)
        if {"opening", "journal", "hashes", "series", "traders"} <= tables.keys():
            _check_journal(summary, scenario, manifest, tables, asked, lines)
        elif not {"opening", "journal", "hashes"} & manifest.get("tables", {}).keys():
            lines.good.append("there is no journal to fold; `adlabm run ... --check` writes one")
    except BadInput as error:
        lines.wrong(str(error))
    except (KeyError, IndexError, pa.ArrowException, TypeError, ArithmeticError, ValueError) as error:
        lines.wrong(f"the folder lacks something that every run has ({type(error).__name__}: {error})")
    return lines.report()


def _check_files(path: Path, manifest: dict[str, Any], lines: _Lines) -> None:
    """Every byte as it was written."""
    listed = manifest.get("files", {})
    for name, said in listed.items():
        file = path / name
        if not file.is_file():
            lines.wrong(f"{name} is missing")
        elif file.stat().st_size != said["bytes"] or file_hash(file) != said["sha256"]:
            lines.wrong(f"{name} was changed after it was written")
    if not lines.bad:
        lines.good.append(f"{len(listed)} files are byte for byte as written")


def _load(path: Path, manifest: dict[str, Any], lines: _Lines) -> Iterator[tuple[str, pa.Table]]:
    """The tables that can be read, each compared with its content hash in the manifest."""
    said, before = manifest.get("tables", {}), len(lines.bad)
    for name in TABLES:
        if name not in said:
            if name in TABLES[:3] or (path / f"{name}.parquet").exists():
                lines.wrong(f"manifest.json gives no content hash of {name}.parquet")
            continue
        try:
            table = read_table(path / f"{name}.parquet")
        except BadInput as error:
            lines.wrong(str(error))
            continue
        if content_hash(table) != said[name]:
            lines.wrong(f"the content of {name}.parquet is not what manifest.json says")
        yield name, table
    if len(lines.bad) == before:
        lines.good.append(f"the contents of {len(said)} tables match their hashes")


def _check_summary(summary: dict[str, Any], tables: dict[str, pa.Table], lines: _Lines) -> None:
    """The identity in integers, and the sums of traders and events."""
    before = len(lines.bad)
    m = {key: _micro(value) for key, value in summary.items() if isinstance(value, Decimal | int) and not isinstance(value, bool)}
    gap = m["equity_end"] + m["fund_end"] + m["fees"] + m["rounding"] - m["net_deposits"] - m["fund_start"] - m["uncovered_loss"]
    if gap:
        lines.wrong(
            f"summary.json: equity_end + fund_end + fees + rounding exceeds net_deposits + fund_start + uncovered_loss by {quote(gap)}"
        )
    if (traders := tables.get("traders")) is not None:
        for name in _SUMS:
            lines.same(f"summary.json: {name}", _money(m[name]), _money(sum(v or 0 for v in micro(traders[name]))))
        deposits = sum(v or 0 for name in ("equity_start", "deposits") for v in micro(traders[name]))
        lines.same("summary.json: net_deposits", _money(m["net_deposits"]), _money(deposits))
        own = traders.filter(pc.equal(traders["type"], "trader"))
        lines.same("summary.json: traders", summary["traders"], own.num_rows)
        lines.same("summary.json: adl_traders", summary["adl_traders"], pc.sum(pc.greater(own["adl_hits"], 0)).as_py() or 0)
        lines.same("summary.json: liquidations", summary["liquidations"], pc.sum(traders["liquidations"]).as_py() or 0)
        lines.same("summary.json: adl_events", summary["adl_events"], pc.sum(traders["adl_hits"]).as_py() or 0)
    if (events := tables.get("events")) is not None:
        of_kind = {kind: events.filter(pc.equal(events["kind"], kind)) for kind in ("adl", "uncovered_loss", "liquidation")}
        lines.same("summary.json: adl_events", summary["adl_events"], of_kind["adl"].num_rows)
        for name, kind in (("haircut", "adl"), ("uncovered_loss", "uncovered_loss")):
            lines.same(f"summary.json: {name}", _money(m[name]), _money(sum(v or 0 for v in micro(of_kind[kind]["amount"]))))
        for name, kind in (("first_adl_tick", "adl"), ("first_liquidation_tick", "liquidation")):
            lines.same(f"summary.json: {name}", summary[name], pc.min(of_kind[kind]["tick"]).as_py())
    if len(lines.bad) == before:
        lines.good.append("no unit of money is lost: the identity holds, and summary, traders and events agree")


def _check_journal(
    summary: dict[str, Any], scenario: dict[str, Any], manifest: dict[str, Any], tables: dict[str, pa.Table], asked: set[int], lines: _Lines
) -> None:
    """Folds the journal and compares hashes on the way, and balances at the end."""
    before = len(lines.bad)
    sizes = [(Fraction(str(c["tick"])), Fraction(str(c["lot"]))) for c in scenario["contracts"]]
    fold = Fold(tables["opening"], [int(tick * lot * 10**6) for tick, lot in sizes])
    hashes = {
        t: (ledger, chain) for t, ledger, chain in zip(*(tables["hashes"][n].to_pylist() for n in ("tick", "ledger", "chain")), strict=True)
    }
    last, chain = max(hashes), 0
    chained = {t for t in hashes if (t + 1) % _CHAIN_EVERY == 0 or t == last}
    if last + 1 != summary["ticks"] or not {*range(_CHAIN_EVERY - 1, last, _CHAIN_EVERY)} <= chained:
        lines.wrong(f"hashes.parquet ends at tick {last} or has gaps, but the run has {summary['ticks']} ticks")
    cells = tables["opening"].num_rows * 3
    ticks = sorted(hashes if cells * len(hashes) <= _CELLS_AT_MOST else chained | asked)
    wrong_ticks = []
    for tick in fold.run(tables["journal"], ticks):
        if fold.ledger_hash() != hashes[tick][0]:
            wrong_ticks.append(tick)
    for sentence in fold.faults:
        lines.wrong(f"journal.parquet, {sentence}")
    if wrong_ticks:
        lines.wrong(f"the ledger folded from the journal has another hash than hashes.parquet at {_some('tick', wrong_ticks)}")
    for tick, (ledger, said) in sorted(hashes.items()):
        chain = chain_step(chain, ledger) if tick in chained else chain
        if chain != said:
            lines.wrong(f"hashes.parquet: the chain breaks at tick {tick}")
            break
    if int(str(manifest["chain"]), 16) != chain:
        lines.wrong(f"the chain ends in {chain:016x}, but manifest.json says {manifest['chain']}")
    _check_end(fold, summary, scenario, tables, [tick for tick, _ in sizes], lines)
    if len(lines.bad) == before:
        rows = tables["journal"].num_rows
        lines.good.append(
            f"{rows:,} postings lead from the opening to the final ledger; lots sum to zero and money is conserved after every event"
        )
        lines.good.append(f"the ledger hash was recomputed at {len(ticks):,} of {len(hashes):,} ticks, the chain ends in {chain:016x}")


def _check_end(
    fold: Fold, summary: dict[str, Any], scenario: dict[str, Any], tables: dict[str, pa.Table], sizes: list[Fraction], lines: _Lines
) -> None:
    """Equity of every trader at the last mark, the fund, fees and deposits."""
    series = tables["series"]
    end = series.filter(pc.equal(series["tick"], pc.max(series["tick"])))
    by_name = dict(zip(end["contract"].to_pylist(), end["mark"].to_pylist(), strict=True))
    marks = [round(by_name[c["name"]] / float(size)) for c, size in zip(scenario["contracts"], sizes, strict=True)]
    equity = fold.equity(marks)
    found = {
        "fund_start": fold.fund_start,
        "fund_end": equity.get(0, 0),
        "fees": fold.fees,
        "uncovered_loss": fold.uncovered,
        "net_deposits": fold.deposits,
    }
    for name, value in found.items():
        lines.same(f"summary.json: {name}", summary[name], quote(value))
    said = dict(zip(tables["traders"]["identity"].to_pylist(), micro(tables["traders"]["equity_end"]), strict=True))
    differ = sorted(t for t in said.keys() | (equity.keys() - {0}) if said.get(t, 0) != equity.get(t, 0))
    for trader in differ[:3]:
        lines.same(f"traders.parquet: equity_end of trader {trader}", _money(said.get(trader, 0)), _money(equity.get(trader, 0)))
    if len(differ) > 3:
        lines.wrong(f"traders.parquet: equity_end is wrong for {len(differ)} traders in all")


def diff(one: Path | str, other: Path | str) -> Report:
    """Where two runs part: the first tick and column that differ, then the settings and the summary's keys that do."""
    folders = [Path(one), Path(other)]
    manifests = [read_json(folder / "manifest.json") for folder in folders]
    summaries = [read_json(folder / "summary.json") for folder in folders]
    scenarios = [_flat(read_toml(folder / "scenario.toml")) for folder in folders]
    hashes = [m.get("tables", {}) for m in manifests]
    shared = [name for name in TABLES if name in hashes[0] and name in hashes[1]]
    changed = [name for name in shared if hashes[0][name] != hashes[1][name]]
    lines = [*_differing("setting", *scenarios)]
    if manifests[0].get("seed") != manifests[1].get("seed"):
        lines.append(f"seed: {manifests[0].get('seed')} and {manifests[1].get('seed')}")
    firsts = [first for name in changed if (first := _first_difference(name, *(read_table(f / f"{name}.parquet") for f in folders)))]
    ticked = sorted((tick, TABLES.index(name), columns) for name, tick, columns in firsts if tick is not None)
    if ticked:
        tick = ticked[0][0]
        where = "; ".join(f"{TABLES[n]}.parquet: {', '.join(columns)}" for t, n, columns in ticked if t == tick)
        lines.insert(0, f"the runs part at tick {tick} ({where})")
    lines += [f"{name}.parquet differs in: {', '.join(columns)}" for name, tick, columns in firsts if tick is None]
    lines += _differing("summary", *summaries)
    if not lines and manifests[0].get("digest") == manifests[1].get("digest"):
        return Report(True, [f"the runs are equal: {len(shared)} tables with the same content, digest {manifests[0].get('digest')}"])
    return Report(False, lines or ["the tables are equal, but the digests differ"])


def _first_difference(name: str, one: pa.Table, other: pa.Table) -> tuple[str, int | None, list[str]] | None:
    """The first row that differs: table, its tick (None for a table without ticks), and the columns that differ there."""
    if one.schema != other.schema:
        names = [n for n in dict.fromkeys([*one.column_names, *other.column_names]) if not _same_column(n, one, other)]
        return name, None, names
    rows, differing = min(one.num_rows, other.num_rows), []
    for column in one.column_names:
        a, b = one[column].slice(0, rows).combine_chunks(), other[column].slice(0, rows).combine_chunks()
        if not a.equals(b):
            unequal = pc.or_(pc.not_equal(a.is_valid(), b.is_valid()), pc.fill_null(pc.not_equal(a, b), False))
            if (at := pc.index(unequal, True).as_py()) >= 0:
                differing.append((at, column))
    if not differing:
        longer = one if one.num_rows > rows else other
        tick = longer["tick"][rows].as_py() if "tick" in longer.column_names and longer.num_rows > rows else None
        return (name, tick, ["number of rows"]) if one.num_rows != other.num_rows else None
    first = min(at for at, _ in differing)
    ticks = [t["tick"][first].as_py() for t in (one, other) if "tick" in t.column_names]
    columns = [column for at, column in differing if at == first] if ticks else [column for _, column in differing]
    return name, min(ticks) if ticks else None, columns


def _same_column(name: str, one: pa.Table, other: pa.Table) -> bool:
    present = [t.schema.field(name).type if name in t.column_names else None for t in (one, other)]
    return present[0] == present[1]


def _differing(what: str, one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*one, *other]):
        if one.get(key) != other.get(key):
            yield f"{what} {key}: {one.get(key, 'absent')} and {other.get(key, 'absent')}"


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested settings as dotted keys, e.g. ``traders.0.count``."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: leaf for name, item in items for key, leaf in _flat(item, f"{prefix}.{name}" if prefix else str(name)).items()}
    return {prefix: value}


def _some(what: str, values: list[int]) -> str:
    shown = ", ".join(map(str, values[:3]))
    return f"{what} {shown}" if len(values) <= 3 else f"{what} {shown} and {len(values) - 3} more"


def _micro(value: Decimal | int) -> int:
    return int(Fraction(value) * 10**6)


def _money(value: int) -> str:
    return format(quote(value), "f")
