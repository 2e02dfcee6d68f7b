"""Published liquidation and bankruptcy prices, margins and profits, named by the ids of the venue notes (section 6)."""

import math

import pytest

from adlabm import bankruptcy_price, liquidation_price, maintenance_margin
from adlabm.ledger.positions import profit
from adlabm.venue import Venue, filled_amounts


def at(contract, quantity, entry, mmr=None, **keys):
    rate = {} if mmr is None else {"maintenance_margin_rate": mmr}
    return {"contract": contract, "quantity": quantity, "entry_price": entry, **rate, **keys}


def ceiled(price, tick):
    return math.ceil(price / tick) * tick


ETH = at("ETHUSDT", 3683.979, 1456.84, 0.10, maintenance_amount=135_365, mark_price=1335.18)
BTC = at("BTCUSDT", 109.488, 32481.98, 0.025, maintenance_amount=16_300, mark_price=31967.27)


@pytest.mark.parametrize(("contract", "printed"), [("ETHUSDT", 1153.26), ("BTCUSDT", 26316.89)])
def test_g1_binance_cross_account_with_two_positions(contract, printed):
    """Both prices of the FAQ's account; freqtrade asserts them too."""
    assert round(liquidation_price("binance", wallet=1_535_443.01, positions=[ETH, BTC], contract=contract), 2) == printed


def test_g1_maintenance_margin_of_the_other_position():
    """TMM 71,200.81 by the table of the time, whose fourth tier has the 2.5 % and 16,300 of the example."""
    assert round(maintenance_margin("binance", 109.488 * 31967.27, contract="BTCUSDT 2021-03-18"), 2) == 71_200.81


def test_g1_isolated_prices_of_the_same_account_are_no_published_numbers():
    """freqtrade asserts 1,114.78 and 18,778.73 for 'isolated', with the wallet of the cross account as margin: its formula, not a position.

    Section 7, item 7. Our function gives them for that margin, and they are no example of the venue.
    """
    prices = [
        liquidation_price("binance", wallet=0, margin=1_535_443.01, positions=[each], contract=each["contract"]) for each in (ETH, BTC)
    ]
    assert [round(price, 2) for price in prices] == [1114.78, 18778.73]


def test_g7_binance_coin_margined_amount_of_the_fifth_level():
    """Prior amount 0.56 BTC, then 50 BTC x (5 % - 2.5 %); one level that gives 0.56 stands for those below it."""
    tiers = filled_amounts([{"floor": 0, "mmr": 0.011}, {"floor": 40, "mmr": 0.025}, {"floor": 50, "mmr": 0.05}])
    assert [tier["amount"] for tier in tiers] == pytest.approx([0, 0.56, 1.81])


@pytest.mark.parametrize(
    ("quantity", "leverage", "entry", "printed"),
    [
        (-1.0, 5, 10, 11.89108910891089),
        (-1.0, 3, 10, 13.211221122079207),
        (-1.0, 5, 8, 9.514851485148514),
        (-0.6, 5, 10, 11.897689768976898),
        (1.0, 5, 10, 8.070707070707071),
        (1.0, 5, 8, 6.454545454545454),
        (1.0, 3, 10, 6.723905723905723),
        (0.6, 5, 10, 8.063973063973064),
    ],
)
def test_binance_isolated_with_a_maintenance_amount(quantity, leverage, entry, printed):
    """freqtrade's asserts, rate 1 % and amount 0.01; its docstring (12.5578, 7.3906, 6.7172) is wrong (section 7, item 7)."""
    position = at("ETHUSDT", quantity, entry, 0.01, maintenance_amount=0.01)
    margin = abs(quantity) * entry / leverage
    assert liquidation_price("binance", wallet=0, margin=margin, positions=[position], contract="ETHUSDT") == pytest.approx(printed)


@pytest.mark.parametrize("venue", ["gate", "okx"])
@pytest.mark.parametrize(
    ("quantity", "leverage", "entry", "printed"),
    [
        (-1.0, 5, 10, 11.87413417771621),
        (-2.0, 5, 10, 11.87413417771621),
        (-1.0, 3, 10, 13.193482419684678),
        (-1.0, 5, 8, 9.499307342172967),
        (1.0, 5, 10, 8.085708510208207),
        (1.0, 3, 10, 6.738090425173506),
    ],
)
def test_gate_and_okx_with_the_closing_fee(venue, quantity, leverage, entry, printed):
    """freqtrade's asserts, rate 1 % and taker fee 0.06 %; its docstring (13.476, 7.916, 6.3329) is wrong (section 7, item 7)."""
    position = at("ETH-USDT", quantity, entry, 0.01, fee=0.0006)
    margin = abs(quantity) * entry / leverage
    assert liquidation_price(venue, wallet=0, margin=margin, positions=[position], contract="ETH-USDT") == pytest.approx(printed)


