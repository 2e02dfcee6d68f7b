"""Runs the crash under every ADL policy, every knob and every venue, and draws who pays.

The frozen comparison asks every policy the same questions; the others let the market answer back.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import adlabm as ad
from adlabm import registry
from adlabm.adl.base import Policy
from adlabm.adl.candidates import Candidates, Column
from adlabm.adl.scores import SCORES
from adlabm.errors import AdlabmError
from adlabm.metrics.concentration import gini

SCENARIO = "crash"
SEEDS = 5
RESULTS = Path(__file__).parents[2] / "results" / "venues"
LEVERAGE, PARTS = (0.0, 5.0, 10.0, 20.0, np.inf), 4
KNOBS: dict[str, tuple[str | float, ...]] = {
    "fund.trigger": ("exhausted", "capacity", "drawdown", "always"),
    "fund.rule": ("inventory", "pay", "vault", "cover"),
    "fund.takeover": (0.0, 0.5, 1.0),
    "liquidation.auction_s": (0.0, 60.0),
    "liquidation.engine": ("full", "tiers", "partial", "steps", "slices"),
    "adl.score": tuple(SCORES),
    "adl.price": ("bankruptcy", "mark", "previous-mark", "bankruptcy-near-mark", "mark-capped"),
    "adl.filter": ("capped", "solvency-overlap"),
    "adl.severity": registry.names("severities"),
}
Sets = tuple[tuple[str, Any], ...]


class Recorder(Policy):
    """A policy that lets another one answer, and keeps every question in contract space."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.asked = policy, []
        self.key, self.unit, self.losers, self.gains = policy.key, policy.unit, policy.losers, policy.gains

    def allocate_lots(self, lots: int, table: Candidates, caps: Column, rng: Any = None, sizes: Column | None = None) -> Column:
        self.asked.append((lots, table, caps, sizes))
        return self.policy.allocate_lots(lots, table, caps, rng, sizes)


def questions(seed: int) -> list[tuple[int, Candidates, Column, Column]]:
    """What ADL is asked in the crash at the generic venue: lots, candidates, most lots of each, lots held."""
    model = ad.AdlModel(SCENARIO, rng=seed)
    model.exchange.policy = Recorder(model.exchange.policy)
    model.run()
    return model.exchange.policy.asked


def answers(key: str, asked: Iterable[tuple[int, Candidates, Column, Column]]) -> dict[str, float]:
    """How a policy spreads the recorded requests; in money the deficit is the same share of what there is as the lots are."""
    policy = registry.find("policies", key)()
    rows = []
    for lots, table, caps, sizes in asked:
        given = policy.allocate_lots(lots, table, caps, None, sizes) if policy.unit == "contracts" else _money(policy, lots, table, caps)
        whole = sizes if policy.unit == "contracts" else _micro(policy, table)
        share = given / np.maximum(whole, 1)
        hit = given > 0
        largest = np.sort(given)[::-1]
        rows.append(
            {
                "candidates": len(given),
                "touched": hit.mean(),
                "wiped": (hit & (given >= whole)).mean(),
                "largest_share": share.max(initial=0.0),
                "gini": gini(given),
                "top10_share": largest[:10].sum() / max(given.sum(), 1),
                "residual": 1 - given.sum() / max(lots if policy.unit == "contracts" else _deficit(policy, lots, table, caps), 1),
            }
        )
    return {"policy": key, "unit": policy.unit, **pd.DataFrame(rows).mean().to_dict()}


def _micro(policy: Policy, table: Candidates) -> Column:
    return np.floor(table.endowments(policy.gains) * 1e6).astype(np.int64)


def _deficit(policy: Policy, lots: int, table: Candidates, caps: Column) -> int:
    """The same share of what there is as the lots are of what could be closed."""
    return int(_micro(policy, table).sum() * (lots / max(caps.sum(), 1)))


def _money(policy: Policy, lots: int, table: Candidates, caps: Column) -> Column:
    return policy.allocate_micro(_deficit(policy, lots, table, caps), table, _micro(policy, table))


