"""Liquidation and bankruptcy prices of random accounts, held against equity and margin reckoned here from their definitions."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adlabm import bankruptcy_price, liquidation_price, maintenance_margin
from adlabm.errors import AdlabmError, BadInput
from adlabm.ledger.margin_rules import MarginRule
from adlabm.ledger.positions import profit
from adlabm.venue import Venue

GENERIC = Venue.load("generic")
RULES = st.builds(
    MarginRule,
    maintenance_at=st.sampled_from(["mark", "entry"]),
    closing_fee=st.sampled_from([0.0, 0.0006]),
    closing_fee_at=st.sampled_from(["mark", "bankruptcy"]),
)


def venue_with(rule):
    return GENERIC.model_copy(update={"margin": (rule,)})


def one(quantity, entry, **keys):
    return {"contract": "X", "quantity": quantity, "entry_price": entry, **keys}


def notional(position, price):
    size = abs(position["quantity"])
    return size / price if position.get("inverse") else size * price


def pnl(position, price):
    quantity, entry = position["quantity"], position["entry_price"]
    return quantity / entry - quantity / price if position.get("inverse") else quantity * price - quantity * entry


def tier_margin(amount):
    """Maintenance margin of the generic venue by slices of the notional, not by amounts."""
    floors, rates = [tier.floor for tier in GENERIC.tiers], [tier.mmr for tier in GENERIC.tiers]
    ends = [*floors[1:], math.inf]
    return sum(rate * max(0.0, min(amount, end) - floor) for floor, end, rate in zip(floors, ends, rates, strict=True))


def margin_of(position, price):
    if "maintenance_margin_rate" in position:
        return position["maintenance_margin_rate"] * notional(position, price) - position.get("maintenance_amount", 0)
    return tier_margin(notional(position, price))


def held_for(position, price, rule):
    """What the account must hold: maintenance margin at the mark or the entry, and the closing fee at the mark."""
    at = position["entry_price"] if rule.maintenance_at == "entry" else price
    return margin_of(position, at) + rule.closing_fee * notional(position, price)


@st.composite
def accounts(draw, others=2, own_rates=True):
    """wallet, positions, of which the first is asked about; its size reaches over several tiers of the generic venue."""
    inverse = draw(st.booleans())

    def position(name):
        entry, worth = draw(st.floats(50, 50_000)), 10 ** draw(st.floats(2, 8))
        quantity = worth * entry if inverse else worth / entry
        keys = {"inverse": True} if inverse else {}
        if inverse or (own_rates and draw(st.booleans())):  # the generic tiers are in quote currency
            keys |= {"maintenance_margin_rate": draw(st.floats(0.001, 0.1))}
        mark = entry * draw(st.floats(0.9, 1.1))
        return one(draw(st.sampled_from([quantity, -quantity])), entry, mark_price=mark, **keys) | {"contract": name}

    positions = [position(name) for name in ("X", "Y", "Z")[: 1 + draw(st.integers(0, others))]]
    worth = sum(notional(each, each["entry_price"]) for each in positions)
    return worth * draw(st.floats(0.005, 0.8)), positions


@settings(max_examples=300)
@given(accounts(), RULES)
def test_equity_meets_what_must_be_held_at_the_liquidation_price_and_not_before(account, rule):
    wallet, (asked, *others) = account
    venue = venue_with(rule)
    price = liquidation_price(venue, wallet=wallet, positions=[asked, *others], contract="X")
    assume(0 < price < math.inf)
    bust = bankruptcy_price(venue, wallet=wallet, positions=[asked, *others], contract="X")
    free = wallet + sum(pnl(each, each["mark_price"]) - held_for(each, each["mark_price"], rule) for each in others)

    def slack(p):
        held = held_for(asked, p, rule)
        if rule.closing_fee_at == "bankruptcy":
            held += rule.closing_fee * (notional(asked, bust) - notional(asked, p))
        return free + pnl(asked, p) - held

    scale = abs(wallet) + notional(asked, price) + sum(notional(each, each["mark_price"]) for each in others)
    assert slack(price) == pytest.approx(0, abs=1e-9 * scale)
    safe, danger = (1.01, 0.99) if asked["quantity"] > 0 else (0.99, 1.01)
    assert slack(price * safe) > 0 > slack(price * danger)


@settings(max_examples=200)
@given(accounts(), RULES, st.none() | st.floats(0, 0.01))
def test_closing_at_the_bankruptcy_price_leaves_nothing_after_the_fee(account, rule, fee):
    wallet, (asked, *others) = account
    asked = asked if fee is None else {**asked, "fee": fee}
    price = bankruptcy_price(venue_with(rule), wallet=wallet, positions=[asked, *others], contract="X")
    assume(0 < price < math.inf)
    rate = fee if fee is not None else rule.closing_fee if rule.closing_fee_at == "bankruptcy" else 0.0
    left = wallet + pnl(asked, price) + sum(pnl(each, each["mark_price"]) for each in others) - rate * notional(asked, price)
    assert left == pytest.approx(0, abs=1e-9 * (abs(wallet) + notional(asked, price) + sum(notional(o, o["mark_price"]) for o in others)))


@settings(max_examples=200)
@given(accounts(), RULES, st.floats(1.001, 2))
def test_more_money_moves_both_prices_away(account, rule, factor):
    wallet, positions = account
    for price in (liquidation_price, bankruptcy_price):
        poor, rich = (price(venue_with(rule), wallet=each, positions=positions, contract="X") for each in (wallet, factor * wallet))
        assert rich <= poor if positions[0]["quantity"] > 0 else rich >= poor


@settings(max_examples=200)
@given(accounts(), RULES)
def test_liquidation_comes_before_bankruptcy(account, rule):
    wallet, positions = account
    venue = venue_with(rule)
    call, bust = (price(venue, wallet=wallet, positions=positions, contract="X") for price in (liquidation_price, bankruptcy_price))
    assert call >= bust if positions[0]["quantity"] > 0 else call <= bust


@settings(max_examples=200)
@given(accounts(others=2), RULES, st.floats(0.01, 1e6), st.randoms())
def test_order_of_positions_and_isolation(account, rule, margin, random):
    """The order of the positions changes nothing, and an isolated position does not see the rest of the account."""
    wallet, positions = account
    mixed = random.sample(positions, len(positions))
    for price in (liquidation_price, bankruptcy_price):
        expected = price(venue_with(rule), wallet=wallet, positions=positions, contract="X")
        assert price(venue_with(rule), wallet=wallet, positions=mixed, contract="X") == pytest.approx(expected, rel=1e-9)
        alone = price(venue_with(rule), wallet=margin, positions=positions[:1], contract="X")
        assert price(venue_with(rule), wallet=wallet, margin=margin, positions=positions, contract="X") == alone


@settings(max_examples=200)
@given(accounts(others=2), st.sampled_from(["value", "maintenance"]))
def test_shared_equity_closing_everything_leaves_nothing(account, share):
    """Each position bears its share, so the account is empty after all have been closed at their prices."""
    wallet, positions = account
    venue = venue_with(MarginRule(bankruptcy_share=share))
    prices = [bankruptcy_price(venue, wallet=wallet, positions=positions, contract=each["contract"]) for each in positions]
    assume(all(0 < price < math.inf for price in prices))
    scale = wallet + sum(notional(each, price) + notional(each, each["mark_price"]) for each, price in zip(positions, prices, strict=True))
    assert wallet + sum(pnl(each, price) for each, price in zip(positions, prices, strict=True)) == pytest.approx(0, abs=1e-9 * scale)


@settings(max_examples=150)
@given(accounts(others=1), st.floats(0.1, 10))
def test_a_long_and_a_short_in_one_contract_have_one_price(account, ratio):
    """Hedge mode: both move with the price, and both ask for margin."""
    wallet, (first, *others) = account
    second = {**first, "quantity": -ratio * first["quantity"], "entry_price": first["entry_price"] * 1.05}
    rule = MarginRule()
    free = wallet + sum(pnl(each, each["mark_price"]) - held_for(each, each["mark_price"], rule) for each in others)

    def slack(p):
        return free + sum(pnl(each, p) - held_for(each, p, rule) for each in (first, second))

    assume(slack(first["mark_price"]) > 0)  # else no price may save the account
    price = liquidation_price(GENERIC, wallet=wallet, positions=[first, second, *others], contract="X")
    assume(0 < price < math.inf)
    scale = wallet + notional(first, price) + notional(second, price) + sum(notional(each, each["mark_price"]) for each in others)
    assert slack(price) == pytest.approx(0, abs=1e-9 * scale)


@pytest.mark.parametrize(
    ("long", "short", "wallet", "below"), [(100, 95, 200_000, True), (100, 95, 500_000, False), (95, 100, 200_000, False)]
)
def test_a_hedged_account_that_both_directions_endanger(long, short, wallet, below):
    """Margin is asked of both sides, so a rise may liquidate a net long too; the price of a fall comes first."""
    positions = [one(long, 50_000), one(-short, 50_000)]
    price = liquidation_price("generic", wallet=wallet, positions=positions, contract="X")

    def slack(p):
        return wallet + (long - short) * (p - 50_000) - tier_margin(long * p) - tier_margin(short * p)

    assert (price < 50_000) == below
    assert slack(price) == pytest.approx(0, abs=1e-6)
    assert all(slack(price + (50_000 - price) * step) > 0 for step in (0.001, 0.5, 1))


def test_the_users_fee_counts_in_the_liquidation_price_only_where_the_venue_asks_one():
    account = {"wallet": 10, "contract": "X"}
    free, paying = one(1, 100, maintenance_margin_rate=0.01), one(1, 100, maintenance_margin_rate=0.01, fee=0.001)
    for venue, same in (("binance", True), ("okx", False)):
        prices = [liquidation_price(venue, **account, positions=[each]) for each in (free, paying)]
        assert (prices[0] == prices[1]) == same
        assert bankruptcy_price(venue, **account, positions=[paying]) == pytest.approx(90 / 0.999)
        assert bankruptcy_price(venue, **account, positions=[free]) == pytest.approx(90)


def test_the_tier_at_the_liquidation_price_counts():
    """60 BTC entered at 20,000 stand in the second tier (1 %, from 1,000,000 on), at the price of liquidation in the first (0.5 %)."""
    price = liquidation_price("generic", wallet=300_000, positions=[one(60, 20_000)], contract="X")
    assert 60 * price < 1_000_000 < 60 * 20_000
    assert price == pytest.approx((60 * 20_000 - 300_000) / (60 * 0.995))


@given(st.floats(0, 1e9))
def test_maintenance_margin_by_amounts_is_maintenance_margin_by_slices(amount):
    assert maintenance_margin(GENERIC, amount) == pytest.approx(tier_margin(amount))


@given(st.floats(-1e6, 1e6).filter(bool), st.floats(0.01, 1e5), st.floats(0.01, 1e5))
def test_an_inverse_contract_pays_in_coins_what_a_linear_one_pays_in_money(quantity, entry, price):
    """At the exit price p an inverse profit of u coins is worth u p = q (p - e) / e, the linear profit of q / e coins bought at e."""
    assert profit(quantity, entry, price, inverse=True) * price == pytest.approx(profit(quantity / entry, entry, price), rel=1e-6, abs=1e-6)


def test_no_price_liquidates_a_position_without_leverage():
    rate = {"maintenance_margin_rate": 0.01}
    assert liquidation_price("generic", wallet=200, positions=[one(1, 100, **rate)], contract="X") == 0
    assert liquidation_price("generic", wallet=0.02, positions=[one(-1, 100, inverse=True, **rate)], contract="X") == math.inf


OTHER = {"contract": "Y", "quantity": 1, "entry_price": 5}


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        ([{"contract": "X", "quantity": 1}], "entry_price"),
        ([one(1, 100, leverag=3)], "leverag"),
        ([one(0, 100)], "quantity is 0"),
        ([one(1, -5)], "above zero"),
        ([one(1, math.nan)], "finite"),
        ([one("1", 100)], "finite"),
        ([one(1, 100, maintenance_margin_rate=1.5)], "below 1"),
        ([one(1, 100, maintenance_amount=3)], "maintenance_margin_rate"),
        ([one(1, 100, inverse=1)], "true or false"),
        ([one(1, 100, fee=-0.1)], "at least 0"),
        ([one(1, 100), one(2, 101)], "net them"),
        ([one(1, 100), one(-2, 101), one(1, 100)], "net them"),
        ([one(1, 100), OTHER], "mark_price"),
        ([{**OTHER, "contract": "XX"}], "did you mean 'XX'"),
        ([{**OTHER, "contract": 7}], "contract's name"),
        ([], "none exists"),
        (["X"], "mapping"),
        ([one(1, 100), {**OTHER, "mark_price": 5, "inverse": True}], "currency"),
        ([one(1, 100, inverse=True)], "inverse 'X'"),
    ],
)
def test_bad_positions_get_one_sentence(positions, words):
    with pytest.raises(AdlabmError, match=words):
        liquidation_price("generic", wallet=10, positions=positions, contract="X")


def test_bad_arguments_get_one_sentence():
    for price in (liquidation_price, bankruptcy_price):
        with pytest.raises(AdlabmError, match="wallet is nan"):
            price("generic", wallet=math.nan, positions=[one(1, 100)], contract="X")
        with pytest.raises(AdlabmError, match="margin is inf"):
            price("generic", wallet=1, margin=math.inf, positions=[one(1, 100)], contract="X")
        with pytest.raises(AdlabmError, match="did you mean 'binance'"):
            price("binanc", wallet=1, positions=[one(1, 100)], contract="X")
        with pytest.raises(AdlabmError, match="venue is 7; give the name"):
            price(7, wallet=1, positions=[one(1, 100)], contract="X")
        with pytest.raises(AdlabmError, match="a margin each"):
            price("generic", wallet=1, margin=1, positions=[one(1, 100), one(-2, 100)], contract="X")
    with pytest.raises(AdlabmError, match="at least 0"):
        maintenance_margin("generic", -1)
    nothing = {"maintenance_margin_rate": 0, "mark_price": 5}
    by_margin = venue_with(MarginRule(bankruptcy_share="maintenance"))
    with pytest.raises(AdlabmError, match="give a maintenance margin above zero"):
        bankruptcy_price(by_margin, wallet=1, positions=[one(1, 100, **nothing), {**OTHER, **nothing}], contract="X")


def test_an_exact_hedge_has_no_bankruptcy_price():
    positions = [one(0.5, 50_000), one(-0.5, 50_000)]
    assert bankruptcy_price("generic", wallet=1000.0, positions=positions, contract="X") == 0.0


@pytest.mark.parametrize("price", [0.0, -1.0])
def test_the_price_of_a_unit_is_above_zero(price):
    with pytest.raises(BadInput, match=f"price is {price:g}; a price must be above zero"):
        maintenance_margin("binance", 60_000.0, price=price)
