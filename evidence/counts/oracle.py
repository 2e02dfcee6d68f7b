"""The engine and a plain exchange, written apart from it, do the same in every event."""

from __future__ import annotations

from collections import Counter

from adlabm.errors import Overflow
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from evidence.count import Case, Count
from tests.oracle.replay import Differs, Replay
from tests.oracle.test_oracle import BRANCHES
from tests.oracle.worlds import world


def case(number: int) -> Case:
    """One hostile market of 2 to 40 traders, run and replayed."""
    model = AdlModel(Scenario.from_dict(world(number)), rng=number, check=True)
    try:
        replay = Replay(model.run())
    except Overflow:
        return Case(0, facts={"outgrew 64 bits": 1})
    if replay.runaway:
        return Case(0, facts={"ran away": 1})
    try:
        return Case(1, facts={"events": replay.tables.events.num_rows, **replay.run().reached})
    except Differs as difference:
        return Case(0, str(difference))


def tell(facts: Counter[str]) -> str:
    """Which branch was met least, and what was left out."""
    least = min(BRANCHES, key=lambda branch: facts[branch])
    left_out = facts["ran away"] + facts["outgrew 64 bits"]
    return (
        f"{facts['events']:,} events. Of {len(BRANCHES)} branches of the waterfall {sum(facts[b] >= 1000 for b in BRANCHES)} were met at "
        f"least 1,000 times; the rarest, {least!r}, {facts[least]:,} times. Left out: {left_out:,} markets whose price ran away."
    )


COUNT = Count(
    unit="markets",
    scope="Every event row, every tick's ledger hash, every series row and every trader's sums are equal to the last unit. The plain "
    "exchange (`tests/oracle`) imports nothing of the engine; it is fed with the marks and the traders' own orders. Markets whose "
    "price grows a hundredfold, or whose book is sold to over and over at the last tick, are left out, since there the last digit of a "
    "float decides a tick.",
    floor=10_000,
    target=100_000,
    case=case,
    share=10,
    tests=("oracle",),
    fresh=True,
    tell=tell,
)
