"""A run that is stopped and taken up again, and futures that share a past."""

import pickle

import numpy as np
import pytest

from adlabm.checkpoint import turn
from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.scenario import Scenario

STOP = 45


def run_to(name: str, tick: int, **more) -> AdlModel:
    """A model of a shipped scenario, run to a tick."""
    model = AdlModel(Scenario.load(name, sets=[("ticks", 120)]), rng=5, **more)
    while model.tick < tick:
        model.step()
    return model


@pytest.mark.parametrize("name", ["crash", "calm"])
@pytest.mark.parametrize("check", [False, True])
def test_a_restored_run_ends_as_if_it_had_not_stopped(name, check):
    whole = run_to(name, 0, check=check).run()
    saved = pickle.loads(pickle.dumps(run_to(name, STOP, check=check).checkpoint()))
    again = AdlModel.restore(saved)
    assert again.tick == STOP
    assert again.run().summary() == whole.summary()
    assert again.events_frame().equals(whole.events_frame())
    assert again.series_frame().equals(whole.series_frame())


def test_a_checkpoint_is_not_touched_by_those_who_use_it():
    model = run_to("crash", STOP)
    saved = model.checkpoint()
    first = AdlModel.restore(saved).run().summary()["digest"]
    model.run()
    assert AdlModel.restore(saved).run().summary()["digest"] == first == model.summary()["digest"]


def test_futures_share_the_past_and_nothing_else():
    model = run_to("calm", STOP)
    futures = model.fork(3)
    past = model.series_frame()
    ends = []
    for future in futures:
        assert (future.state.positions == model.state.positions).all()
        future.run()
        assert future.series_frame()[: len(past)].equals(past)
        assert future.balance_report() is not None
        ends.append(int(future.state.contracts[col.C_MARK, 0]))
    assert len(set(ends)) == 3
    assert [int(f.run().state.contracts[col.C_MARK, 0]) for f in model.fork(3)] == ends


def test_the_index_of_a_future_goes_on_from_where_it_stood():
    model = run_to("calm", STOP)
    before = model.state.reals[col.F_BASE].copy()
    future = turn(AdlModel.restore(model.checkpoint()), 1)
    future.step()
    assert np.allclose(future.state.reals[col.F_BASE], before, rtol=0.01)
    assert not np.array_equal(future.state.reals[col.F_BASE], before)
