"""What single venues do in a liquidation, by their published examples and on a desk of two accounts."""

from dataclasses import dataclass

import numpy as np
import pytest

from adlabm.kernels import columns as col
from adlabm.kernels.backstop import watch_pool
from adlabm.kernels.forced import limit_of
from adlabm.kernels.ledger import fill, post
from adlabm.kernels.margin import equity_of
from adlabm.kernels.providers import assign, provider_room
from adlabm.kernels.results import peak_result, watch_contracts
from adlabm.kernels.state import pack
from adlabm.kernels.trading import drains, special_row
from adlabm.kernels.withdrawals import claims, repay, withdraw
from adlabm.ledger.margin import preset
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from adlabm.triggers.pool_factor import PoolFactor
from tests.properties.desk import FIRST_ACCOUNT, desk

MICRO, NANO = 10**6, 10**9


@dataclass
class Two:
    """Two traders of `balances` (quote currency), the second a provider by the rules of `venue`; a lot is worth a micro-unit per tick."""

    balances: tuple[float, float]
    venue: str = "deribit"
    mark: int = 1000

    def __post_init__(self):
        table = desk(units=(1, 1, 1))
        self.state = table.state._replace(providers=np.array([[FIRST_ACCOUNT + 1], [0]]))
        self.market, self.row = pack(self.state), table.row
        self.state.contracts[col.C_MARK] = self.mark
        rules, clock = preset(self.venue).providers, self.state.clock
        for name, value in (("SHARE", rules.share), ("LEVERAGE", rules.leverage), ("SPREAD", rules.spread)):
            clock[getattr(col, f"K_PROVIDER_{name}")] = round(value * NANO)
        clock[col.K_WINDOW_MS], clock[col.K_WINDOW] = round(rules.window_s * 1000), -col.NEVER
        for trader, balance in enumerate(self.balances):
            post(self.market, FIRST_ACCOUNT + trader, round(balance * MICRO), col.DEPOSITED)

    def hold(self, lots, price=None, trader=0):
        fill(self.market, self.row(trader, 0), lots, price or self.mark, col.BY_CHOICE)
        fill(self.market, special_row(self.market, col.MAKER, 0), -lots, price or self.mark, col.BY_CHOICE)

    def lots(self, trader):
        return int(self.state.positions[col.P_LOTS, self.row(trader, 0)])

    def balance(self, account):
        return int(self.state.accounts[col.A_BALANCE, account])


def test_g20_deribit_provider_takes_at_most_a_share_of_its_equity_in_a_window():
    """Equity 1 M, group limit 15 %: at most 150,000 per window of five minutes, which resets all at once."""
    two = Two((1000.0, 1_000_000.0))
    assert provider_room(two.market, 0) == 150_000 * MICRO
    two.hold(200_000_000)
    assign(two.market, two.row(0, 0), FIRST_ACCOUNT, 0)
    assert -two.lots(0) + 200_000_000 == two.lots(1) == 150_000 * MICRO // 1000
    assert provider_room(two.market, 0) == 22_500_000  # 15 % of the 150 that the spread has earned
    two.state.clock[col.K_NOW] = 300_000
    assign(two.market, two.row(0, 0), FIRST_ACCOUNT, 0)
    assert two.lots(0) == 0


def test_g31b_kraken_assigns_what_the_book_has_not_filled():
    """1,760,000 long, 1,007,379 filled in the book: 752,621 are assigned."""
    two = Two((10.0, 100_000.0), venue="kraken")
    two.hold(1_760_000)
    two.hold(-1_007_379)
    assign(two.market, two.row(0, 0), FIRST_ACCOUNT, 999)
    assert (two.lots(0), two.lots(1)) == (0, 752_621)
    assert equity_of(two.market, FIRST_ACCOUNT + 1) == 100_000 * MICRO + 752_621


def test_a_provider_without_a_spread_takes_nothing_at_a_loss():
    two = Two((10.0, 100_000.0), venue="kraken")
    two.hold(1_760_000)
    assign(two.market, two.row(0, 0), FIRST_ACCOUNT, 1001)
    assert two.lots(1) == 0


