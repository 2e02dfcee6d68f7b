"""The battery as a table in Markdown and as CSV."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from adlabm.sweep.store import replace_text
from adlabm.validate.battery import PASS, WARM_UP_DAYS, WARN, Found, Report


def table(report: Report) -> pd.DataFrame:
    """One row per gate."""
    return pd.DataFrame(
        {
            "fact": each.gate.fact,
            "statistic": each.gate.name,
            "median": each.middle,
            "seeds_low": each.over_seeds[0],
            "seeds_high": each.over_seeds[1],
            "populations_low": each.over_populations[0],
            "populations_high": each.over_populations[1],
            "band_low": each.gate.low,
            "band_high": each.gate.high,
            "verdict": each.verdict,
            "label": each.label,
            "null": _middle(each),
            "null_verdict": each.null_verdict,
            "counts": each.counts,
            "real": each.real,
            "real_in_band": each.gate.holds(each.real) if math.isfinite(each.real) else None,
        }
        for each in report.found
    )


def _middle(found: Found) -> float:
    known = found.null[pd.notna(found.null)]
    return float(pd.Series(known).median()) if len(known) else math.nan


def text(report: Report) -> str:
    """The report in Markdown: what counts, then every gate."""
    counted = report.evidence
    held = [each for each in counted if each.verdict == "pass"]
    empty = [each.gate.name for each in report.found if each.label == "emergent" and each.verdict == "none"]
    lines = [
        f"# Battery of stylised facts: {report.scenario}",
        "",
        f"{report.populations} populations x {report.seeds} seeds of {report.days:g} days; returns of 5 minutes of the trade price."
        f" Verdict: pass when {PASS:.0%} of the runs lie in the band, warn when {WARN:.0%} do. Null model: the same index and traders,"
        f" nobody moves the price. The first {WARM_UP_DAYS} days are left out. Only emergent gates that the null model fails count.",
        "",
        f"**{len(held)} of the {len(counted)} gates that count pass.**"
        + "".join(f" {each.verdict.capitalize()}: {each.gate.name}." for each in counted if each.verdict != "pass")
        + (f" Nothing to measure: {'; '.join(empty)}." if empty else ""),
        "",
        f"Real: {report.real}.",
        "",
        "| fact | statistic | median | over seeds | over populations | band | verdict | label | null | counts | real |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for each in report.found:
        row = (
            each.gate.fact,
            each.gate.name,
            number(each.middle),
            _pair(each.over_seeds),
            _pair(each.over_populations),
            _pair((each.gate.low, each.gate.high)),
            each.verdict,
            each.label,
            f"{number(_middle(each))} {each.null_verdict}",
            "yes" if each.counts else "",
            number(each.real),
        )
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """A number of three digits, `-` where there is none."""
    return "-" if math.isnan(value) else f"{value:.3g}"


def _pair(pair: tuple[float, float]) -> str:
    return f"{number(pair[0])} to {number(pair[1])}"


def write(report: Report, folder: Path) -> None:
    """`report.md` and `gates.csv` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / "report.md", text(report))
    replace_text(folder / "gates.csv", table(report).to_csv(index=False, float_format="%.6g"))
