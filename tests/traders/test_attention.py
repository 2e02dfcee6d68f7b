"""Attention, gambling and the order of arbitrage: each as it is written, then in a market."""

import numpy as np
import pytest

from adlabm.kernels import columns as col
from adlabm.kernels.attention import BUSIEST, looks, remember_volume
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.test_trader_rules import FLAT, levered, market, steps

U = (np.arange(4000) + 0.5) / 4000


@pytest.mark.parametrize(("stir", "rate"), [(0.0, 0.1), (1.0, 1.0), (3.0, 2.8), (1000.0, BUSIEST)])
def test_a_trader_looks_at_the_rate_of_its_attention(stir, rate):
    model = market(FLAT, levered(2.0, attention=0.9))
    model.state.reals[col.F_STIR, 0] = stir
    assert np.mean([looks(model.market, 0, 0, u) for u in U]) == pytest.approx(rate / BUSIEST, abs=3e-4)


def test_what_was_traded_weighs_by_the_power_of_its_horizon():
    model, horizons = market(FLAT, levered(2.0, attention=0.9)), np.array(col.HORIZONS_S)
    weights = horizons**-0.45 / (horizons**-0.45).sum()
    recent, typical = model.state.reals[col.F_RECENT : col.F_TYPICAL, 0].copy(), model.state.reals[col.F_TYPICAL, 0]
    assert (recent == typical).all()
    for tick, traded in enumerate(np.random.default_rng(1).integers(0, 10**12, 50)):
        model.state.contracts[col.C_STIRRED, 0], model.state.clock[col.K_NOW] = traded, 60_000 * tick
        remember_volume(model.market, 0, 60.0)
        typical += 60.0 / (60.0 * tick + 86_400.0) * (traded - typical)
        recent += (1.0 - np.exp(-60.0 / horizons)) * (traded - recent)
        assert model.state.reals[col.F_STIR, 0] == pytest.approx(weights @ recent / typical, rel=1e-12)


def test_in_a_market_that_is_quiet_for_what_it_was_only_own_looks_are_left():
    noise = {
        **levered(2.0, name="noise", count=400, long_share=0.5, pace_s=9600.0, signal={"rule": "noise"}),
        "leverage": {"rule": "fixed", "leverage": 2.0},
    }

    def flips(attention):
        model = market([[0, 1.0], [96_000, 1.0]], {**noise, "attention": attention}, check=False)
        model.state.reals[col.F_RECENT : col.F_TYPICAL, 0] = model.state.reals[col.F_STIR, 0] = 0.0
        model.state.reals[col.F_TYPICAL, 0] *= 1e6
        found, before = 0, model.state.positions[col.P_LOTS].copy()
        while model.running:
            model.step()
            found += int((model.state.positions[col.P_LOTS] != before).sum())
            before = model.state.positions[col.P_LOTS].copy()
        return found

    assert flips(0.75) / flips(0.0) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("gamble", [1.0, 1.5])
def test_who_was_liquidated_comes_back_with_more_leverage(gamble):
    model = market(steps(1.0, 0.85, 0.85), levered(10.0, pace_s=60.0, reentry_s=60.0, gamble=gamble))
    assert model.trader(3).leverage == pytest.approx(10.0, rel=0.01)
    model.run()
    assert model.trader(3).liquidations == 1
    assert model.trader(3).leverage == pytest.approx(10.0 * gamble, rel=0.02)


def test_who_rests_in_the_book_pays_the_makers_fee_or_is_paid():
    def fees(**rates):
        sets = [("ticks", 30), ("price.formation", "orderbook"), *((f"fees.{name}", rate) for name, rate in rates.items())]
        return float(AdlModel(Scenario.load("ecology", sets=sets), rng=1, check=True).run().summary()["fees"])

    assert fees(taker=0.0, maker=0.0) == 0.0
    assert fees(taker=0.0, maker=-0.0001) < 0.0 < fees(taker=0.0, maker=0.0001)


def test_arbitrage_may_clear_before_or_after_the_others():
    def run(when):
        sets = [("ticks", 120), ("price.arbitrage", when)]
        return AdlModel(Scenario.load("ecology", sets=sets), rng=1, check=True).run()

    together, before, after = (run(when) for when in ("with", "before", "after"))
    volumes = [tuple(model.series_frame()["volume"]) for model in (together, before, after)]
    assert len(set(volumes)) == 3
