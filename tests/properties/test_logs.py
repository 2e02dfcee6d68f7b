"""Logs that are too short for anything: every round gets exactly the room it asks for, and what it asks for is enough."""

from __future__ import annotations

import numpy as np
import pytest

from adlabm import registry
from adlabm.errors import BadInput, BrokenConservation, Overflow, TooManyRounds
from adlabm.kernels import columns as col
from adlabm.kernels.ledger import event, journal
from adlabm.kernels.state import pack
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from evidence.counts.markets import market
from tests.oracle.worlds import world


@pytest.fixture
def short(monkeypatch):
    """Logs of eight rows, which become no longer than asked for."""

    def short() -> None:
        monkeypatch.setattr("adlabm.ledger.accounts.EVENTS", 8)
        monkeypatch.setattr("adlabm.ledger.accounts.POSTINGS", 8)
        monkeypatch.setattr("adlabm.model.GROWTH", 1)

    return short


def digests(worlds: list[dict], seed: int) -> list[str]:
    found = []
    for tables in worlds:
        try:
            found.append(AdlModel(Scenario.from_dict(tables), rng=seed, check=True).run().summary()["digest"])
        except (BadInput, Overflow, TooManyRounds) as refused:
            found.append(type(refused).__name__)
    return found


def test_a_round_asks_for_the_room_it_needs(short):
    """Hostile worlds on all kinds of rules, books among them, and withdrawals that are charged while losses are open."""
    charged = [tables for tables in map(world, range(1000)) if tables["adl"].get("withdrawals") in ("charged", "scaled")]
    assert len(charged) > 20
    worlds = [*map(world, range(100)), *charged[:60], *(market(n)[0] for n in range(60))]
    known = digests(worlds, 1)
    short()
    assert digests(worlds, 1) == known


@pytest.mark.parametrize("venue", registry.names("venues"))
def test_every_venue_asks_for_the_room_it_needs(short, venue):
    scenario = Scenario.load("crash", sets=[("venue", venue), ("ticks", 40)])
    known = AdlModel(scenario, rng=3, check=True).run().summary()["digest"]
    short()
    assert AdlModel(scenario, rng=3, check=True).run().summary()["digest"] == known


def test_a_round_that_outgrew_64_bits_goes_no_further():
    """World 60,827: the mark outgrows 64-bit money while accounts are bankrupt; fills do nothing any more, and the fund would take over
    lot by lot, thousands of times."""
    with pytest.raises(Overflow, match="outgrew 64-bit money"):
        AdlModel(Scenario.from_dict(world(60_827)), rng=60_827, check=True).run()


@pytest.mark.parametrize("table", ["events", "postings"])
def test_nothing_is_written_behind_a_full_log(table):
    """Should a round ever need more than it asked for, the run ends with a sentence."""
    model = AdlModel("crash", rng=1, check=True)
    rows = np.full((9, getattr(model.state, table).shape[1]), -7)
    model.state = model.state._replace(**{table: rows[:1]})
    market = pack(model.state)
    for _ in range(3):
        event(market, col.FUNDING, -1, -1, 0, 1, 2, 3, 4)
        journal(market, col.FEE, 3, 0, 1, 2, 3, 4, 5)
    assert (rows[1:] == -7).all()
    assert (rows[0] != -7).all()
    with pytest.raises(BrokenConservation, match="more happened in a round than its logs were made for"):
        model.step()
