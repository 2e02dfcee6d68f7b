"""Every trader rule does what its docstring says, on scripted paths that nobody moves."""

import math

import numpy as np
import pytest

from adlabm.kernels import columns as col
from adlabm.model import AdlModel
from adlabm.scenario import Scenario

TICK_S, LOT = 60, 0.001
FLAT = [[0, 1.0], [6000, 1.0]]
ONE = {"name": "one", "count": 1, "equity": 1000.0, "long_share": 1.0, "pace_s": 1e9, "holding_s": 0.0, "signal": {"rule": "side"}}


def steps(*levels):
    """Knots of a path that stays at each level for five ticks and then goes to the next within a tick."""
    knots = []
    for n, level in enumerate(levels):
        knots += [[300 * n + (60 if n else 0), level], [300 * (n + 1), level]]
    return knots


def market(knots, *groups, seed=0, check=True, **changes):
    """A market of one contract at an outside price."""
    tables = {
        "ticks": knots[-1][0] // TICK_S,
        "contracts": [{"name": "BTC", "tick": "0.01", "lot": str(LOT), "price": 1000}],
        "index": {"process": "scripted", "knots": knots},
        "price": {"formation": "external"},
        "funding": {"interest": 0.0},
        "traders": list(groups),
        **changes,
    }
    return AdlModel(Scenario.from_dict(tables), rng=seed, check=check)


def levered(leverage, **rules):
    return {**ONE, "leverage": {"rule": "fixed", "leverage": leverage}, **rules}


def lots(model, identity=3):
    """Lots that a trader holds, signed."""
    return round(model.trader(identity).position.get("BTC", 0.0) / LOT)


def at_levels(model, *ticks, identity=3):
    """Lots held at the end of these ticks."""
    held = []
    while model.running:
        model.step()
        if model.tick - 1 in ticks:
            held.append(lots(model, identity))
    return held


ENDS = [4, 9, 14, 19, 24]  # last ticks of the levels of `steps`
SIDES = pytest.mark.parametrize(("side", "share"), [(1, 1.0), (-1, 0.0)], ids=["long", "short"])


@SIDES
def test_a_fixed_target_closes_all_at_the_target(side, share):
    path = steps(1.0, 1 + side * 0.049, 1 + side * 0.051, 1.0)
    model = market(path, levered(2.0, long_share=share, profit_taking={"rule": "fixed", "target": 0.05}))
    assert at_levels(model, *ENDS[:4]) == [side * 2000, side * 2000, 0, 0]


@SIDES
def test_a_ladder_closes_thirds_at_one_two_and_four_steps(side, share):
    path = steps(1.0, 1 + side * 0.03, 1 + side * 0.055, 1 + side * 0.09, 1 + side * 0.11)
    model = market(path, levered(2.0, long_share=share, profit_taking={"rule": "ladder", "step": 0.025}))
    assert at_levels(model, *ENDS) == [side * each for each in (2000, 1334, 668, 668, 0)]


@SIDES
def test_a_trailing_stop_waits_until_it_is_armed_and_lets_profits_run(side, share):
    rule = {"rule": "trailing", "arm": 0.025, "distance": 0.01}
    unarmed = market(steps(1.0, 1 + side * 0.024, 1 - side * 0.01), levered(2.0, long_share=share, profit_taking=rule))
    assert at_levels(unarmed, *ENDS[:3]) == [side * 2000] * 3
    armed = market(steps(1.0, 1 + side * 0.05, 1 + side * 0.043, 1 + side * 0.037), levered(2.0, long_share=share, profit_taking=rule))
    assert at_levels(armed, *ENDS[:4]) == [side * 2000, side * 2000, side * 2000, 0]


@SIDES
def test_a_stop_acts_at_its_share_of_the_way_to_liquidation(side, share):
    """Leverage 10, first maintenance rate 0.5 %: distance 9.5 %, half of it 4.75 %."""
    path = steps(1.0, 1 - side * 0.047, 1 - side * 0.048, 1.0)
    model = market(path, levered(10.0, long_share=share, stop={"rule": "fixed", "share": 0.5}))
    assert at_levels(model, *ENDS[:4]) == [side * 10_000, side * 10_000, 0, 0]


def test_without_exits_a_position_is_held():
    model = market(steps(1.0, 1.3, 0.95, 1.0), levered(10.0))
    assert at_levels(model, *ENDS[:4]) == [10_000] * 4


def test_a_fixed_leverage_drifts_and_a_target_is_restored():
    """Long 1000 at leverage 4 and a price of 1000; at 1100 equity is 1400 and leverage drifts to 3.14."""
    path = steps(1.0, 1.0, 1.1, 1.1)
    looking = {"pace_s": 1.0}
    drifting, restored = (
        market(path, {**ONE, **looking, "leverage": {"rule": rule, "leverage": 4.0}}).run() for rule in ("fixed", "target")
    )
    assert drifting.trader(3).position == {"BTC": 4.0}
    assert restored.trader(3).leverage == pytest.approx(4.0, abs=0.02)
    assert restored.trader(3).position["BTC"] > 5.0


