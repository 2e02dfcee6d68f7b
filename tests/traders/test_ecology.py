"""The trader rules of the market ecology: each formula on its own, then what traders do in a market."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm, spearmanr

from adlabm.errors import BadInput
from adlabm.kernels import columns as col
from adlabm.registry import find
from adlabm.scenario import Scenario
from adlabm.streams import RunKey
from adlabm.traders.population import draw_population
from adlabm.traders.shares import whole
from tests.test_trader_rules import FLAT, SIDES, at_levels, levered, lots, market, steps

U = (np.arange(20_000) + 0.5) / 20_000
KEY = RunKey.from_seed(1)


def wants(key, *params, u=0.5, v=0.5, side=1.0, held=0.0, gap=0.0, spread=0.01, premium=0.0):
    params = (*params, *[0.0] * (4 - len(params)))
    return find("signals", key).want(*params, u, v, side, held, gap, spread, premium)


@pytest.mark.parametrize("z", [-4.0, -1.0, 0.0, 2.0])
def test_retail_enters_at_its_rate_with_its_odds_and_holds(z):
    share = (1 + 2.0 * min(abs(z), 3)) / (1 + 2.0 * 3)
    entered = np.mean([wants("retail", 2.0, 0.5, 0.7, u=u, gap=0.01 * z) != 0 for u in U[::20]])
    assert entered == pytest.approx(share, abs=2e-3)
    longs = np.mean([wants("retail", 2.0, 0.5, 0.7, u=0.0, v=v, gap=0.01 * z) > 0 for v in U[::20]])
    assert longs == pytest.approx(1 / (1 + math.exp(-(0.5 + 0.7 * max(min(z, 3), -3)))), abs=2e-3)
    assert wants("retail", 2.0, 0.5, 0.7, u=0.99, held=-1.0, gap=0.01 * z) == -1.0


def test_retail_is_long_by_62_percent_in_a_flat_market():
    assert np.mean([wants("retail", 1.0, 0.5, 0.5, u=0.0, v=v) > 0 for v in U]) == pytest.approx(0.62, abs=0.005)


@pytest.mark.parametrize("z", [0.0, 0.5, -2.0])
def test_herding_trades_value_with_the_probability_that_reproduces_itself(z):
    """The horizon stands for 1,000 of the source's days of 1 %: misalignment is 0.01 sqrt(1000) standard deviations of the horizon."""
    x = 0.01 * math.sqrt(1000.0) * z
    share = brentq(lambda n: n - 1 / (1 + math.exp(-(-0.327 + 1.79 * (2 * n - 1) + 18.43 * x * x))), 0.0, 1.0)
    value = min(max(-0.4 * z, -1.0), 1.0)
    chose = np.mean([wants("herding", 0.4, 1.0, 0.0, 1.0, u=u, v=0.9, gap=0.01 * z) == value for u in U[::40]])
    if z:
        assert chose == pytest.approx(share, abs=3e-3)
    trend, noisy = (wants("herding", 0.4, 1.0, 0.5, 1.0, u=u, v=0.9, gap=0.01 * z) for u in (0.9999, 0.0))
    assert trend == pytest.approx(math.tanh(z + 0.5 * norm.ppf(0.9)), abs=1e-12)
    assert noisy == pytest.approx(min(-0.4 * z + 0.758 / 2.087 * 0.5 * norm.ppf(0.9), 1.0), abs=1e-4)


def test_noise_remembers_its_sign_and_draws_sizes_from_a_tail():
    rng, held, signs = np.random.default_rng(0), 1.0, []
    for u in rng.random(40_000):
        held = math.copysign(1.0, wants("noise", 0.5, 1.0, 0.2, 0.0, u=u, held=held))
        signs.append(held)
    assert np.mean(np.array(signs[1:]) * np.array(signs[:-1])) == pytest.approx(0.2, abs=0.02)
    sizes = np.array([wants("noise", 1.0, 0.001, 0.0, 1.5, u=0.0, v=v) for v in U])
    assert sizes.max() <= 1.0
    for x in (0.002, 0.01, 0.1):
        assert (sizes > x).mean() == pytest.approx((x / 0.001) ** -1.5, rel=0.02)


def test_a_maker_holds_what_its_reservation_price_says_and_stays_away_in_a_storm():
    held = wants("maker", 20.0, 900.0, 5.0, premium=-0.0008, gap=0.04)
    assert 1 - held * 20.0 * 0.01**2 == pytest.approx(1 - 0.0008)  # reservation price = market price, both over the index
    assert math.isnan(wants("maker", 20.0, 900.0, 5.0, premium=-0.0008, gap=0.051, held=1.0))
    assert wants("maker", 20.0, 900.0, 5.0, premium=0.5) == -1.0


