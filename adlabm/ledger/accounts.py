"""The layout of owners, margin accounts and position rows, and the opening state of a market.

Every trader owns a wallet account; in cross mode it links one position row per contract of its group, in isolated mode each position
row has an account of its own. Rows are laid out once, so a link is a range of rows. Special owners (fund, maker, ring-fenced) come
first and hold one row per contract.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from adlabm import registry
from adlabm.groups import PROVIDERS, Group
from adlabm.kernels import columns as col
from adlabm.kernels.columns import State
from adlabm.kernels.mathx import log
from adlabm.kernels.noise import log_each
from adlabm.kernels.opening import balance_book, lay_out, open_book, past_averages, set_clocks, wanted_lots
from adlabm.kernels.rounds import scan
from adlabm.kernels.rules import compile_rule
from adlabm.kernels.state import TABLES, pack, rows
from adlabm.price.formation import ANCHORS, HEDGERS, book_room, open_books
from adlabm.price.paths import Paths
from adlabm.scenario import Scenario
from adlabm.streams import RunKey
from adlabm.traders.population import Population, draw_population, group_table

EVENTS, POSTINGS, SERIES = 65_536, 262_144, 16_384
PEAK_BUCKETS = 48
HISTORY_STEPS, HISTORY_STEP_S = 2880, 60.0


def empty_state(scenario: Scenario, width: int, check: bool) -> State:
    """All tables of a market, zero.

    The large ones take memory only where they are written later, so they are made before anything else. `width`: way-points in a tick.
    """
    groups, contracts = scenario.traders, len(scenario.contracts)
    owners = col.SPECIAL + sum(g.size for g in groups)
    accounts = col.SPECIAL + sum(g.size * (1 + len(g.contracts) if g.mode == "isolated" else 1) for g in groups)
    positions = col.SPECIAL * contracts + sum(g.size * len(g.contracts) for g in groups)
    ticks = min(SERIES, scenario.ticks)
    books = book_room(scenario, positions)
    return State(
        owners=rows("owners", owners),
        accounts=rows("accounts", accounts),
        positions=rows("positions", positions),
        bands=rows("bands", positions),
        work=rows("work", positions),
        signals=np.zeros(positions),
        queue=np.zeros(accounts, np.int64),
        since=np.zeros(accounts, np.int64),
        contracts=rows("contracts", contracts),
        reals=rows("reals", contracts),
        groups=rows("groups", len(groups)),
        values=rows("values", len(groups)),
        traits=np.zeros((1, owners)),
        tiers=tier_table(scenario),
        clock=np.zeros(col.CLOCK_COLUMNS, np.int64),
        rates=np.zeros(col.REAL_SETTINGS),
        events=np.zeros((min(EVENTS, 64 * positions + 4096), col.EVENT_COLUMNS), np.int64),
        postings=np.zeros((POSTINGS if check else 0, col.JOURNAL_COLUMNS), np.int64),
        requests=np.zeros((positions + 3 * contracts, col.REQUEST_COLUMNS), np.int64),
        series=np.zeros((ticks, contracts, col.SERIES_INTEGERS), np.int64),
        samples=np.zeros((ticks, contracts, col.SERIES_REALS)),
        path=np.zeros((contracts, 0, width)),
        depths=np.zeros((contracts, 0, 2)),
        jumps=np.zeros((contracts, 0), np.int64),
        flow=np.zeros((contracts, len(groups)), np.int64),
        peaks=np.zeros(PEAK_BUCKETS, np.int64),
        hashes=np.zeros((ticks if check else 0, 2), np.uint64),
        rounds=np.zeros((EVENTS if check else 0, col.ROUND_COLUMNS)),
        results=np.zeros((contracts, PEAK_BUCKETS), np.int64),
        books=np.zeros((contracts, books), np.int64),
        resting=np.zeros((2, positions if books else 0), np.int64),
        providers=np.zeros((2, scenario.providers.count), np.int64),
        addresses=np.ones((len(TABLES), 4), np.int64),
    )


def enter(s: State, scenario: Scenario, population: Population) -> None:
    """Write the traders into the owner table, in the order given, and lay out their accounts and positions."""
    o, traders = s.owners, slice(col.SPECIAL, None)
    o[col.O_IDENTITY, : col.SPECIAL], o[col.O_GROUP, : col.SPECIAL] = np.arange(col.SPECIAL), -1
    o[col.O_IDENTITY, traders], o[col.O_GROUP, traders], o[col.O_NOISE, traders] = population.identity, population.group, population.noise
    o[col.O_SIDE, traders], o[col.O_START, traders] = population.side, population.equity
    names = [contract.name for contract in scenario.contracts]
    held = np.tile(np.arange(len(names)), (len(scenario.traders) + 1, 1))
    for n, group in enumerate(scenario.traders):
        held[n, : len(group.contracts)] = sorted(names.index(name) for name in group.contracts)
        _set_horizons(s, n, group)
    lay_out(pack(s), held)
    if s.providers.size:
        mine = np.flatnonzero(o[col.O_GROUP] == [group.name for group in scenario.traders].index(PROVIDERS))
        s.providers[col.U_ACCOUNT] = o[col.O_WALLET, mine[np.argsort(o[col.O_IDENTITY, mine], kind="stable")]]


def _set_horizons(s: State, number: int, group: Group) -> None:
    """Number of the moving average nearest (in logarithm) to the `horizon_s` of each trader of a group."""
    params = list(registry.params_of(registry.find("signals", group.signal.rule)))
    if "horizon_s" not in params:
        return
    slot = col.SLOT_SIGNAL + params.index("horizon_s")
    row, mine = s.groups[col.G_COLUMN + slot, number], s.owners[col.O_GROUP] == number
    seconds = s.traits[row, mine] if row >= 0 else s.values[slot, number : number + 1]
    log_each(seconds := seconds.copy())
    distances = np.array([np.abs(log(horizon) - seconds) for horizon in col.HORIZONS_S])
    s.owners[col.O_HORIZON, mine] = distances.argmin(axis=0)


def set_clock(s: State, scenario: Scenario, key: RunKey) -> None:
    """The clock table's integer settings, and the real settings."""
    engine = registry.find("engines", scenario.liquidation.engine)
    fund, trigger = registry.find("fund", scenario.fund.rule), registry.find("triggers", scenario.fund.trigger)
    lights = any(registry.find("reactions", group.reaction.rule).reads_lights for group in scenario.traders)
    for name, value in {
        "TICK_MS": round(scenario.tick_s * 1000),
        "ROUND_MS": round(scenario.round_s * 1000),
        "MAX_ROUNDS": scenario.max_rounds,
        "TAKER": _nano(scenario.fees.taker),
        "MAKER": _nano(scenario.fees.taker if scenario.fees.maker is None else scenario.fees.maker),
        "HEDGERS": HEDGERS[scenario.price.arbitrage],
        "LIQUIDATION_FEE": _nano(scenario.liquidation.fee),
        "SURPLUS_TO_FUND": scenario.liquidation.surplus == "fund",
        "ENGINE": compile_rule(engine.close, "integer"),
        "UNTIL_HEALTHY": engine.until_healthy,
        "FRACTION": _nano(scenario.liquidation.fraction),
        "FUND_RULE": compile_rule(fund.take, "integer"),
        "FUND_OFFER": compile_rule(fund.offer, "integer"),
        "TAKEOVER": _nano(scenario.fund.takeover),
        "SELLS_ON": fund.sells_on,
        "CAPACITY": _nano(scenario.fund.capacity),
        "UNWIND_MS": max(round(scenario.fund.unwind_s * 1000), 1),
        "TRIGGER": compile_rule(trigger.active, "integer"),
        "TRIGGER_START": _nano(scenario.fund.start),
        "TRIGGER_STOP": _nano(scenario.fund.stop),
        "FUNDING_MS": round(scenario.funding.interval_s * 1000),
        "EXTERNAL": scenario.price.formation == "external",
        "BOOK": ANCHORS[scenario.price.anchor] if scenario.price.formation == "orderbook" else 0,
        "LIQUIDITY": round(scenario.price.liquidity),
        "LIGHTS_MS": round(scenario.adl.lights_s * 1000) if lights else 0,
        "KEY0": key.k0,
        "KEY1": key.k1,
        "END": scenario.ticks,
        "MAKER_ADL": scenario.adl.maker,
        "AUCTION_MS": round(scenario.liquidation.auction_s * 1000),
        "TIERS_DOWN": scenario.liquidation.tiers_down,
        "KEEPS_REST": scenario.adl.price in ("mark", "previous-mark", "reference-spread"),
        "ADL_FEE": _nano(scenario.adl.fee),
        "COMMISSION": _nano(scenario.adl.commission),
        "WITHDRAWALS": ("free", "gated", "charged", "scaled").index(scenario.adl.withdrawals),
        "RECOVERABLE": scenario.adl.recall == "recoverable",
        "DRAINS_BELOW": _nano(scenario.adl.params.get("drains_below", 0.0)),
        "BY_CONTRACT": trigger.by_contract,
        "RESULTS": -1,
        "POOL_START": _nano(scenario.fund.start) if trigger.pool else 0,
        "POOL_STOP": _nano(scenario.fund.stop),
        "PROVIDER_SPREAD": _nano(scenario.providers.spread),
        "PROVIDER_SHARE": _nano(scenario.providers.share),
        "PROVIDER_LEVERAGE": _nano(scenario.providers.leverage),
        "WINDOW_MS": round(scenario.providers.window_s * 1000),
        "WINDOW": -col.NEVER,
        "FIRST_LIQUIDATION": -1,
        "FIRST_ADL": -1,
    }.items():
        s.clock[getattr(col, f"K_{name}")] = value
    r = s.rates
    r[col.R_REACH], r[col.R_MOVE_LIMIT] = scenario.reach, scenario.liquidation.move_limit or 1.0e9
    r[col.R_CLAMP], r[col.R_TAU_MS] = scenario.mark.clamp, max(scenario.mark.tau_s * 1000, 1e-3)
    r[col.R_INTEREST], r[col.R_DAMPER], r[col.R_CAP] = scenario.funding.interest, scenario.funding.damper, scenario.funding.cap
    r[col.R_SMALLEST_RATE], r[col.R_VARIANCE_MS] = scenario.tiers[0].mmr, 600_000.0
    r[col.R_WINDOW], r[col.R_TURNOVER] = scenario.price.window, scenario.price.turnover


