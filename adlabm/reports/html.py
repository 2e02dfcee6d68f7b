"""A run folder as one self-contained page: no scripts, nothing from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from adlabm.reports import figures
from adlabm.reports.embed import svg_source
from adlabm.reports.style import svg
from adlabm.reports.tables import HORIZONS, View, by_leverage, by_profit_taking, every_adl, hardest_hit, short, steps
from adlabm.reports.words import basis_points, headline, percent, story
from adlabm.sweep.store import read_run, replace_text

Columns = dict[str, tuple[str, Callable[[Any], str]]]
"""Column of a table -> its heading, and how a value of it is written."""
_MOST_ADL_ROWS = 300
_VERSIONS = ("adlabm", "python", "mesa", "numpy", "numba", "pandas", "pyarrow")
_INFORMATION = (*_VERSIONS, "seed", "streams", "started", "wall_s", "cpu_s", "digest", "chain")


def report(folder: Path | str) -> Path:
    """Writes `report.html` into a run folder and returns its path."""
    path = Path(folder) / "report.html"
    page = render(View(read_run(folder)))
    replace_text(path, page)
    return path


def render(view: View) -> str:
    """The page as text."""
    loader = jinja2.PackageLoader("adlabm.reports")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    manifest, summary = view.run.manifest, view.run.summary
    return environment.get_template("report.html").render(
        title=str(view.scenario.get("title", manifest.get("scenario", "A run"))),
        story=str(view.scenario.get("story", "")),
        about=list(_about(view)),
        headline=headline(view),
        cards=list(_cards(view)),
        sections=story(view),
        steps=_bars(view),
        runaway=bool(summary.get("runaway")),
        notes=[str(note) for note in manifest.get("notes", [])],
        market=[_figure(shown) for shown in figures.market(view)],
        people=[_figure(shown) for shown in figures.people(view)],
        fairness=[_figure(shown) for shown in figures.fairness(view)],
        groups=[_groups("Leverage at entry", by_leverage(view)), _groups("Profit taking", by_profit_taking(view))],
        hardest=_formatted(hardest_hit(view), _HARDEST),
        events=_formatted(every_adl(view).head(_MOST_ADL_ROWS), _EVENTS),
        more_events=max(0, len(view.of_kind("adl")) - _MOST_ADL_ROWS),
        settings=list(_flat(view.scenario)),
        summary=[(key, _plain(value)) for key, value in summary.items()],
        information=[(key, _plain(manifest[key])) for key in _INFORMATION if key in manifest],
        inputs=[", ".join(f"{key} {_plain(value)}" for key, value in entry.items()) for entry in manifest.get("inputs", [])],
        notices=[str(notice) for notice in manifest.get("notices", [])],
    )


def _about(view: View) -> Iterator[tuple[str, str]]:
    manifest = view.run.manifest
    yield "scenario", str(manifest.get("scenario", "unnamed"))
    yield "venue", str(view.scenario.get("venue", "generic"))
    yield "seed", str(manifest.get("seed", "unknown"))
    yield "traders", f"{len(view.traders):,}"
    yield "length", figures.days(view)
    yield "digest", str(manifest.get("digest", ""))[:12]


def _cards(view: View) -> Iterator[tuple[str, str, str]]:
    """Key numbers: value, what it is, and a remark."""
    whole, opened = len(view.traders), view.number("oi_start")
    liquidated, hit = int((view.traders["liquidations"] > 0).sum()), int((view.traders["adl_hits"] > 0).sum())
    forced, closed, haircut = view.number("liquidated_notional"), view.number("adl_notional"), view.number("haircut")
    start, end = view.number("fund_start"), view.number("fund_end")
    yield percent(view.number("max_drawdown")), f"worst fall of {view.contracts[0]}", "mark, from its running peak"
    yield f"{liquidated:,}", "traders liquidated", f"{_share(liquidated, whole)} of {whole:,}"
    yield short(forced), "liquidated", f"{_share(forced, opened)} of open interest"
    yield f"{hit:,}", "traders deleveraged", f"{_share(hit, whole)} of {whole:,}"
    yield short(closed), "closed by ADL", f"{_share(closed, opened)} of open interest"
    yield short(haircut), "haircut", f"{basis_points(haircut / closed)} of what was closed" if closed else "nothing was closed"
    yield short(end - start), "change of the fund", f"from {short(start)} to {short(end)}"
    yield short(view.number("uncovered_loss")), "loss nobody covered", f"deficit before the fund {short(view.number('deficit'))}"


def _share(part: float, whole: float) -> str:
    return percent(part / whole) if whole else "none"


def _bars(view: View) -> list[dict[str, Any]]:
    """The waterfall in money terms, with lengths in percent of the longest position and of the longest loss."""
    rows: list[dict[str, Any]] = [{"label": label, "amount": float(amount), "remark": remark} for label, amount, remark in steps(view)]
    for part, kind in ((rows[:3], "positions"), (rows[3:], "money")):
        longest = max((abs(row["amount"]) for row in part), default=0.0)
        for row in part:
            row |= {"kind": kind, "length": round(100 * abs(row["amount"]) / longest, 1) if longest else 0, "text": short(row["amount"])}
    return rows


def _figure(shown: figures.Shown) -> dict[str, Any]:
    text = {"key": shown.key, "title": shown.title, "caption": shown.caption, "alt": shown.alt}
    return {**text, "wide": shown.wide, "source": svg_source(svg(shown.figure))}


def _groups(title: str, table: pd.DataFrame) -> dict[str, Any]:
    counts, rates = ("traders", "liquidated", "deleveraged"), ("haircut_bp", *(f"{name}_bp" for name in HORIZONS))
    rows = [
        [str(label), *(f"{row[n]:,.0f}" for n in counts), short(row["adl_notional"]), *(basis_points(row[n] / 1e4) for n in rates)]
        for label, row in table.iterrows()
    ]
    return {"head": [title, *counts, "closed by ADL", "haircut", *(f"markout {text}" for text, _ in HORIZONS.values())], "rows": rows}


def _formatted(table: pd.DataFrame, columns: Columns) -> dict[str, Any]:
    shows = [show for _, show in columns.values()]
    cells = table[list(columns)].itertuples(index=False)
    rows = [[show(value) for show, value in zip(shows, row, strict=True)] for row in cells]
    return {"head": [name for name, _ in columns.values()], "rows": rows}


def _whole(value: Any) -> str:
    return "" if pd.isna(value) else f"{value:.0f}"


def _amount(value: Any) -> str:
    return "n/a" if pd.isna(value) else short(float(value))


def _price(value: Any) -> str:
    return "" if pd.isna(value) else f"{value:,.10g}"


_HARDEST: Columns = {
    "identity": ("trader", _whole),
    "group": ("group", str),
    "profit_taking": ("profit taking", str),
    "leverage_entry": ("leverage", lambda value: "" if pd.isna(value) else f"{value:.1f}x"),
    "lights_before": ("lights", _whole),
    "adl_hits": ("times hit", _whole),
    "adl_notional": ("closed by ADL", _amount),
    "haircut": ("haircut", _amount),
    "markout_1h": ("markout 1 h", _amount),
}
_EVENTS: Columns = {
    "at": ("time, UTC", lambda value: f"{value:%d %b %H:%M:%S}"),
    "contract": ("contract", str),
    "trader": ("deleveraged", _whole),
    "bankrupt": ("in place of", str),
    "quantity": ("change, contracts", lambda value: f"{value:+,.6g}".replace("-", "\N{MINUS SIGN}")),
    "price": ("price", _price),
    "mark": ("mark", _price),
    "haircut": ("haircut", _amount),
    "markout_1h": ("markout 1 h", _amount),
    "lights": ("lights", _whole),
    "rank": ("rank", _whole),
}


def _flat(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Settings as dotted keys, as `--set` takes them."""
    if isinstance(value, dict | list) and value:
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _flat(item, f"{prefix}.{name}" if prefix else str(name))
    else:
        yield prefix, _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Decimal):
        return format(value, ",f")
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else "n/a"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 100_000 else str(value)
