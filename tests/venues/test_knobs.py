"""Knobs: what is published and what runs agree, or the file says how they differ."""

import tomllib

import pytest
import tomli_w

from adlabm import registry
from adlabm.adl.scores import SCORES
from adlabm.errors import BadInput
from adlabm.knobs import WORDS, differing, running
from adlabm.ledger.margin import preset
from adlabm.venue import Venue

ASKED = [
    "binance",
    "bybit",
    "bybit-2025-11",
    "okx",
    "bitmex",
    "deribit",
    "hyperliquid",
    "dydx-v4",
    "drift",
    "kraken",
    "bitget",
    "gate",
    "kucoin",
    "coinex",
    "phemex",
    "paradex",
    "lighter",
    "aster",
    "gmx-v2",
    "ethereal",
    "bluefin",
    "coinbase-international",
    "percolator",
    "grvt",
    "delta",
    "generic",
]


def test_every_venue_has_a_file():
    assert set(registry.names("venues")) == set(ASKED)


@pytest.mark.parametrize("name", ASKED)
def test_what_differs_is_stated_in_a_sentence(name):
    venue = preset(name)
    assert differing(venue) <= set(venue.differs)
    for sentence in venue.differs.values():
        assert sentence.endswith(".")
        assert len(sentence) > 20


def test_generic_and_bitmex_knobs_run_as_they_stand():
    assert preset("generic").differs == {}
    assert set(preset("bitmex").differs) == {"mark"}


def test_every_word_is_a_rule_or_published_somewhere():
    """No word that nobody uses, and each knob's words mean something."""
    rules = {"trigger": registry.names("triggers"), "rationing": registry.names("policies"), "score": SCORES}
    for knob, words in WORDS.items():
        values = [getattr(preset(name).knobs, knob) for name in ASKED]
        used = {word for value in values for word in ([value] if isinstance(value, str) else value)}
        assert set(words) - used <= {*rules.get(knob, ()), "unpublished"}, knob
        assert all(meaning for meaning in words.values())


def test_what_runs_is_told_in_the_same_words():
    for name in ASKED:
        for knob, words in running(preset(name)).items():
            assert set(words) <= set(WORDS[knob]), (name, knob)


def changed(tmp_path, name, change):
    data = tomllib.loads(registry.find("venues", name).read_text(encoding="utf-8"))
    change(data)
    path = tmp_path / "mine.toml"
    path.write_text(tomli_w.dumps(data), encoding="utf-8")
    return Venue.load(str(path))


def refusal(tmp_path, name, change):
    with pytest.raises(BadInput) as error:
        changed(tmp_path, name, change)
    return str(error.value)


def test_a_difference_that_is_not_stated_is_refused(tmp_path):
    text = refusal(tmp_path, "generic", lambda data: data["knobs"].update(price="mark"))
    assert text.endswith("differs.price is missing, but the engine does otherwise than published; add one sentence that says how.")
    assert "differs.mark" in refusal(tmp_path, "generic", lambda data: data["formulas"].update(mark=["index"]))
    assert "differs.lights" in refusal(tmp_path, "generic", lambda data: data.update(lights={"bars": 4}))
    assert "differs.funding" in refusal(tmp_path, "generic", lambda data: data["formulas"].update(paid_s=60))


def test_a_statement_that_is_no_longer_true_is_refused(tmp_path):
    text = refusal(tmp_path, "generic", lambda data: data.update(differs={"price": "The price is another one here."}))
    assert "differs.price says what differs, but the engine runs what is published; leave the line out" in text
    assert "leave the line out" in refusal(tmp_path, "kraken", lambda data: data["knobs"].update(trigger=["exhausted"]))


def test_words_are_a_closed_set(tmp_path):
    text = refusal(tmp_path, "generic", lambda data: data["knobs"].update(price="bankrupcy"))
    assert "did you mean 'bankruptcy'" in text
    assert "effects is 'light'" in refusal(tmp_path, "generic", lambda data: data["knobs"].update(effects=["light"]))
    assert "mark is 'indx'" in refusal(tmp_path, "generic", lambda data: data["formulas"].update(mark=["indx"]))


def test_a_venue_of_ones_own_needs_no_knobs(tmp_path):
    def bare(data):
        for key in ("knobs", "formulas", "differs", "lights"):
            data.pop(key, None)

    assert changed(tmp_path, "binance", bare).knobs is None


def test_other_policies_and_scores_may_be_set_without_touching_the_published_knobs():
    from adlabm.scenario import Scenario

    scenario = Scenario.load("crash", sets=[("venue", "binance"), ("adl.policy", "random"), ("adl.price", "mark")])
    assert (scenario.adl.policy, scenario.adl.price) == ("random", "mark")


def test_contracts_are_found_by_name():
    venue = preset("binance")
    assert venue.terms() == venue.terms("BTCUSDT")
    assert venue.terms("BTCUSDC").tiers[1].floor == 50_000
    assert preset("bitmex").terms("XBTUSD").inverse
    with pytest.raises(BadInput, match="did you mean 'BTCUSDT'"):
        venue.terms("BTCUSDX")


def test_bybit_editions_keep_the_limits_of_their_pages():
    """Item 4: the API page (Jul 2026) has 30 and 25 %, the help page (Nov 2025) 100 and 95 %, per pair: two files, and settings."""
    assert [(preset(name).fund.start, preset(name).fund.stop) for name in ("bybit", "bybit-2025-11")] == [(0.3, 0.25), (1.0, 0.95)]


def test_item_9_coinex_closes_at_the_mark():
    """One edition of the page says the bankruptcy price, the other the mark at the trigger: here the mark, and `adl.price` is a setting."""
    assert preset("coinex").adl.price == preset("coinex").knobs.price == "mark"