def _nano(rate: float) -> int:
    return round(rate * 1e9)


def tier_table(scenario: Scenario) -> NDArray[np.int64]:
    """Maintenance tiers as integers (see `adlabm.kernels.columns`)."""
    each = [(round(t.floor * 1e6), _nano(t.mmr), round(t.amount * 1e6), _nano(1.0 / t.max_leverage)) for t in scenario.tiers]
    return np.array(each, np.int64).T


def set_contracts(s: State, scenario: Scenario, paths: Paths) -> None:
    """Integer and real columns of the contracts at the opening."""
    c, f = s.contracts, s.reals
    c[col.C_UNIT] = [contract.unit for contract in scenario.contracts]
    f[col.F_LOT], f[col.F_TICK] = (
        [float(size) for size in sizes] for sizes in zip(*((each.lot, each.tick) for each in scenario.contracts), strict=True)
    )
    c[col.C_LEFT_LONG] = c[col.C_LEFT_SHORT] = col.NANO
    c[col.C_MARK] = c[col.C_PREVIOUS] = c[col.C_INDEX] = c[col.C_TRADE] = paths.start_ticks
    f[col.F_BASE] = f[col.F_LAST] = paths.start_ticks
    f[col.F_AVERAGE :] = paths.start_ticks
    for n, depth in enumerate(scenario.depths):
        f[col.F_PHI, n], f[col.F_PERMANENT, n], f[col.F_DECAY, n] = depth.phi, depth.permanent, 0.6931471805599453 / depth.half_life_s
        f[col.F_WITHDRAWAL, n], f[col.F_SIGMA, n], f[col.F_FLOOR, n] = (
            depth.withdrawal if not depth.file else 0.0,
            depth.sigma0,
            depth.floor,
        )
        f[col.F_VARIANCE, n] = f[col.F_USUAL, n] = depth.sigma0**2 / 31_536_000.0
        f[col.F_LASTING, n], f[col.F_ECHO :, n] = depth.lasting, 0.0
        f[col.F_WORTH, n] = paths.start_ticks[n] if depth.quoted == "value" and not depth.file else 0.0


