"""Runs four real crashes with frozen inputs, with and without what only the crash itself has taught, and lays the outcomes beside what
happened.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import adlabm as ad
from adlabm.metrics.concentration import gini

HERE = Path(__file__).parent
RESULTS = HERE.parents[1] / "results" / "blind-crashes"
INPUTS: dict[str, Any] = tomllib.loads((HERE / "inputs.toml").read_text(encoding="utf-8"))
ARMS = ("with", "without")
WAVE_MS = 5_000
OUTCOMES = {
    "adl": "ADL happens, share of runs",
    "adl_over_liquidated": "ADL over liquidated notional",
    "liquidated_over_oi": "liquidated notional over open interest",
    "oi_change": "change of open interest",
    "fund_change": "change of the fund",
    "wave_spacing_s": "median spacing of ADL waves, s",
    "dispersion": "ADL over liquidated, lowest to highest contract",
    "excess_gini": "Gini of ADL less that of a random order",
}


def scenario(event: str, arm: str, policy: str | None = None) -> ad.Scenario:
    """The market of an event in an arm; `policy` in place of the venue's."""
    given = INPUTS["events"][event]
    base = ad.Scenario.load(given["scenario"])
    first = {"name": "BTCUSDT", "tick": "0.1", "lot": "0.001", "price": float(base.contracts[0].price)}
    second = {"name": "ETHUSDT", "tick": "0.01", "lot": "0.01", "price": 2000, "index": {"process": "beta"}}
    leverage = INPUTS["leverage"]["with"]["value"] if arm == "with" else given["leverage"]
    traders = [_group(each, arm, leverage) for each in base.resolved()["traders"]]
    sets: list[tuple[str, Any]] = [("venue", given["venue"].split(",")[0]), ("contracts", [first, second])]
    sets += [(f"depth.{key}", value) for key, value in INPUTS["depth"][arm]["value"].items()]
    if policy:
        sets.append(("adl.policy", policy))
    return ad.Scenario.load(given["scenario"], sets=sets, traders=traders)


def _group(group: dict[str, Any], arm: str, leverage: dict[str, Any]) -> dict[str, Any]:
    """A group of the scenario in both contracts; hedgers keep their own leverage."""
    equity = INPUTS["equity"][arm]["value"]
    if group["name"] == "hedgers":
        return {**group, "contracts": INPUTS["contracts"]["value"]}
    return {**group, "contracts": INPUTS["contracts"]["value"], "equity": equity, "leverage": {"rule": "fixed", "leverage": leverage}}


def measure(event: str, arm: str, seed: int) -> dict[str, float]:
    """The outcomes of one population."""
    model = ad.AdlModel(scenario(event, arm), rng=seed).run()
    found, events = model.summary(), model.events_frame()
    start, liquidated, deleveraged = (float(found[key]) for key in ("oi_start", "liquidated_notional", "adl_notional"))
    adl = events[events["kind"] == "adl"]
    out = {
        "adl": float(len(adl) > 0),
        "adl_over_liquidated": deleveraged / liquidated if liquidated else np.nan,
        "liquidated_over_oi": liquidated / start,
        "oi_change": float(found["oi_end"]) / start - 1.0,
        "fund_change": float(found["fund_end"] / found["fund_start"]) - 1.0,
        "fall": found["max_drawdown"],
        "runaway": float(found["runaway"]),
    }
    if len(adl):
        times = np.sort(adl["time"].unique())
        starts = times[np.concatenate(([True], np.diff(times) > WAVE_MS))]
        out["wave_spacing_s"] = float(np.median(np.diff(starts))) / 1000 if len(starts) > 1 else np.nan
        out |= _by_contract(events)
        notional = (adl["quantity"].abs() * adl["price"]).groupby(adl["trader"]).sum()
        other = ad.AdlModel(scenario(event, arm, "random"), rng=seed).run().traders_frame()
        spread = other.loc[other["adl_notional"].astype(float) > 0, "adl_notional"].astype(float)
        out["excess_gini"] = gini(notional.to_numpy(float)) - gini(spread.to_numpy()) if len(spread) and len(notional) > 1 else np.nan
    return out


def _by_contract(events: pd.DataFrame) -> dict[str, float]:
    """Lowest and highest ADL over liquidated notional of the contracts."""
    size = (events["quantity"].abs() * events["price"]).astype(float)
    by = size.groupby([events["contract"], events["kind"]]).sum().unstack()
    ratio = by["adl"].fillna(0.0) / by["liquidation"] if "liquidation" in by else pd.Series(dtype=float)
    return {"dispersion_low": float(ratio.min()), "dispersion_high": float(ratio.max())}


def table(names: list[str], seeds: int, path: Path) -> pd.DataFrame:
    """One row per event, arm and seed (a population and its noise), kept at `path` as it comes: a run that is there is not run again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    done = {(row["event"], row["arm"], row["seed"]) for row in rows}
    for seed in range(seeds):
        for event in names:
            for arm in ARMS:
                if (event, arm, seed) not in done:
                    rows.append({"event": event, "arm": arm, "seed": seed, **measure(event, arm, seed)})
                    pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
    return pd.DataFrame(rows)


def beside(runs: pd.DataFrame) -> pd.DataFrame:
    """Median and 5 to 95 % over populations beside the real interval."""
    rows = []
    for event in INPUTS["events"]:
        real = INPUTS["real"][event]
        for key, name in OUTCOMES.items():
            row = {"event": event, "outcome": name, "real": _interval(real.get(key))}
            for arm in ARMS:
                mine = runs[(runs["event"] == event) & (runs["arm"] == arm)]
                low, high = ("dispersion_low", "dispersion_high") if key == "dispersion" else (key, key)
                row[arm] = _predicted(mine[low], mine[high], key)
                row[f"{arm}_meets"] = _meets(mine, key, low, high, real.get(key))
            rows.append(row)
    return pd.DataFrame(rows)


def _predicted(low: pd.Series, high: pd.Series, key: str) -> str:
    if key == "adl":
        return f"{low.mean():.2f}"
    if not low.notna().any():
        return "-"
    if key == "dispersion":
        return f"{low.median():.2f} to {high.median():.2f}"
    return f"{low.median():.2f} ({low.quantile(0.05):.2f} to {low.quantile(0.95):.2f})"


def _meets(runs: pd.DataFrame, key: str, low: str, high: str, real: list[float] | None) -> str:
    """yes: the median lies in the real interval; partly: the middle 90 % of populations overlaps it; no: neither."""
    if real is None or not runs[low].notna().any():
        return "-" if real is None else "no"
    if key == "adl":
        return "yes" if (runs[low].mean() > 0.5) == (real[0] > 0.5) else "no"
    if real[0] <= runs[low].median() and runs[high].median() <= real[1]:
        return "yes"
    return "partly" if runs[low].quantile(0.05) <= real[1] and runs[high].quantile(0.95) >= real[0] else "no"


def _interval(real: list[float] | None) -> str:
    return "-" if real is None else f"{real[0]:g}" if real[0] == real[1] else f"{real[0]:g} to {real[1]:g}"


if __name__ == "__main__":
    runs = table(sys.argv[1:] or list(INPUTS["events"]), INPUTS["seeds"], RESULTS / "runs.csv")
    found = beside(runs)
    found.to_csv(RESULTS / "summary.csv", index=False)
    print(found.to_string(index=False))
    print(runs.groupby(["event", "arm"])[["fall", "runaway"]].median().to_string())