def test_gate_inverse_with_the_closing_fee():
    """q e (1 ± MMR ± taker) / (q ± margin e), gate 22082, at its taker fee of 0.075 %."""
    for side in (1, -1):
        position = at("BTC_USD", side * 1000, 8000, 0.005, inverse=True)
        price = liquidation_price("gate", wallet=0, margin=0.01, positions=[position], contract="BTC_USD")
        assert price == pytest.approx(1000 * 8000 * (1 + side * 0.00575) / (1000 + side * 0.01 * 8000))


def test_bitget_isolated_with_the_closing_fee():
    """(margin - q e s) / (q (MMR + taker - s)), article 12560603808759."""
    for side in (1, -1):
        position = at("BTCUSDT", side * 0.2, 60_000, 0.004)
        price = liquidation_price("bitget", wallet=0, margin=1200, positions=[position], contract="BTCUSDT")
        assert price == pytest.approx((1200 - 0.2 * 60_000 * side) / (0.2 * (0.004 + 0.0006 - side)))


@pytest.mark.parametrize("venue", ["bybit", "bybit-2025-11"])
@pytest.mark.parametrize(
    ("quantity", "entry", "leverage", "mmr", "extra", "printed"),
    [
        (1, 20_000, 50, 0.005, 0, 19_700),  # G9
        (1, 10_000, 50, 0.005, 0, 9_850),
        (-1, 8_000, 40, 0.005, 0, 8_160),
        (1, 10, 1, 0.01, 0, 0.1),
        (1, 10, 3, 0.01, 0, 6.7666666),
        (-1, 10, 3, 0.01, 0, 13.233333),
        (-1, 10, 10, 0.01, 0, 10.9),
        (-1, 20_000, 50, 0.005, 3_000, 23_300),
    ],
)
def test_g9_bybit_freezes_the_margin_at_the_entry(venue, quantity, entry, leverage, mmr, extra, printed):
    """Linear e - (IM - MM) / q - extra / q. Help pages of 2021 and 2024, freqtrade; the last row is the formula with margin added."""
    margin = abs(quantity) * entry / leverage + extra
    price = liquidation_price(venue, wallet=0, margin=margin, positions=[at("BTCUSDT", quantity, entry, mmr)], contract="BTCUSDT")
    assert price == pytest.approx(printed, abs=1e-6)


def test_bybit_cross_account():
    """help.bybit.com 900000181046: 2 BTC at 10,000, 2,000 available besides 200 of initial margin; 2,100 can be lost, 1,050 a coin."""
    assert liquidation_price("bybit", wallet=2200, positions=[at("BTCUSDT", 2, 10_000, 0.005)], contract="BTCUSDT") == pytest.approx(8_950)


def test_g10_bybit_inverse_isolated_bankruptcy():
    price = bankruptcy_price("bybit", wallet=0, margin=5000 / 7890.08 / 50, positions=[at("BTCUSD", 5000, 7890.08)], contract="BTCUSD")
    assert price == pytest.approx(7735.372549)
    assert ceiled(price, 0.5) == 7735.5


def test_bybit_inverse_cross_account_with_the_closing_fee_at_the_bankruptcy_price():
    """help.bybit.com 360039261334: 10,000 contracts at 8,000, 0.5 BTC; bankruptcy 5,718.57, liquidation 5,739.50 on a tick of 0.5."""
    account = {"wallet": 0.5, "positions": [at("BTCUSD", 10_000, 8000, 0.005)], "contract": "BTCUSD"}
    assert round(bankruptcy_price("bybit", **account), 2) == 5718.57
    assert ceiled(liquidation_price("bybit", **account), 0.5) == 5739.5


def test_bybit_inverse_isolated_liquidation():
    """Page of 27 May 2026: q (1 ± MMR) / (q/e ± q/e/lev ± deduction), the margin at the mark; the page of 2024 froze it (45,662.10)."""
    for side in (1, -1):
        position = at("BTCUSD", side * 60_000, 50_000, 0.005, maintenance_amount=0.001)
        price = liquidation_price("bybit", wallet=0, margin=0.12, positions=[position], contract="BTCUSD")
        assert price == pytest.approx(60_000 * (1 + side * 0.005) / (1.2 + side * 0.12 + side * 0.001))