def opening_market(
    scenario: Scenario, key: RunKey, paths: Paths, *, check: bool, python: frozenset[str], order: NDArray[np.int64] | None = None
) -> State:
    """The opening state: accounts laid out, the opening book entered, the fund endowed, clocks drawn.

    `order`: a permutation of the traders' rows.
    """
    state = empty_state(scenario, paths.width, check)
    population = draw_population(scenario.traders, key)
    if order is not None:
        population = population.reordered(order)
    state = state._replace(traits=population.trait)
    state.groups[:], state.values[:] = group_table(scenario.traders, population, python), population.value
    set_clock(state, scenario, key)
    set_contracts(state, scenario, paths)
    enter(state, scenario, population)
    _open(state, scenario, population, paths)
    state.clock[col.K_CHECK] = check
    return state


def _scale_equity(s: State, scenario: Scenario, market: int | State) -> None:
    """Scale the equities of every group that has a `notional` to it, as if all of its traders opened a position."""
    if all(group.notional is None for group in scenario.traders):
        return
    lots = np.zeros(s.positions.shape[1], np.int64)
    wanted_lots(market, np.ones(s.owners.shape[1] - col.SPECIAL, np.bool_), lots)
    owner = s.accounts[col.A_OWNER, s.positions[col.P_ACCOUNT]]
    value = np.abs(lots) * (s.contracts[col.C_MARK] * s.contracts[col.C_UNIT])[s.bands[col.B_CONTRACT]]
    for n, group in enumerate(scenario.traders):
        if group.notional is not None:
            mine = s.owners[col.O_GROUP] == n
            share = group.notional * 1e6 / max(int(value[mine[owner]].sum()), 1)
            s.owners[col.O_START, mine] = np.floor(s.owners[col.O_START, mine] * share).astype(np.int64)


