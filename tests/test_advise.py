"""What a trader is told: the five measures, plain words, a page, and sentences about positions that cannot be."""

import json
import re

import numpy as np
import pytest

from adlabm.advise import EXEMPT, MEASURES, YOU, Position, Watch, _enter_at, advise
from adlabm.errors import BadInput
from adlabm.kernels import columns as col
from adlabm.ledger.valuation import account_equity, balance_report, owner_sums
from adlabm.model import AdlModel
from adlabm.reports.advice import told, write_page

SHORT = Position("short", 10.0, 5000.0)


@pytest.fixture(scope="module")
def answer():
    told_of = []
    found = advise(SHORT, runs=3, progress=lambda done, total: told_of.append((done, total)))
    assert told_of == [(1, 3), (2, 3), (3, 3)]
    return found


def test_every_measure_is_answered(answer):
    assert [each.name for each in answer.measures] == list(MEASURES)
    for chance in (answer.hit, answer.liquidated):
        assert 0 <= chance.low <= chance.estimate <= chance.high <= 1
    assert 0.1 < answer.falls.estimate < 0.3
    assert answer.measures[0].liquidated.estimate <= 0
    assert answer.lights.shape == answer.marks.shape == (150, 3)
    assert set(np.unique(answer.lights.to_numpy()[~answer.lights.isna().to_numpy()])) <= {0, 1, 2, 3, 4, 5}
    assert json.loads(json.dumps(answer.as_dict(), default=str))["position"]["leverage"] == 10.0


def test_the_position_that_is_watched_is_the_one_asked_about():
    model = AdlModel(SHORT.market(), rng=0)
    state, row = model.state, Watch(model, 0).row
    owner = state.accounts[col.A_OWNER, state.positions[col.P_ACCOUNT, row]]
    assert model.config.traders[state.owners[col.O_GROUP, owner]].name == YOU


def test_the_same_question_has_the_same_answer(answer):
    again = advise(SHORT, runs=3)
    assert again.as_dict() == answer.as_dict()


def test_words_and_page(answer, tmp_path):
    text = "\n".join(told(answer))
    for words in ("you are deleveraged", "half the leverage", "In a crash like 'crash'", "Lights:"):
        assert words in text
    page = write_page(answer, tmp_path / "advice.html").read_text()
    assert "data:image/png;base64" in page
    assert not re.search(r"(src|href)=\"http", page)


def test_an_entry_price_moves_profit_and_not_equity():
    model = AdlModel(SHORT.market(), rng=1)
    before, report = owner_sums(model.state, account_equity(model.state)), balance_report(model.state)
    _enter_at(model, 110_000.0, 0)
    assert (owner_sums(model.state, account_equity(model.state)) == before).all()
    for name in (YOU, EXEMPT, "half-size"):
        trader = next(each for each in model.agents if getattr(each, "group", None) == name)
        row = int(model.state.owners[col.O_FIRST, trader.row])
        lots, entry = int(model.state.positions[col.P_LOTS, row]), int(model.state.positions[col.P_ENTRY, row])
        assert entry == lots * 1_100_000 * model.config.contracts[0].unit
    assert set(balance_report(model.state)) == set(report)
    model.run()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"side": "shrt"}, "did you mean 'short'"),
        ({"leverage": 500.0}, r"--leverage is 500, but must be from 0\.01 to 100"),
        ({"equity": -1.0}, "--equity is -1"),
        ({"contract": "BTCUSD"}, "did you mean 'BTCUSDT'"),
        ({"venue": "binanc"}, "did you mean 'binance'"),
        ({"scenario": "crush"}, "did you mean 'crash'"),
        ({"entry": 1.0}, "the scenario opens at 100000"),
    ],
)
def test_positions_that_cannot_be(changes, sentence):
    with pytest.raises(BadInput, match=sentence):
        advise(Position(**{"side": "short", "leverage": 10.0, "equity": 5000.0, **changes}), runs=2)