def test_g12_bybit_cross_bankruptcy():
    """(e q - position margin - wallet) / q; the mark of 400 is 22 % away, so the venue would take the mark instead (a rule of its ADL)."""
    price = bankruptcy_price("bybit", wallet=1000 + 100, positions=[at("ABCUSDT", 100, 500)], contract="ABCUSDT")
    assert price == 489
    assert price / 400 - 1 == pytest.approx(0.2225)


def test_g15_bitmex_profit_of_an_inverse_contract():
    assert 15_000 / 750 == 20
    assert profit(15_000, 750, 800, inverse=True) == pytest.approx(1.25)
    assert profit(15_000, 750, 800, inverse=True) - 0.0025 * 20 == pytest.approx(1.2)


def test_bitmex_cross_account():
    """isolatedMarginExamples: 20 contracts of ETHUSDT at 1,000, wallet 10,000, margin 1 % of the entry value: 510 and 500."""
    account = {"wallet": 10_000, "positions": [at("ETHUSDT", 20, 1000, 0.01)], "contract": "ETHUSDT"}
    assert liquidation_price("bitmex", **account) == pytest.approx(510)
    assert bankruptcy_price("bitmex", **account) == pytest.approx(500)


def test_g17_deribit_rate_grows_with_the_size():
    assert maintenance_margin("deribit", 2_500_000) == pytest.approx(28_125)
    assert initial_margin("BTC_USDC", 25, 100_000) == pytest.approx(53_125)


def test_g19_deribit_sol():
    assert maintenance_margin("deribit", 25 * 200, contract="SOL_USDC") == pytest.approx(100.625)
    assert initial_margin("SOL_USDC", 25, 200) == pytest.approx(200.625)
    assert initial_margin("SOL_USDC", 6000, 200) == pytest.approx(84_000)


def initial_margin(contract, quantity, price):
    """(IM rate + slope x size) x size x price; the slope is that of the maintenance rate."""
    terms = Venue.load("deribit").terms(contract)
    return (1 / terms.tiers[0].max_leverage + terms.per_unit * quantity) * quantity * price


def test_deribit_liquidation_price_takes_the_rate_of_the_size():
    account = {"wallet": 0, "margin": 100_000, "positions": [at("BTC_USDC", 25, 100_000)], "contract": "BTC_USDC"}
    price = liquidation_price("deribit", **account)
    assert 100_000 + 25 * (price - 100_000) == pytest.approx(0.01125 * 25 * price)
    assert maintenance_margin("deribit", 25 * price, price=price) == pytest.approx(0.01125 * 25 * price)


@pytest.mark.parametrize(
    ("entry", "quantity", "collateral", "max_leverage", "published"),
    [
        (2458.5, 0.015, 36.864593, 50, 0.86915825),
        (145.83, 0.33, 24.045107, 20, 74.83696193),
        (62739.0, 0.00077, 24.137992, 50, 31708.03843631),
        (2642.8, -0.019, 25.091876, 50, 3924.18322043),
        (0.14333, -351.0, 25.136807, 20, 0.20970228),
        (68139.0, -0.00145, 19.72573, 50, 80933.61590987),
        (66930.0, 0.0015, 20.043862, 50, 54108.51043771),
    ],
)
def test_hyperliquid_positions_as_the_exchange_reported_them(entry, quantity, collateral, max_leverage, published):
    """Live positions of 2024 in freqtrade's tests; the rate is half the initial rate at the highest leverage."""
    position = at("COIN", quantity, entry, 1 / (2 * max_leverage))
    price = liquidation_price("hyperliquid", wallet=0, margin=collateral, positions=[position], contract="COIN")
    assert price == pytest.approx(published, rel=1e-4)


def test_hyperliquid_formula_from_any_mark():
    """LP = P - s avail / q / (1 - l s), avail the account value less maintenance margin at the mark P, whatever P is."""
    for mark in (90_000, 110_000):
        value = 20_000 + 1.5 * (mark - 100_000)
        expected = mark - (value - 0.0125 * 1.5 * mark) / 1.5 / (1 - 0.0125)
        assert liquidation_price("hyperliquid", wallet=20_000, positions=[at("BTC", 1.5, 100_000)], contract="BTC") == pytest.approx(
            expected
        )


