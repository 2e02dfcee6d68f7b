"""Scenarios and venues: what is filled in, and one sentence for everything that is wrong."""

import json
import tomllib
from copy import deepcopy
from datetime import date, datetime

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from adlabm.errors import BadInput
from adlabm.laws import LAWS, Law
from adlabm.scenario import Scenario, with_venue
from adlabm.settings import parse_set, with_changes
from adlabm.venue import Venue

MARKET = """
schema = 1
ticks = 100

[[contracts]]
name = "BTC"
tick = 0.1
lot = "0.001"
price = 100_000

[[contracts]]
name = "ETH"
tick = "0.01"
lot = "0.01"
price = 4000

[index]
process = "gbm"

[[traders]]
name = "crowd"
count = 10
equity = { law = "lognormal-pareto", median = 1000, sigma = 1.5, tail = 0.9, high = 1e5 }
signal = { rule = "trend", horizon_s = { law = "loguniform", low = 900, high = 200_000 } }
leverage = { rule = "fixed", leverage = { law = "lognormal", mu = 2.3, sigma = 0.8 } }

[[traders]]
name = "whales"
count = 2
equity = 1e6
contracts = ["BTC", "ETH"]
signal = { rule = "noise" }
leverage = { rule = "target", leverage = 2.0 }
profit_taking = { rule = "ladder" }
"""
BASE = tomllib.loads(MARKET)


def changed(*sets):
    """The market with single keys set, from the text that a user would write."""
    return Scenario.from_dict(with_changes(with_venue(BASE, "my.toml"), [parse_set(each) for each in sets]), "my.toml")


def refusal(*sets):
    with pytest.raises(BadInput) as error:
        changed(*sets)
    return str(error.value)


def test_defaults_venue_and_laws_are_filled_in():
    scenario = Scenario.from_dict(BASE)
    assert scenario.fund.share == 0.03
    assert scenario.fees.taker == 0.0005
    assert [tier.amount for tier in scenario.tiers] == [0, 5_000, 80_000, 580_000, 5_580_000]
    assert scenario.contracts[0].unit == 100
    assert scenario.contracts[0].price_ticks == 1_000_000
    assert scenario.traders[0].contracts == ("BTC",)
    assert scenario.traders[0].leverage.params["leverage"].high == 100
    assert scenario.adl.params == {"score": "generic"}
    assert [each.process for each in scenario.indexes] == ["gbm", "gbm"]


def test_resolved_is_toml_and_makes_the_same_scenario():
    scenario = Scenario.from_dict(BASE)
    again = Scenario.from_dict(tomllib.loads(tomli_w.dumps(scenario.resolved())))
    assert again == scenario
    assert again.resolved() == scenario.resolved()


def test_input_stays_untouched():
    data = deepcopy(BASE)
    Scenario.from_dict(data)
    with_changes(data, [("traders.0.count", 3), ("index.process", "scripted")])
    assert data == BASE


def test_load_reads_a_path_sets_and_overrides(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MARKET, encoding="utf-8")
    scenario = Scenario.load(path, sets=["fund.share=0.05", ("ticks", 7)], ticks=9, index={"sigma": 0.3}, adl={"policy": "random"})
    assert (scenario.fund.share, scenario.ticks, scenario.index.params["sigma"], scenario.adl.policy) == (0.05, 7, 0.3, "random")
    assert Scenario.load(path, sets=["venue=binance"]).tiers[0].max_leverage == 125