def test_arbitrage_trades_beyond_its_costs_and_leaves_what_it_has_within_them():
    params = (0.001, 200.0, 0.1, 900.0)  # band 0.1 % + 0.1 x 1 %
    assert math.isnan(wants("arbitrage", *params, premium=0.0019))
    assert wants("arbitrage", *params, premium=0.004) == pytest.approx(-200.0 * 0.002)
    assert wants("arbitrage", *params, premium=-0.004) == pytest.approx(200.0 * 0.002)
    assert wants("arbitrage", *params, premium=0.1) == -1.0
    assert math.isnan(wants("arbitrage", *params, premium=-0.0005, held=-1.0))
    assert wants("arbitrage", *params, premium=-0.004, held=-1.0) == pytest.approx(200.0 * 0.002), "and turns on the other side"


def test_carry_shorts_for_its_funding():
    """At no premium funding is the anchor of 0.01 % three times a day, 10.95 % a year."""
    assert wants("carry", 0.1095, 0.03, 1.0) == pytest.approx(-0.5)
    assert wants("carry", 0.1095 + 0.03, 0.03, 1.0) == pytest.approx(-1 / (1 + math.e))
    assert wants("carry", 0.09, 0.03, 1.0, premium=0.01) == pytest.approx(-1.0, abs=1e-3)  # the law is clipped at its ends
    assert -1e-6 < wants("carry", 0.09, 0.03, 1.0, premium=-0.01) <= 0.0


def test_a_drawn_leverage_is_log_normal_up_to_its_cap():
    draws = np.array([find("leverage", "drawn").choose(2.3, 0.8, 100.0, 0.0, u, 0.0) for u in U])
    assert draws.max() == 100.0
    for level in (3.0, 10.0, 50.0):
        assert (draws < level).mean() == pytest.approx(norm.cdf((math.log(level) - 2.3) / 0.8), abs=1e-3)


def test_the_hazard_closes_at_its_rate_which_grows_with_the_gain():
    rule = find("profit_taking", "hazard")
    for gain, rate in ((0.0, 1.0), (0.025, math.exp(0.7)), (-0.025, math.exp(-0.7))):
        closed = np.mean([rule.at_look(1.0, 0.7, 0.0, 0.0, u, gain, 0.0, 3600.0, 0.025, 0.0) for u in U])
        assert closed == pytest.approx(1 - math.exp(-rate / 24), abs=1e-4)


def test_promptness_scales_a_ladder_down_to_half_its_targets():
    prompt, ladder = find("profit_taking", "prompt"), find("profit_taking", "ladder")
    for stage in (0.0, 1.0, 2.0):
        full = ladder.upper(0.025, 0.0, 0.0, 0.0, stage, 0.0)
        assert prompt.upper(0.025, 0.0, 0.0, 0.0, stage, 0.0) == full
        assert prompt.upper(0.025, 1.0, 0.0, 0.0, stage, 0.0) == full / 2
        assert prompt.part(0.025, 1.0, 0.0, 0.0, stage, 0.0, 1.0) == ladder.part(0.025, 0.0, 0.0, 0.0, stage, 0.0, 1.0)


@SIDES
def test_a_time_stop_closes_at_the_first_look_after_its_time(side, share):
    rules = {"profit_taking": {"rule": "time-stop", "hold_s": 600.0}, "pace_s": 30.0, "signal": {"rule": "retail"}}
    model = market(steps(1.0, 1.0, 1.0, 1.0), levered(2.0, long_share=share, **rules))
    held = at_levels(model, 8, 13)
    assert held[0] == side * 2000
    assert held[1] != side * 2000


@SIDES
def test_half_is_closed_once_when_volatility_doubles(side, share):
    """Volatility of a path that swings by 2 % a minute is far beyond twice 2.5 % a day."""
    swing = [[60 * n, 1.0 + 0.02 * (n % 2)] for n in range(41)]
    for path, expected in (([*FLAT[:1], [2400, 1.0]], 2000), (swing, 1000)):
        calm = {"depth": {"sigma0": 0.4}}
        model = market(path, levered(2.0, long_share=share, pace_s=60.0, stop={"rule": "volatility"}), **calm).run()
        assert lots(model) == side * expected


def test_who_works_slowly_trades_a_slice_at_a_look():
    group = {"name": "whale", "count": 1, "equity": 1000.0, "pace_s": 60.0, "slice": 0.05, "opening": 0.0, "signal": {"rule": "side"}}
    model = market([[0, 1.0], [6000, 1.0]], {**group, "long_share": 1.0, "leverage": {"rule": "target", "leverage": 2.0}})
    held = [0]
    while model.running:
        model.step()
        held.append(lots(model))
    changes = np.diff(held)
    assert 90 <= changes.max() <= 100
    assert changes.min() >= 0
    assert held[-1] == pytest.approx(2000, abs=20)