def dydx(quote, *sizes_and_marks):
    """An account of the keeper's tests: quote balance and sizes; positions entered at the oracle price make the wallet net collateral."""
    positions = [at(name, size, mark, 0.1, mark_price=mark) for name, size, mark in sizes_and_marks]
    return {"wallet": quote + sum(size * mark for _, size, mark in sizes_and_marks), "positions": positions}


@pytest.mark.parametrize(
    ("size", "quote", "closed", "expected"),
    [(0.1, -4501, 0.1, 4501), (-0.1, 5499, -0.1, -5499), (0.1, -5000, 0.05, 2500), (0.1, -5100, 0.1, 5100), (-0.1, 4900, -0.1, -4900)],
)
def test_g22_dydx_bankruptcy_quotes(size, quote, closed, expected):
    assert closed * bankruptcy_price("dydx-v4", **dydx(quote, ("BTC", size, 50_000)), contract="BTC") == pytest.approx(expected)


@pytest.mark.parametrize(("side", "quote", "expected"), [(1, -490, 294), (-1, 510, -306)])
def test_g22_dydx_shares_equity_by_maintenance_margin(side, quote, expected):
    account = dydx(quote, ("BTC", 0.004 * side, 50_000), ("ETH", 0.1 * side, 3_000))
    assert 0.1 * side * bankruptcy_price("dydx-v4", **account, contract="ETH") == pytest.approx(expected)


def test_g24_dydx_counterparty_takes_the_short_at_its_bankruptcy_price():
    price = bankruptcy_price("dydx-v4", **dydx(54_999, ("BTC", -1, 50_000)), contract="BTC")
    assert price == pytest.approx(54_999)
    assert 50_000 + price == pytest.approx(104_999)
    assert 54_999 - price == pytest.approx(0)


def test_g28_dydx_fee_is_at_most_what_the_fill_leaves():
    """min(0.5 % of the quote, proceeds above the bankruptcy price) = 250 of 499."""
    bust = bankruptcy_price("dydx-v4", **dydx(50_499, ("BTC", -1, 50_000)), contract="BTC")
    left = profit(-1, bust, 50_000)
    fee = min(0.005 * 50_000, left)
    assert (fee, left - fee) == pytest.approx((250, 249))


def test_dydx_liquidation_price():
    """Its documentation: 1,000 of equity, short 3 ETH at 3,000, MMF 5 %: p = (e - s p0) / (|s| MMF - s) = 10,000 / 3.15."""
    price = liquidation_price("dydx-v4", wallet=1000, positions=[at("ETH-USD", -3, 3000, 0.05)], contract="ETH-USD")
    assert price == pytest.approx(10_000 / 3.15)


def test_g31_kraken_takes_the_margin_at_the_mark():
    """The page prints a margin fixed at 0.00125 BTC, 1 % of the entry value, which gives 7,476.6; its 7,481 is 1 % at the mark.

    Section 7, item 3. We take the mark, which gives what the page prints.
    """
    account = {"wallet": 0.01, "positions": [at("PI_XBTUSD", 1000, 8000, 0.01, inverse=True)], "contract": "PI_XBTUSD"}
    assert int(liquidation_price("kraken", **account)) == 7481
    assert int(bankruptcy_price("kraken", **account)) == 7407
    frozen = 1000 / (1000 / 8000 + 0.01 - 0.00125)
    assert round(frozen, 1) == 7476.6


@pytest.mark.parametrize(("entry", "profit_at_bust", "at_mark"), [(100_000, 12_000, 14_000), (88_900, 900, 2_900), (87_000, -1_000, 1_000)])
def test_g32_kucoin_settles_shorts_at_the_bankruptcy_price(entry, profit_at_bust, at_mark):
    """A profit at the mark of 86,000 may become a loss at the bankruptcy price of 88,000."""
    assert profit(-1, entry, 88_000) == profit_at_bust
    assert profit(-1, entry, 86_000) == at_mark


def test_g34_kucoin_isolated_short():
    """5 contracts of 0.001 BTC."""
    account = {"wallet": 0, "margin": 1.4, "positions": [at("XBTUSDTM", -5 * 0.001, 28_000, 0.004)], "contract": "XBTUSDTM"}
    assert liquidation_price("kucoin", **account) == pytest.approx(28_168)
    assert bankruptcy_price("kucoin", **account) == pytest.approx(28_280)