def test_a_scenario_may_be_like_another(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('like = "oct10"\nticks = 7\n[depth]\nfloor = 0.1\n[fund]\ncash = 5.0\n', encoding="utf-8")
    mine, other = Scenario.load(path), Scenario.load("oct10")
    assert (mine.ticks, mine.depth.floor, mine.fund.cash, mine.fund.share) == (7, 0.1, 5.0, None)
    assert (mine.depth.withdrawal, mine.traders, mine.index) == (other.depth.withdrawal, other.traders, other.index)
    path.write_text('like = "okt10"\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"no scenario 'okt10' at .*mine.toml: like .did you mean 'oct10'"):
        Scenario.load(path)


def test_files_beside_the_scenario_are_found(tmp_path):
    (tmp_path / "klines.csv").touch()
    path = tmp_path / "mine.toml"
    text = MARKET.replace('process = "gbm"', 'file = "klines.csv"').replace("price = 4000", 'price = 4000\nindex = { process = "gbm" }')
    path.write_text(text, encoding="utf-8")
    scenario = Scenario.load(path)
    assert scenario.index.process == "historic"
    assert scenario.index.params["file"] == str(tmp_path / "klines.csv")
    assert [each.permanent for each in scenario.depths] == [0.0, 0.2]
    assert "counted twice" in scenario.notices[0]


@pytest.mark.parametrize(("rule", "held"), [("target", True), ("volatility", True), ("fixed", False), ("drawn", False)])
def test_a_leverage_rule_that_isolated_positions_cannot_follow_is_told(rule, held):
    asked = f"traders.1.leverage={{rule='{rule}'}}"
    told = [each for each in changed(asked, "traders.1.mode=isolated").notices if "whales acts only when they open" in each]
    assert len(told) == held
    assert not changed(asked).notices


def test_another_rule_leaves_the_parameters_of_the_old_one_behind(tmp_path):
    (tmp_path / "klines.csv").touch()
    knots = "index={process='scripted', knots=[[0, 1.0], [60, 0.9]]}"
    one = tuple(f"contracts.1.index.{each}" for each in ("process=gbm", "sigma=0.8"))
    assert changed(knots, *one).index.params["knots"] == ((0.0, 1.0), (60.0, 0.9))
    assert changed(knots, *one, f"index.file={tmp_path / 'klines.csv'}").index.process == "historic"
    assert changed("adl.score=binance", "adl.policy=random").adl.params == {"seed": 0}
    assert changed("traders.0.signal.rule=noise").traders[0].signal.rule == "noise"
    assert changed("fund.cash=1e6").fund.share is None


def test_set_values_are_toml_or_else_text():
    assert parse_set("a.b=3") == ("a.b", 3)
    assert parse_set("a=[1, 2]") == ("a", [1, 2])
    assert parse_set("a=binance") == ("a", "binance")
    assert parse_set("a=2025-10-10T00:00:00Z") == ("a", "2025-10-10T00:00:00+00:00")
    assert parse_set("a=1\nb = 2") == ("a", "1\nb = 2")
    assert parse_set("a=x=y") == ("a", "x=y")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("traders.0.count=-1", "my.toml: traders.0.count is -1, but must be at least 0."),
        ("traders.0.cuont=1", "traders.0.cuont is no known key (did you mean 'count'?)"),
        ("traders.9.count=1", "traders has the entries 0 to 1, not '9'"),
        ("traders.wales.count=1", "did you mean 'whales'"),
        ("traders=[]", "empty population"),
        ("traders.0.equity=0", "from 0.01 to"),
        ("traders.0.equity=nan", "must be a finite number"),
        ("traders.0.equity={law='lognormal', mu=1}", "needs the key 'sigma'"),
        ("traders.0.equity={law='norml', mu=1}", "did you mean 'lognormal'"),
        ("traders.0.equity={law='uniform', low=2, high=1}", "set low at most high"),
        ("traders.1.leverage.leverage=101", "from 0.01 to 100 x, the venue's highest leverage"),
        ("traders.0.leverage.leverage={law='uniform', low=1, high=101}", "reaches from 1 to 101"),
        ("traders.0.signal.rule=trendy", "did you mean 'trend'"),
        ("traders.0.signal.gama=1", "no known key of 'trend' (did you mean 'gamma'?)"),
        ("traders.0.contracts=['BTX']", "no contract of this scenario (did you mean 'BTC'?)"),
        ("traders.0.contracts=['BTC', 'BTC']", "twice in the list"),
        ("traders.1.twin_of=crowds", "no other group (did you mean 'crowd'?)"),
        ("traders.1.twin_of=crowd", "traders.1.count differs from its twin"),
        ("traders.1.name=crowd", "which traders.0 has already"),
        ("tiers.1.floor=-5", "tiers.1.floor is -5, but must be at least 0"),
        ("tiers.0.floor=5", "the first tier must begin at 0"),
        ("tiers.2.floor=10", "must be above the 1e+06 of the tier before"),
        ("tiers.1.amount=4999", "the tiers make it 5000"),
        ("contracts.0.tick=0.00000001", "whole number of micro-units"),
        ("contracts.0.price=100_000.05", "whole number of ticks"),
        ("contracts.0.price=0", "from 1e-12 to 1e12"),
        ("contracts.0.price='nan'", "from 1e-12 to 1e12"),
        ("contracts.0.index={process='gbm'}", "write it as the table [index]"),
        ("index.file=/no/such/file.zip", "needs an index of its own"),
        ("contracts.1.index={file='/no/such/file.zip'}", "contracts.1.index.file is wrong: The data file '/no/such/file.zip' is not in"),
        ("depth.file=no-such-file.csv", "The data file 'no-such-file.csv' is not in"),
        ("index.process=scripted", "index.knots has 0 knots"),
        ("index.sigma=1e400", "index.sigma is inf"),
        ("ticks=99999999999999999999", "at most 1e+09"),
        ("ticks=1.5", "must be a whole number"),
        ("start=yesterday", "such as 2025-10-10T00:00:00Z"),
        ("round_s=0.0015", "whole number of milliseconds"),
        ("venue=binanse", "did you mean 'binance'"),
        ("venue=/no/such/venue.toml", "there is no file"),
        ("adl.policy=quue", "did you mean 'queue'"),
        ("adl.score=generik", "did you mean 'generic'"),
        ("adl.severity=ful", "did you mean 'full'"),
        ("adl.share=0.5", "adl.share is no known key of 'queue'"),
        ("adl.recall=recoverabel", "must be 'permanent' or 'recoverable'"),
        ("adl.scope=acount", "must be 'position', 'account-in-contract' or 'account'"),
        ("adl.price=oracle", "must be 'bankruptcy', 'mark', 'previous-mark', 'bankruptcy-near-mark', 'mark-capped' or 'reference-spread'"),
        ("fund.stop=0.9", "must be at most start"),
        ("mark=3", "must be a table"),
        ("ticks.x=3", "ticks is 100, not a table"),
        ("nonsense", "write it as key=value"),
    ],
)
def test_one_sentence_for_what_is_wrong(setting, sentence):
    text = refusal(setting)
    assert sentence in text
    assert text.endswith(".")
    assert "\n" not in text


