"""The table [[margin]] of the venue files, and what every preset must do with it."""

import re

import pytest

from adlabm import bankruptcy_price, liquidation_price, maintenance_margin, registry
from adlabm.errors import AdlabmError
from adlabm.ledger.margin_rules import MarginRule, rule_for
from adlabm.venue import Venue

VENUES = registry.names("venues")
OLD = r'\[\[margin\]\]\nmaintenance_at = "mark"'


@pytest.mark.parametrize("key", VENUES)
@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("margin", [None, 0.1])
@pytest.mark.parametrize("side", [1, -1])
def test_a_contract_that_no_preset_has_is_served_by_its_own_keys(key, inverse, margin, side):
    """At ten times the margin every venue liquidates between the entry and the bankruptcy price, which is 10 % of the value away."""
    position = {"contract": "NEW", "quantity": side, "entry_price": 1.0, "maintenance_margin_rate": 0.01, "inverse": inverse}
    account = {"wallet": 0.1, "positions": [position], "contract": "NEW", "margin": margin}
    call, bust = liquidation_price(key, **account), bankruptcy_price(key, **account)
    assert side * 1.0 > side * call > side * bust
    assert bust == pytest.approx(1 / (1 + 0.1 * side) if inverse else 1 - 0.1 * side, rel=0.001)  # some have a closing fee in it
    assert call - bust == pytest.approx(0.01 * side, rel=0.4)


@pytest.mark.parametrize("key", VENUES)
def test_every_preset_has_a_maintenance_margin_that_grows_with_the_notional(key):
    margins = [maintenance_margin(key, notional) for notional in (0, 1, 1e4, 1e5, 1e6, 1e7)]
    assert margins[0] == 0
    assert margins == sorted(set(margins))
    for small, large in zip((1, 1e4, 1e5, 1e6), (1e4, 1e5, 1e6, 1e7), strict=True):
        assert maintenance_margin(key, small) / small <= maintenance_margin(key, large) / large * (1 + 1e-12)


def test_a_position_takes_the_first_row_that_fits_it():
    rows = Venue.load("bybit").margin
    assert rule_for(rows, inverse=True, isolated=False).closing_fee_at == "bankruptcy"
    assert rule_for(rows, inverse=True, isolated=True) == MarginRule(contracts="inverse", mode="isolated")
    assert (
        rule_for(rows, inverse=False, isolated=True) == rule_for(rows, inverse=False, isolated=False) == MarginRule(maintenance_at="entry")
    )


def test_a_contract_without_a_margin_table_asks_for_one():
    position = {"quantity": 1, "entry_price": 100}
    with pytest.raises(AdlabmError, match=r"no contract 'BTCUSD'.*did you mean 'BTCUSDT'.*maintenance_margin_rate"):
        liquidation_price("aster", wallet=1, positions=[{"contract": "BTCUSD", **position}], contract="BTCUSD")
    with pytest.raises(AdlabmError, match=r"'okx' has no margin tiers of 'BTC-USD-SWAP'.*maintenance_margin_rate"):
        liquidation_price("okx", wallet=1, positions=[{"contract": "BTC-USD-SWAP", **position}], contract="BTC-USD-SWAP")
    bust = bankruptcy_price("okx", wallet=0.001, positions=[{"contract": "BTC-USD-SWAP", **position}], contract="BTC-USD-SWAP")
    assert bust == pytest.approx(1 / 0.011)  # which needs none


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((r"floor = 0\n", "floor = 10\n"), "tiers.0.floor is 10, but the first tier must begin at 0"),
        ((r"floor = 5_000_000", "floor = 900_000"), "tiers.2.floor is 900000, but must be above the 1e"),
        ((OLD, '[[margin]]\nmaintenance_at = "entri"'), "maintenance_at is 'entri'.*did you mean 'entry'"),
        ((OLD, "[[margin]]\nclosing_fee = 0.2"), "closing_fee is 0.2, but must be at most 0.1"),
        ((OLD, "[[margin]]\nfee = 0.001"), "no known key"),
        ((OLD, '[[margin]]\nmode = "cross"'), "must fit all contracts and modes in its last row"),
        ((OLD, "[[margin]]\n\n[[margin]]"), "margin.0 must fit all contracts and modes in its last row and in no other"),
    ],
)
def test_bad_venue_files_get_one_sentence(tmp_path, change, words):
    pattern, instead = change
    text, count = re.subn(pattern, instead, registry.find("venues", "generic").read_text(), count=1)
    assert count == 1
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(AdlabmError, match=words):
        maintenance_margin(str(tmp_path / "mine.toml"), 1e6)
