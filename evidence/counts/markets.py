"""Random markets on every venue's rules survive faults in their way, and their journals lead to their final ledgers."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from adlabm import registry
from adlabm.errors import BadInput, Overflow, TooManyRounds
from adlabm.kernels.columns import SPECIAL
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.sweep.store import write_run
from adlabm.verify import verify
from evidence.count import Case, Count
from tests.oracle.worlds import world

RULES = ("tiers", "fund", "liquidation", "adl", "mark", "funding", "fees")
FAULTS = ("stopped and restored", "rows in another order", "folded from its journal")


def market(number: int) -> tuple[dict[str, Any], list[str]]:
    """A hostile market; some of its rules are left to a venue, and some faults happen to it."""
    r = Random(f"market {number}")
    tables = world(number)
    if r.random() < 0.5:
        tables["venue"] = r.choice(registry.names("venues"))
        for name in r.sample(RULES, r.randint(1, len(RULES))):
            tables.pop(name, None)
    if r.random() < 0.2:
        tables["price"] = {"formation": "orderbook", "order": r.choice((0.02, 0.2)), "anchor": r.choice(("index", "book"))}
    if r.random() < 0.1:
        tables["index"] = {"process": "scripted", "knots": [[0, 1.0], [tables["tick_s"], 1.0], [tables["tick_s"], 1e-6]]}
    return tables, [fault for fault in FAULTS if r.random() < 0.3]


def case(number: int) -> Case:
    """The market under `--check`; with each of its faults the digest stays what it was."""
    tables, faults = market(number)
    try:
        scenario = Scenario.from_dict(tables)
    except BadInput as refused:
        return Case(0, facts={f"refused: {str(refused)[:60]}": 1})
    try:
        model = AdlModel(scenario, rng=number, check=True).run()
    except (Overflow, TooManyRounds):
        return Case(0, facts={"ran away": 1})
    summary = model.summary()
    broken = [fault for fault in faults if not survives(fault, model, number)]
    met = {"with ADL": summary["adl_events"] > 0, "with uncovered losses": summary["uncovered_loss"] > 0}
    return Case(1, f"digest or journal changes when {', '.join(broken)}" if broken else "", {"markets": 1, **Counter(faults), **met})


def survives(fault: str, model: AdlModel, number: int) -> bool:
    """Whether the run comes out the same with the fault in its way."""
    scenario, r = model.config, Random(f"fault {number}")
    if fault == "folded from its journal":
        with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
            return verify(write_run(Path(folder) / "run", model.tables())).ok
    if fault == "rows in another order":
        order = np.random.default_rng(number).permutation(model.state.owners.shape[1] - SPECIAL)
        other = AdlModel(scenario, rng=number, row_order=order)
    else:
        other = AdlModel(scenario, rng=number)
        for _ in range(r.randrange(scenario.ticks)):
            other.step()
        other = AdlModel.restore(other.checkpoint())
    return bool(other.run().summary()["digest"] == model.summary()["digest"])


def tell(facts: Counter[str]) -> str:
    """How often each fault struck, and what was left out."""
    struck = ", ".join(f"{facts[fault]:,} {fault}" for fault in FAULTS)
    refused = sum(number for fact, number in facts.items() if fact.startswith("refused"))
    met = f"{facts['with ADL']:,} had ADL, {facts['with uncovered losses']:,} uncovered losses"
    return f"{struck}; {met}. Left out: {facts['ran away']:,} whose price ran away, {refused:,} that no venue would admit."


COUNT = Count(
    unit="markets",
    scope="Each draws a hostile market, then leaves a random part of its rules to one of the venue files, its price now and then to an "
    "order book, and its index to a gap to nearly zero. All run under `--check`. Faults are drawn apart: stopped at a random tick, "
    "saved, restored and continued; the traders' rows in another order; the whole journal folded from the opening to the final "
    "ledger by code that imports nothing of the engine.",
    floor=10_000,
    target=1_000_000,
    case=case,
    share=8,
    tests=("oracle",),
    fresh=True,
    tell=tell,
)