def test_g35_kucoin_inverse_bankruptcy():
    """28,000 / 1.02 = 27,450.98, printed as 27,450: truncated to whole dollars (section 7, item 10)."""
    position = at("XBTUSDM", 28_000, 28_000, 0.004)
    price = bankruptcy_price("kucoin", wallet=0, margin=1 / 50, positions=[position], contract="XBTUSDM")
    assert price == pytest.approx(27450.98, abs=0.005)
    assert int(price) == 27_450
    call = liquidation_price("kucoin", wallet=0, margin=1 / 50, positions=[position], contract="XBTUSDM")
    assert call == pytest.approx(28_000 / (1 + 0.02 - 0.004))  # Vol / (Vol / HP + IM - MM), article 4408061803033


def test_kucoin_cross_account_shares_margin_by_value():
    """support/35084431335065: total margin 1,000, long 0.01 BTC at 62,000, short 1 ETH at 3,800, taker fee 0.06 %: ETH at 4,610.7.

    The page prints 47,956 for BTC, but its own formula gives 48,246: 620 (1 - 22.62 %) / 0.9944 / 0.01. We follow the formula.
    """
    btc = at("XBTUSDTM", 0.01, 62_000, 0.005, mark_price=62_000)
    eth = at("ETHUSDTM", -1, 3_800, 0.01, mark_price=3_800)
    prices = {each: liquidation_price("kucoin", wallet=1000, positions=[btc, eth], contract=each) for each in ("XBTUSDTM", "ETHUSDTM")}
    assert prices["ETHUSDTM"] == pytest.approx(4610.7, abs=0.2)  # the page rounds the ratio to 22.62 %
    assert prices["XBTUSDTM"] == pytest.approx(620 * (1 - 1000 / 4420) / (1 - 0.005 - 0.0006) / 0.01)
    assert round(620 * (1 - 0.2262) / 0.9944 / 0.01) == 48_246


def test_g37_paradex_cuts_all_positions_by_the_smallest_share_that_cures():
    """With the fee of 50 % of the margin that the table uses; the text says 70 %, with which 60 % would be chosen (section 7, item 1)."""
    wallet, btc, eth = 1000, at("BTC-USD-PERP", 0.1, 60_000), at("ETH-USD-PERP", -1, 3_000)
    value = wallet + profit(0.1, 60_000, 54_800) + profit(-1, 3_000, 3_400)
    margin = 0.01 * (0.1 * 54_800 + 3_400)
    assert (value, margin) == pytest.approx((80, 88.8))
    positions = [{**btc, "maintenance_margin_rate": 0.01}, {**eth, "maintenance_margin_rate": 0.01, "mark_price": 3_400}]
    assert liquidation_price("paradex", wallet=wallet, positions=positions, contract="BTC-USD-PERP") > 54_800  # it is due already

    def ratios(fee):
        return {share: (1 - share) * margin / (value - share * fee * margin) for share in (0.2, 0.4, 0.6, 0.8)}

    assert [round(100 * each, 1) for each in ratios(0.5).values()] == pytest.approx([99.9, 85.6, 66.6, 39.9], abs=0.06)
    assert [min(share for share, each in ratios(fee).items() if each < 0.9) for fee in (0.5, 0.7)] == [0.4, 0.6]
    assert 0.4 * 0.5 * margin == pytest.approx(17.76)


def test_g38_phemex_margin_by_slices():
    assert maintenance_margin("phemex", 3_000_000) == pytest.approx(17_500)


def test_phemex_liquidation_value():
    """Open value ± (MM - IM), with both of the open value."""
    for side, inverse in ((1, False), (-1, False), (1, True), (-1, True)):
        quantity, entry, lever, mmr = (100, 50, 10, 0.01) if not inverse else (5000, 50, 10, 0.01)
        opened = quantity / entry if inverse else quantity * entry
        value = opened + (-1 if inverse else 1) * side * (mmr - 1 / lever) * opened
        position = at("X", side * quantity, entry, mmr, inverse=inverse)
        price = liquidation_price("phemex", wallet=0, margin=opened / lever, positions=[position], contract="X")
        assert price == pytest.approx(quantity / value if inverse else value / quantity)


def test_g39_ethereal_transfer():
    """Loss 4,000 and equity -2,000 imply a margin of 2,000 for A; B's entry and the closed size are left open (section 7, item 13)."""
    price = bankruptcy_price("ethereal", wallet=2000, positions=[at("ETHUSD", 10, 4000)], contract="ETHUSD")
    assert price == 3800
    assert profit(10, 4000, 3600) == -4000
    assert profit(10, price, 3600) == -2000