def test_work_and_money_are_bounded():
    assert "ticks times" in refusal("ticks=1000000000", "traders.0.count=100000")
    assert "times count is" in refusal("traders.1.count=100000000")
    assert "at most 2^40 ticks and 1e9" in refusal("contracts.0.price=1e12")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = ", b"x = 1e", b"x = " + b"[" * 5000, b"x = 1" + b"0" * 5000])
def test_a_file_that_is_no_toml_is_named(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"bad\.toml"):
        Scenario.load(path)


def test_a_fund_starts_with_a_share_or_with_cash():
    with pytest.raises(BadInput, match="leave one of the two out"):
        Scenario.from_dict({**BASE, "fund": {"share": 0.1, "cash": 5}})


def test_missing_files_are_named(tmp_path):
    with pytest.raises(BadInput, match="there is no file"):
        Scenario.load(tmp_path / "none.toml")
    with pytest.raises(BadInput, match="no scenario 'nothing-like-it'"):
        Scenario.load("nothing-like-it")
    with pytest.raises(BadInput, match="cannot be read"):
        Venue.load(f"{tmp_path}/")


def test_twins_are_the_same_people():
    twin = {**BASE["traders"][0], "name": "treated", "twin_of": "crowd", "profit_taking": {"rule": "fixed"}}
    both = {**BASE, "traders": [*BASE["traders"], twin]}
    assert Scenario.from_dict(both).traders[2].twin_of == "crowd"
    with pytest.raises(BadInput, match="itself the twin of 'crowd'"):
        Scenario.from_dict({**both, "traders": [*both["traders"], {**twin, "name": "third", "twin_of": "treated"}]})


@pytest.mark.parametrize("law", LAWS)
def test_laws_know_their_range(law):
    values = {"mu": 1.0, "sigma": 0.5, "median": 10.0, "tail": 2.0, "low": 2.0, "high": 3.0}
    given = {"law": law, **{key: values[key] for key in LAWS[law].model_fields if key in values}}
    made = LAWS[law].model_validate(given)
    assert isinstance(made, Law)
    assert made.highest == (30.0 if "median" in given else 3.0)
    assert made.lowest >= 2.0


numbers = st.one_of(
    st.integers(), st.floats(), st.sampled_from([2**63, -(2**63), 10**400, 0, 1, -1, 0.5, 1e308, float("nan"), float("inf"), True, False])
)
words = st.one_of(
    st.text(max_size=8), st.sampled_from(["BTC", "queue", "uniform", "0.1", "nan", "1e999", "\0", "../x", "fixed", "2025-01-01"])
)
moments = st.one_of(st.dates(min_value=date(1, 1, 1)), st.datetimes(min_value=datetime(1, 1, 1)))
scalars = st.one_of(numbers, words, moments)
keys = st.one_of(
    st.sampled_from(
        ["rule", "law", "low", "high", "mu", "sigma", "median", "tail", "file", "process", "policy", "params", "name", "index", "depth"]
    ),
    st.text(max_size=5),
)
values = st.recursive(scalars, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)), max_leaves=8)


def paths(value, at=()):
    if isinstance(value, dict):
        found = [path for key, each in value.items() for path in paths(each, (*at, key))]
    elif isinstance(value, list):
        found = [path for index, each in enumerate(value) for path in paths(each, (*at, str(index)))]
    else:
        found = []
    return [at, *found] if at else found


PATHS = sorted({".".join(path) for path in paths(Scenario.from_dict(BASE).resolved())})


@settings(max_examples=400)
@given(st.lists(st.tuples(st.one_of(st.sampled_from(PATHS), words), values), min_size=1, max_size=3))
def test_any_value_is_either_taken_or_refused_in_one_sentence(changes):
    try:
        scenario = Scenario.from_dict(with_changes(with_venue(BASE, "my.toml"), changes), "my.toml")
    except BadInput as error:
        assert str(error).endswith(".")
        assert str(error)
        return
    resolved = scenario.resolved()
    json.dumps(resolved, allow_nan=False)
    assert Scenario.from_dict(tomllib.loads(tomli_w.dumps(resolved))).resolved() == resolved


@settings(max_examples=300)
@given(st.text(max_size=30))
def test_any_text_after_set_is_taken_or_refused(text):
    try:
        key, _ = parse_set(text)
    except BadInput:
        return
    assert key


@settings(max_examples=200)
@given(values)
def test_anything_as_a_scenario_is_refused_in_one_sentence(value):
    try:
        Scenario.from_dict(value)
    except BadInput as error:
        assert str(error).endswith(".")