def test_leverage_falls_with_volatility_down_from_its_cap():
    """Daily volatility at the opening is sigma0 / sqrt(365): L = min(cap, alpha / s)."""
    for sigma, expected in ((0.5, 0.1 / (0.5 / math.sqrt(365))), (2.0, 0.1 / (2.0 / math.sqrt(365))), (0.1, 10.0)):
        rule = {"rule": "volatility", "alpha": 0.1, "cap": 10.0}
        model = market(FLAT, {**ONE, "leverage": rule}, depth={"sigma0": sigma})
        assert model.trader(3).leverage == pytest.approx(expected, rel=2e-3)


def looking(**signal):
    return {**ONE, "opening": 0.0, "pace_s": 60.0, "signal": signal, "leverage": {"rule": "target", "leverage": 2.0}}


def test_trend_follows_and_value_leans_against():
    rising, falling = [[0, 1.0], [3600, 1.05]], [[0, 1.0], [3600, 0.95]]
    for path, sign in ((rising, 1), (falling, -1)):
        follower = market(path, looking(rule="trend", horizon_s=900.0)).run().trader(3)
        leaner = market(path, looking(rule="value", horizon_s=900.0, beta=20.0)).run().trader(3)
        assert np.sign(follower.position["BTC"]) == sign
        assert np.sign(leaner.position["BTC"]) == -sign


def test_trend_saturates_and_value_is_proportional_up_to_the_leverage():
    """Value: |position| = min(beta gap, 1) x leverage x equity; a steep gamma takes all the leverage."""
    path = [[0, 1.0], [3600, 1.05]]
    steep = market(path, looking(rule="trend", horizon_s=900.0, gamma=100.0)).run().trader(3)
    assert steep.leverage == pytest.approx(2.0, abs=0.03)
    small, double, large = (
        abs(market(path, looking(rule="value", horizon_s=900.0, beta=b)).run().trader(3).leverage) for b in (5, 10, 1e5)
    )
    assert double == pytest.approx(2 * small, rel=0.05)
    assert large == pytest.approx(2.0, abs=0.03)
    model = market(path, looking(rule="value", horizon_s=900.0, beta=5.0), check=False).run()
    gap = math.log(model.state.contracts[col.C_TRADE, 0] / model.state.reals[col.F_AVERAGE, 0])
    assert small == pytest.approx(5 * gap * 2.0, rel=0.05)


def test_side_enters_again_after_an_exit_and_keeps_its_side():
    path = steps(1.0, 1.06, 1.06, 1.06)
    model = market(path, levered(2.0, pace_s=100.0, profit_taking={"rule": "fixed", "target": 0.05})).run()
    fills = [row for row in np.concatenate(journal(model)).tolist() if row[col.J_CODE] == col.BY_CHOICE and row[col.J_ACCOUNT] >= 384]
    assert [np.sign(row[col.J_LOTS]) for row in fills] == [-1, 1]
    assert lots(model) > 0


def journal(model):
    model.records.take_logs(model.state)
    return model.records.postings


def test_noise_takes_sides_with_its_probability_and_sizes_down_to_the_smallest():
    crowd = {**looking(rule="noise", long=0.8, smallest=0.5), "count": 400, "name": "crowd", "pace_s": 30.0}
    model = market([[0, 1.0], [600, 1.0]], crowd, check=False).run()
    leverages = np.array([math.copysign(agent.leverage, agent.position.get("BTC", 0.0)) for agent in map(model.trader, range(3, 403))])
    held = leverages[leverages != 0]
    assert held.size > 390
    assert (held > 0).mean() == pytest.approx(0.8, abs=0.06)
    assert np.abs(held).min() >= 0.99
    assert np.abs(held).max() <= 2.01
    assert np.abs(held).mean() == pytest.approx(1.5, abs=0.06)


def test_reduce_acts_on_its_lights_after_its_delay():
    """Five equal shorts in profit show 5, 4, 3, 2, 1 lights: who sees 4 or more closes a quarter, 150 s later and not before."""
    shorts = levered(2.0, name="shorts", count=5, long_share=0.0, reaction={"rule": "reduce", "lights": 4, "share": 0.25, "delay_s": 150.0})
    model = market([[0, 1.0], [120, 1.0], [180, 0.95], [6000, 0.95]], shorts)
    seen = None
    while model.running and (seen is None or model.tick < seen + 4):
        model.step()
        if seen is None and model.state.positions[col.P_LIGHTS].max() >= 4:
            seen = model.tick
            assert sorted(model.state.positions[col.P_LIGHTS].tolist()) == [0, 0, 0, 1, 2, 3, 4, 5]
        if seen is not None and model.tick <= seen + 2:
            assert [lots(model, identity) for identity in range(3, 8)] == [-2000] * 5
    assert sorted(lots(model, identity) for identity in range(3, 8)) == [-2000] * 3 + [-1500] * 2