def groups(**changes):
    """The one group of a market, completed."""
    law = {"law": "lognormal", "mu": 1.5, "sigma": 0.8, "low": 1.0, "high": 100.0}
    group = {
        "name": "one", "count": 400, "equity": {"law": "lognormal", "mu": 8.0, "sigma": 1.0},
        "signal": {"rule": "side"}, "leverage": {"rule": "fixed", "leverage": law}, **changes,
    }  # fmt: skip
    return market(FLAT, group, check=False)


def test_the_copula_ties_leverage_to_equity_and_leaves_both_laws_alone():
    def drawn(copula):
        population = draw_population(groups(copula=copula).config.traders, KEY)
        return population.equity, population.trait[0, col.SPECIAL :]

    free, tied = drawn(0.0), drawn(-0.4)
    for one, other in zip(free, tied, strict=True):
        assert sorted(one) == sorted(other)
    assert spearmanr(*free)[0] == pytest.approx(0.0, abs=0.15)
    assert spearmanr(*tied)[0] == pytest.approx(6 / math.pi * math.asin(-0.4 / 2), abs=0.12)
    assert spearmanr(*drawn(-1.0))[0] == pytest.approx(-1.0, abs=1e-3)  # the law is clipped at its ends


def test_equities_are_scaled_to_a_notional():
    model = groups(notional=1e6, long_share=1.0, opening=0.5)
    traders = model.traders_frame().query("type == 'trader'")
    leverage = draw_population(model.config.traders, KEY)
    assert (np.abs(model.state.positions[col.P_LOTS, col.SPECIAL :]) > 0).mean() == pytest.approx(0.5, abs=0.01)
    model = groups(notional=1e6, long_share=1.0)
    assert model.open_interest / 1e6 == pytest.approx(1e6, rel=1e-3)
    assert len(traders) == len(leverage.equity) == 400


def ecology(**changes):
    """The tables of a small population by shares."""
    one = {"equity": 100.0, "signal": {"rule": "side"}, "leverage": {"rule": "fixed"}}
    shares = [{"name": name, "share": share, "interest": interest, **one} for name, share, interest in (("a", 0.7, 0.4), ("b", 0.3, 0.6))]
    contract = {"name": "BTC", "tick": "0.01", "lot": "0.001", "price": 1000}
    return {"ticks": 1, "contracts": [contract], "population": {"count": 5, "open_interest": 1e6}, "traders": shares} | changes


def test_shares_become_whole_traders_and_notionals():
    a, b = Scenario.from_dict(ecology()).traders
    assert (a.count, b.count, a.notional, b.notional) == (4, 1, 0.8e6, 1.2e6)
    assert whole([1 / 3] * 3, 10) == [4, 3, 3]
    assert sum(whole([0.123, 0.456, 0.421], 9999)) == 9999


@pytest.mark.parametrize(
    ("place", "key", "value", "sentence"),
    [
        (0, "share", 0.6, "traders have a share that adds up to 0.9, but must add up to 1; change some by +0.1"),
        (1, "interest", 0.7, "traders have a interest that adds up to 1.1, but must add up to 1; change some by -0.1"),
        (1, "share", None, "traders.1.share is None, but with a table population every group needs one from 0 to 1"),
        (1, "count", 3, "traders.1.count is given beside the table population, which makes it; leave one of the two out"),
    ],
)
def test_a_population_whose_shares_do_not_add_up_is_refused(place, key, value, sentence):
    tables = ecology()
    tables["traders"][place][key] = value
    with pytest.raises(BadInput, match=sentence.replace("+", r"\+")):
        Scenario.from_dict(tables)


def test_a_population_names_a_count_and_an_open_interest():
    with pytest.raises(BadInput, match=r"population is .*must be a table with a count and an open_interest"):
        Scenario.from_dict(ecology(population={"count": 5}))


def test_the_reference_population_is_that_of_the_table():
    """Market models 6.2: shares of traders and of gross open interest."""
    scenario = Scenario.load("ecology")
    found = {group.name: (group.count, (group.notional or 0.0) / 2e9) for group in scenario.traders}
    table = {
        "retail": (700, 0.20), "trend": (100, 0.15), "value": (60, 0.10), "noise": (80, 0.05), "whales": (10, 0.15), "carry": (20, 0.20),
        "arbitrage": (10, 0.05), "makers": (2, 0.10),
    }  # fmt: skip
    for name, (count, interest) in table.items():
        assert found[name] == (count, pytest.approx(interest))