def _open(s: State, scenario: Scenario, population: Population, paths: Paths) -> None:
    """Enter the opening book, endow the fund, set depth by open interest, draw the clocks, take the totals."""
    market = pack(s)
    lots = np.zeros(s.positions.shape[1], np.int64)
    _scale_equity(s, scenario, market)
    wanted_lots(market, population.holds, lots)
    balance_book(market, lots, scenario.price.maker_inventory)
    past = np.array([[s.reals[col.F_BASE, n], *paths.history(n, HISTORY_STEPS, HISTORY_STEP_S)] for n in range(len(scenario.contracts))])
    past_averages(market, past, HISTORY_STEP_S)
    open_book(market, lots, past, HISTORY_STEP_S, population.age)
    value = s.contracts[col.C_MARK] * s.contracts[col.C_UNIT]
    interest = s.contracts[col.C_LONG].astype(np.float64)
    spare = s.owners[col.O_START].sum() / (2.0 * value * len(value))
    full = np.where(interest > 0, interest, np.maximum(spare, 1.0)) * [depth.share for depth in scenario.depths]
    s.reals[col.F_FULL_BID] = s.reals[col.F_DEPTH_BID] = np.maximum(full, 1.0)
    asks = np.maximum(full * [depth.asks for depth in scenario.depths], 1.0)
    s.reals[col.F_FULL_ASK] = s.reals[col.F_DEPTH_ASK] = asks
    if scenario.price.formation == "depth" and scenario.price.turnover > 0:
        s.reals[col.F_IMPACT] = [depth.metaorder * depth.sigma0 / sqrt(365.0) for depth in scenario.depths]
        s.reals[col.F_DAILY] = scenario.price.turnover * np.maximum(interest, 1.0)
    if any(group.attention > 0 for group in scenario.traders):
        s.reals[col.F_RECENT :] = scenario.price.turnover * interest * value * scenario.tick_s / 86_400.0
        s.reals[col.F_STIR] = 1.0
    open_books(s, scenario, market)
    held = float((s.contracts[col.C_LONG] * value).sum())
    cash = scenario.fund.cash * 1e6 if scenario.fund.cash is not None else (scenario.fund.share or 0.0) * held
    s.accounts[col.A_BALANCE, col.FUND] = s.clock[col.K_FUND_START] = s.clock[col.K_PEAK] = int(cash)
    s.clock[col.K_EVENTS] = s.clock[col.K_JOURNAL] = 0
    s.clock[col.K_BALANCE], s.clock[col.K_ENTRY] = s.accounts[col.A_BALANCE].sum(), s.positions[col.P_ENTRY].sum()
    s.clock[col.K_LOTS_INDEX] = 0
    s.clock[col.K_DEPOSITS] = s.clock[col.K_BALANCE] - s.clock[col.K_ENTRY] - s.clock[col.K_FUND_START]
    set_clocks(market)
    scan(market)