def test_g42_gmx_a_side_that_wins_a_fifth_of_the_pool():
    """A pool of 1,000 ETH at 10,000 and a long of 2 M entered at 5,000: 20 % won, 10 % allowed; reducing it by 100,000 executes."""
    assert PoolFactor.excess(2_000_000, 10_000_000, 0.10, 0.0) == 2_000_000
    assert PoolFactor.excess(2_000_000 * (1 - 100_000 / 2_000_000), 10_000_000, 0.10, 0.0) == 1_900_000
    two = Two((1_000_000.0, 0.0), mark=10_000)
    two.hold(400_000_000, price=5_000)
    post(two.market, col.MAKER, 10_000_000 * MICRO - two.balance(col.MAKER), col.DEPOSITED)
    clock = two.state.clock
    clock[col.K_POOL_START], clock[col.K_POOL_STOP] = NANO // 10, NANO // 20
    watch_pool(two.market)
    assert clock[col.K_REQUESTS] == 1
    assert two.state.requests[0, [col.M_ACCOUNT, col.M_LOTS, col.M_LEFT]].tolist() == [col.MAKER, 1, 1_500_000 * MICRO]
    clock[col.K_POOL_START], clock[col.K_REQUESTS] = NANO // 5, 0
    watch_pool(two.market)
    assert clock[col.K_REQUESTS] == 0


def test_g44_hyperliquid_on_10_october_2025():
    """Liquidated and deleveraged notional add up to the published total; full and partial closes are 92.65 and 7.35 % of the fills."""
    assert 5_511_042_925 + 2_103_111_431 == 7_614_154_356
    assert 32_413 + 2_570 == 34_983
    assert [round(100 * part / 34_983, 2) for part in (32_413, 2_570)] == [92.65, 7.35]


def test_item_12_the_floor_of_krakens_profit_window_is_no_number_of_ours():
    """Three pages say 0.5, 0.75 and 1 %: here providers take at the bankruptcy price unless it is worse than the mark, without a floor."""
    assert preset("kraken").providers.spread == 0


def test_an_auction_falls_from_the_mark_to_the_bankruptcy_price():
    two = Two((0.1, 0.0))
    two.hold(1000)
    two.state.contracts[col.C_MARK, 0] = 950
    bust = limit_of(two.market, two.row(0, 0))
    two.state.clock[col.K_AUCTION_MS] = 60_000
    limits = []
    for now in (0, 15_000, 30_000, 60_000, 90_000):
        two.state.clock[col.K_NOW] = now
        limits.append(limit_of(two.market, two.row(0, 0)))
    assert limits[0] == 950
    assert limits[2] == (950 + bust) // 2
    assert limits[3:] == [bust, bust]
    assert sorted(limits, reverse=True) == limits


@pytest.mark.parametrize(
    ("rule", "paid", "left"), [(col.FREE, 100, 200), (col.GATED, 0, 200), (col.CHARGED, 80, 180), (col.SCALED, 50, 150)]
)
def test_withdrawals_while_a_loss_is_open(rule, paid, left):
    """A loss of 200 of 1000 owned, of which 400 are profits: a withdrawal of 100 loses a fifth of itself, or half, and pays of the loss."""
    two = Two((700.0, 300.0))
    clock, owners = two.state.clock, two.state.owners
    owners[col.O_START, col.SPECIAL :] = [400 * MICRO, 200 * MICRO]
    owners[col.O_DEPOSITS, col.SPECIAL :] = 0
    clock[col.K_UNCOVERED], clock[col.K_WITHDRAWALS] = 200 * MICRO, rule
    assert (claims(two.market, False), claims(two.market, True)) == (1000 * MICRO, 400 * MICRO)
    withdraw(two.market, FIRST_ACCOUNT, FIRST_ACCOUNT, 100 * MICRO)
    assert owners[col.O_DEPOSITS, FIRST_ACCOUNT] == -paid * MICRO
    assert clock[col.K_UNCOVERED] == left * MICRO
    assert two.balance(FIRST_ACCOUNT) == (700 - (paid and 100)) * MICRO


def test_a_recoverable_loss_is_paid_back_as_the_fund_earns():
    two = Two((0.0, 0.0))
    two.state.clock[col.K_UNCOVERED] = 200 * MICRO
    post(two.market, col.FUND, 150 * MICRO, col.GAINED)
    repay(two.market)
    assert two.balance(col.FUND) == 150 * MICRO
    two.state.clock[col.K_RECOVERABLE] = 1
    repay(two.market)
    assert (two.balance(col.FUND), two.state.clock[col.K_UNCOVERED]) == (0, 50 * MICRO)
    written, identity = two.state.events[two.state.clock[col.K_EVENTS] - 1], two.state.owners[col.O_IDENTITY, col.FUND]
    columns = [col.E_KIND, col.E_TRADER, col.E_OTHER, col.E_CONTRACT, col.E_AMOUNT]
    assert written[columns].tolist() == [col.UNCOVERED_LOSS, identity, -1, -1, -150 * MICRO]