@pytest.mark.parametrize(("fill", "to_fund"), [(100_100, 100), (99_900, -100)])
def test_g43_bitget_fund_takes_the_difference_to_the_bankruptcy_price(fill, to_fund):
    bust = bankruptcy_price("bitget", wallet=0, margin=10_000, positions=[at("BTCUSDT", 1, 110_000)], contract="BTCUSDT")
    assert bust == 100_000
    assert profit(1, bust, fill) == to_fund


def test_d1_lighter_zero_price_keeps_the_ratio():
    position = at("BTC", 10, 102, 0.012, mark_price=100)
    price = bankruptcy_price("lighter", wallet=30, positions=[position], contract="BTC")
    assert price == pytest.approx(99)
    value, margin = 30 + profit(10, 102, 100), 0.012 * 10 * 100
    left = value + profit(4, 100, price)
    assert left / (0.6 * margin) == pytest.approx(value / margin) == pytest.approx(0.8333, abs=5e-5)
    assert value + profit(10, 100, price) == pytest.approx(0)


def test_lighter_zero_prices_of_two_positions():
    """mark (1 - M_i TAV / MMR) for a long, mark (1 + ...) for a short; trading there keeps TAV / MMR and ends at zero."""
    long, short = at("BTC", 1, 100, 0.012, mark_price=100), at("ETH", -3, 40, 0.02, mark_price=40)
    value, margin = 3.0, 0.012 * 100 + 0.02 * 120
    prices = [bankruptcy_price("lighter", wallet=value, positions=[long, short], contract=each) for each in ("BTC", "ETH")]
    assert prices == pytest.approx([100 * (1 - 0.012 * value / margin), 40 * (1 + 0.02 * value / margin)])


@pytest.mark.parametrize(("venue", "amounts"), [("bybit", [0, 1200]), ("bybit-2025-11", [0, 510, 1710])])
def test_d5_bybit_deductions_follow_from_the_tiers(venue, amounts):
    assert [tier.amount for tier in Venue.load(venue).tiers] == pytest.approx(amounts)
    assert maintenance_margin(venue, 2_500_000) == pytest.approx(0.0056 * 2_500_000 - amounts[-1])


def test_gmx_margin_is_of_the_entry_size():
    """Collateral + PnL below 0.5 % of the size in dollars, which is that of the entry; fees left out."""
    price = liquidation_price("gmx-v2", wallet=0, margin=1000, positions=[at("BTC/USD", 1, 50_000)], contract="BTC/USD")
    assert price == pytest.approx(50_000 - (1000 - 250))


def test_bluefin_debt_over_size():
    """debt / (size (1 - MMR)) for a long, with debt = entry value - margin; bankruptcy at debt / size."""
    account = {"wallet": 0, "margin": 500, "positions": [at("BTC-PERP", 0.1, 50_000, 0.05)], "contract": "BTC-PERP"}
    assert liquidation_price("bluefin", **account) == pytest.approx(4500 / (0.1 * 0.95))
    assert bankruptcy_price("bluefin", **account) == pytest.approx(45_000)


def test_coinex_linear():
    """e (1 - LMR) / (1 - MMR) for a long, e (1 + LMR) / (1 + MMR) for a short, LMR = margin / entry value.

    For inverse contracts its page prints e (1 + LMR) / (1 + MMR) for a long, above the entry: the ratio is turned round, as it is at
    Deepcoin (section 7, item 11). We give e (1 + MMR) / (1 + LMR).
    """
    for side in (1, -1):
        position = at("BTCUSDT", side, 20_000, 0.005)
        price = liquidation_price("coinex", wallet=0, margin=1000, positions=[position], contract="BTCUSDT")
        assert price == pytest.approx(20_000 * (1 - side * 0.05) / (1 - side * 0.005))
        inverse = at("BTCUSD", side * 20_000, 20_000, 0.005, inverse=True)
        price = liquidation_price("coinex", wallet=0, margin=0.05, positions=[inverse], contract="BTCUSD")
        assert price == pytest.approx(20_000 * (1 + side * 0.005) / (1 + side * 0.05))


def test_inverse_return_is_not_the_turned_ratio_of_deepcoin():
    """Its page divides by (1/entry - 1/mark) instead of multiplying; the return on the entry value is (1/entry - 1/mark) entry."""
    assert profit(1000, 8000, 10_000, inverse=True) / (1000 / 8000) == pytest.approx((1 / 8000 - 1 / 10_000) * 8000) == pytest.approx(0.2)