def adl_market(reaction):
    """One long of leverage 50 beside a careful one; a jump of -10 % ruins it, there is no fund, and the shorts are deleveraged."""
    careful = levered(1.0, name="careful", equity=50_000.0)
    reckless = levered(50.0, name="reckless", equity=900.0)
    shorts = levered(1.0, name="shorts", count=4, equity=25_000.0, long_share=0.0, reaction=reaction)
    jump = [[0, 1.0], [120, 1.0], [120, 0.9], [1200, 0.9]]
    return market(jump, careful, reckless, shorts, fund={"share": 0.0})


def test_flatten_closes_the_rest_after_a_notice():
    still, gone = (adl_market(each).run() for each in ({"rule": "ignore"}, {"rule": "flatten", "delay_s": 120.0}))
    hit = [agent.identity for agent in map(still.trader, range(5, 9)) if agent.notices]
    assert 0 < len(hit) < 4
    assert any(lots(still, identity) for identity in hit), "somebody is left with a part"
    for identity in range(5, 9):
        assert lots(gone, identity) == (0 if identity in hit else lots(still, identity))
    fills = [row for row in np.concatenate(journal(gone)).tolist() if row[col.J_CODE] == col.BY_CHOICE and row[col.J_LOTS] > 0]
    notice = min(row["tick"] for _, row in gone.events_frame().iterrows() if row["kind"] == "notice")
    assert min(row[col.J_TICK] for row in fills) >= notice + 2


def test_who_is_ruined_comes_back_after_its_pause_or_never():
    path = [[0, 1.0], [120, 1.0], [180, 0.8], [6000, 0.8]]
    back, never = (market(path, levered(20.0, pace_s=60.0, reentry_s=pause)).run() for pause in (1200.0, 0.0))
    for model, deposits in ((back, 1000.0), (never, 0.0)):
        row = model.traders_frame().query("type == 'trader'").iloc[0]
        assert row["liquidations"] == 1
        assert float(row["deposits"]) == deposits
    assert lots(back) > 0
    assert lots(never) == 0
    posted = [row for row in np.concatenate(journal(back)).tolist() if row[col.J_CODE] == col.DEPOSITED]
    liquidated = back.summary()["first_liquidation_tick"]
    assert posted[0][col.J_TICK] >= liquidated + 1200 / TICK_S


def test_a_share_of_the_profit_is_withdrawn_when_flat():
    """2 x 1000 of notional, closed at +10 % after fees of 0.05 %: half of what exceeds 1000 leaves before the next entry."""
    path = steps(1.0, 1.1, 1.1, 1.1)
    model = market(path, levered(2.0, pace_s=200.0, withdraw=0.5, profit_taking={"rule": "fixed", "target": 0.09}), fees={"taker": 0.0})
    row = model.run().traders_frame().query("type == 'trader'").iloc[0]
    assert float(row["deposits"]) == pytest.approx(-100.0, abs=2.0)
    assert float(row["equity_end"]) == pytest.approx(1100.0, abs=2.0)


def test_twins_order_the_same_lots_at_the_same_prices():
    """In one market, also where their orders move the price; until the exchange steps in."""
    noisy = {"equity": 5000.0, "count": 15, "pace_s": 120.0, "signal": {"rule": "noise"}, "leverage": {"rule": "fixed", "leverage": 3.0}}
    pair = {"name": "pair", **noisy}, {"name": "twin", "twin_of": "pair", **noisy}
    model = market([[0, 1.0], [1800, 1.02]], *pair, price={"formation": "depth"}, depth={"share": 10.0}).run()
    assert model.summary()["liquidations"] == 0
    o, orders = model.state.owners, {}
    for row in np.concatenate(journal(model)).tolist():
        if row[col.J_CODE] == col.BY_CHOICE:
            orders.setdefault(row[col.J_ACCOUNT] // col.ACCOUNTS_PER_OWNER, []).append((row[col.J_TICK], row[col.J_LOTS], row[col.J_PRICE]))
    first, second = np.flatnonzero(o[col.O_GROUP] == 0), np.flatnonzero(o[col.O_GROUP] == 1)
    assert (o[col.O_NOISE, first] == o[col.O_NOISE, second]).all()
    for one, other in zip(o[col.O_IDENTITY, first].tolist(), o[col.O_IDENTITY, second].tolist(), strict=True):
        assert orders[one]
        assert orders[one] == orders[other]