def test_a_side_drains_until_it_is_empty():
    """Percolator's states: normal, then only smaller while A is below its minimum, and normal again once nobody holds a contract."""
    two = Two((1000.0, 0.0))
    two.hold(1000)
    clock, contracts = two.state.clock, two.state.contracts
    contracts[col.C_LEFT_LONG, 0] = NANO // 20
    assert not drains(two.market, 0, 1)
    clock[col.K_DRAINS_BELOW] = NANO // 10
    assert drains(two.market, 0, 1)
    assert not drains(two.market, 0, -1)
    two.hold(-1000)
    assert not drains(two.market, 0, 1)
    assert contracts[col.C_LEFT_LONG, 0] == NANO


def crash(venue, *sets):
    return AdlModel(Scenario.load("crash", [("venue", venue), *sets]), rng=1, check=True).run()


def test_providers_are_a_group_of_their_own():
    model = crash("deribit", ("providers.equity", 1e8))
    traders, events = model.traders_frame(), model.events_frame()
    providers = set(traders.identity[traders.group == "providers"])
    assert len(providers) == preset("deribit").providers.count
    assigned = events[(events.kind == "takeover") & events.counterparty.isin(providers)]
    assert len(assigned)
    marks, prices, signs = (assigned[name].astype(float) for name in ("mark", "price", "quantity"))
    assert (prices / marks - 1).to_numpy() == pytest.approx(0.001 * np.sign(signs).to_numpy(), abs=2e-5)


def test_percolator_charges_the_side_what_the_closed_still_owe():
    """A fund without cash and a jump over the bankruptcy prices: the loss is one amount per contract for all who are left."""
    jump = ("index", {"process": "scripted", "sigma": 0.0, "knots": [[0, 1.0], [1800, 1.0], [1800, 0.8], [9000, 0.8]]})
    model = crash("percolator", jump, ("fund.share", 0.0), ("ticks", 40))
    events = model.events_frame()
    debits = events[(events.kind == "adl") & (events.quantity == 0)]
    assert len(debits)
    assert float(debits.amount.sum()) == pytest.approx(float(model.summary()["haircut"]))
    assert model.summary()["uncovered_loss"] == 0


@dataclass
class Pool:
    """A desk whose fund has had `peak` at most and bears a fall of its result in a contract by Bybit's limits of July 2026."""

    peak: int

    def __post_init__(self):
        table = desk(units=(1, 1, 1))
        self.state, self.market = table.state, table.market
        fund = preset("bybit").fund
        self.state.clock[[col.K_TRIGGER_START, col.K_TRIGGER_STOP]] = [round(fund.start * NANO), round(fund.stop * NANO)]
        self.state.clock[col.K_RESULTS] = -1
        self.state.results[:] = 0

    def earn(self, amount):
        """The contract's result becomes `amount`; whether ADL is on, and what the fund may still bear there."""
        contracts = self.state.contracts
        contracts[col.C_EARNED, 0] = amount * MICRO
        watch_contracts(self.market, self.peak * MICRO)
        fall = peak_result(self.market, 0) - amount * MICRO
        return bool(contracts[col.C_TRIGGERED, 0]), (contracts[col.C_BEARS, 0] - fall) // MICRO


def test_g13_bybit_watches_each_contract():
    """Pool of 1 M, loss of 350,000 in the contract: beyond 30 %, users bear 50,000; ADL ends when the fall is below 25 %."""
    pool = Pool(1_000_000)
    assert pool.earn(-299_999) == (False, 1)
    assert pool.earn(-350_000) == (True, -50_000)
    assert pool.earn(-250_000)[0]
    assert pool.earn(-249_999) == (False, 50_001)


def test_g13b_bybit_measures_the_fall_from_the_best_result():
    """Pool of 2 M, the contract first 1 M up, then 600,000 lower: exactly 30 %, and ADL is on."""
    pool = Pool(2_000_000)
    assert not pool.earn(1_000_000)[0]
    assert not pool.earn(400_001)[0]
    assert pool.earn(400_000)[0]