def market(sets: Sets, seed: int) -> dict[str, float]:
    """One run: what it did to the market, and to whom, as shares of the opening open interest and of the haircut."""
    model = ad.AdlModel(ad.Scenario.load(SCENARIO, sets=list(sets)), rng=seed).run()
    summary, traders, events = model.summary(), model.traders_frame(), model.events_frame()
    interest = float(summary["oi_start"])
    first = summary["first_adl_tick"]
    later = events[(events["kind"] == "liquidation") & events["contract"].isna() & (events["tick"] > (np.inf if first is None else first))]
    people = traders[traders["type"] == "trader"]
    money = people[["haircut", "equity_start", "pnl", "adl_notional"]].astype(float)
    out = {
        "adl": float(summary["adl_notional"]) / interest,
        "haircut": float(summary["haircut"]) / interest,
        "traders_hit": float(summary["adl_traders"]) / float(summary["traders"]),
        "gini": _or_nan(summary["gini_adl_notional"]),
        "top10_share": _or_nan(summary["top10_share_adl_notional"]),
        "fund_used": (float(summary["fund_start"]) - float(summary["fund_end"])) / interest,
        "uncovered": float(summary["uncovered_loss"]) / interest,
        "liquidations_after_adl": len(later) / float(summary["traders"]),
        "fall": float(summary["max_drawdown"]),
        "ring_fenced": float(traders.loc[traders["type"] == "ring-fenced", "pnl"].astype(float).sum()) / interest,
    }
    bands = {
        "leverage": pd.cut(people["leverage_entry"].astype(float), LEVERAGE, labels=False, include_lowest=True),
        "size": pd.qcut(money["equity_start"].rank(method="first"), PARTS, labels=False),
        "profit": pd.qcut((money["pnl"] + money["haircut"]).rank(method="first"), PARTS, labels=False),
    }
    burden = money["haircut"].clip(lower=0)
    burden = burden if burden.sum() > 0 else money["adl_notional"]
    for name, band in bands.items():
        for part in range(PARTS):
            out[f"{name}_{part + 1}"] = float(burden[band == part].sum() / burden.sum()) if burden.sum() > 0 else np.nan
    return out


def _or_nan(value: Any) -> float:
    return np.nan if value is None else float(value)


def _one(job: tuple[dict[str, str], Sets, int]) -> dict[str, Any]:
    label, sets, seed = job
    return {**label, "seed": seed, **market(sets, seed)}


def table(cases: Sequence[tuple[dict[str, str], Sets]], seeds: int, jobs: int) -> pd.DataFrame:
    """Means over seeds, one row per case, with the standard errors of the main outcomes."""
    work = [(label, sets, seed) for label, sets in cases for seed in range(seeds)]
    with ProcessPoolExecutor(jobs) as pool:
        runs = pd.DataFrame(pool.map(_one, work, chunksize=4))
    by = list(cases[0][0])
    groups = runs.groupby(by, sort=False)
    means = groups.mean(numeric_only=True).drop(columns="seed")
    errors = groups[["adl", "haircut", "fall", "fund_used"]].sem().add_suffix("_se")
    return means.join(errors).round(5)


def policy_cases() -> list[tuple[dict[str, str], Sets]]:
    """Every policy, in its natural unit."""
    return [({"policy": key}, (("adl.policy", key),)) for key in registry.names("policies")]


def knob_cases() -> list[tuple[dict[str, str], Sets]]:
    """The generic venue with one knob turned."""
    return [({"knob": knob, "setting": str(word)}, ((knob, word),)) for knob, words in KNOBS.items() for word in words]


def venue_cases() -> list[tuple[dict[str, str], Sets]]:
    """Every venue that admits the crash's population."""
    found = []
    for key in registry.names("venues"):
        try:
            ad.Scenario.load(SCENARIO, sets=[("venue", key)])
        except AdlabmError as error:
            print(f"{key} left out: {error}")
            continue
        found.append(({"venue": key}, (("venue", key),)))
    return found


def main(seeds: int = SEEDS, jobs: int = 2, out: Path = RESULTS) -> None:
    """All tables and figures."""
    from figures import draw

    out.mkdir(parents=True, exist_ok=True)
    asked = list(itertools.chain.from_iterable(questions(seed) for seed in range(min(seeds, 3))))
    sample = asked[:: max(len(asked) // 60, 1)]
    frozen = pd.DataFrame([answers(key, sample) for key in registry.names("policies")]).set_index("policy").round(5)
    tables = {"frozen": frozen}
    for name, cases in (("policies", policy_cases()), ("knobs", knob_cases()), ("venues", venue_cases())):
        tables[name] = table(cases, seeds, jobs)
    for name, frame in tables.items():
        frame.to_csv(out / f"{name}.csv")
    draw(tables, sample, out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS)
    main(**vars(parser.parse_args()))
