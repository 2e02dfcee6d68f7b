"""All promises at once on random markets: every engine, fund rule, trigger, policy and trader rule."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adlabm.errors import Overflow
from adlabm.exchange.exchange import Exchange
from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.sweep.store import write_run
from adlabm.verify import verify
from tests.properties.markets import markets
from tests.properties.promises import play

SEEDS = st.integers(0, 3)
QUIET = {"derandomize": True, "deadline": None, "suppress_health_check": list(HealthCheck)}


def ran(tables, seed, **options):
    """The market to its end; one whose price runs away past 64 bits is none."""
    try:
        return AdlModel(Scenario.from_dict(tables), rng=seed, **options).run()
    except Overflow:
        assume(False)


@settings(max_examples=150, **QUIET)
@given(markets(), SEEDS)
def test_every_promise_is_kept(tables, seed):
    try:
        play(tables, seed)
    except Overflow as error:
        assert "64-bit" in str(error)


def test_the_markets_are_worth_it():
    """Among the first of them there are liquidations, ADL and uncovered losses."""
    found = {"liquidations": 0, "adl_events": 0, "uncovered_loss": 0}

    @settings(max_examples=60, database=None, **QUIET)
    @given(markets(), SEEDS)
    def count(tables, seed):
        summary = ran(tables, seed).summary()
        for name in found:
            found[name] += summary[name] > 0

    count()
    assert all(number >= 4 for number in found.values()), found


@settings(max_examples=25, **QUIET)
@given(tables=markets(), seed=SEEDS)
def test_the_journal_leads_to_the_final_ledger(tmp_path_factory, tables, seed):
    folder = tmp_path_factory.mktemp("run")
    write_run(folder, ran(tables, seed, check=True).tables())
    report = verify(folder)
    assert report.ok, report.lines


@settings(max_examples=25, **QUIET)
@given(markets(), SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_rows_plays_no_part(tables, seed, random):
    count = sum(group["count"] for group in tables["traders"])
    order = list(range(count))
    random.shuffle(order)
    as_written, shuffled = ran(tables, seed), ran(tables, seed, row_order=np.array(order))
    assert shuffled.summary()["digest"] == as_written.summary()["digest"]


class Watched(Exchange):
    """An exchange whose queues are recomputed."""

    def __init__(self, model):
        super().__init__(model)
        self.shown = set()

    def _close_in_order(self, number, request):
        state = self.model.state
        contract, lots = (
            int(table[column, request[col.M_ROW]]) for table, column in ((state.bands, col.B_CONTRACT), (state.positions, col.P_LOTS))
        )
        if len(pool := self._candidates(contract, -1 if lots > 0 else 1, self.losers)):
            self._queue(pool)
        super()._close_in_order(number, request)

    def _queue(self, pool):
        table = pool.table
        lights, ranks = super()._queue(pool)
        scores, lots, profits = self.ranking(table).tolist(), np.abs(table.quantity).tolist(), table.pnl.tolist()
        queue = sorted(range(len(lots)), key=lambda i: (-scores[i], table.id[i]))
        assert [ranks[i] for i in queue] == list(range(1, len(lots) + 1))
        total, before = sum(Fraction(lots[i]) for i in queue if self.losers or profits[i] > 0), Fraction(0)
        for i in queue:
            if self.losers or profits[i] > 0:
                before += Fraction(lots[i])
            loser = not self.losers and profits[i] <= 0
            assert lights[i] == (1 if loser else 6 - math.ceil(round(5 * before / total, 9)))
            self.shown.add((self.model.tick, int(table.id[i]) // col.ACCOUNTS_PER_OWNER, int(ranks[i]), int(lights[i])))
        return lights, ranks


@settings(max_examples=60, **QUIET)
@given(markets(), SEEDS)
def test_lights_and_ranks_are_those_of_the_queue(tables, seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adlabm.model.Exchange", Watched)
        model = ran(tables, seed)
    events = model.events_frame()
    hits = events[events.kind == "adl"]
    for row in hits[["tick", "trader", "rank", "lights"]].astype(int).itertuples(index=False):
        assert tuple(row) in model.exchange.shown
