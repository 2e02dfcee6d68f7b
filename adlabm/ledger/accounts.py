"""The layout of owners, margin accounts and position rows, and the opening state of a market.

Every trader owns a wallet account; in cross mode it links one position row per contract of its group, in isolated mode each position row has an account of its own. Rows are laid out once, so a link is
a range of rows. Special owners (fund, maker, ring-fenced) come first and hold one row per contract.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adlabm import registry
from adlabm.kernels import columns as col
from adlabm.kernels.columns import State
from adlabm.kernels.drive import scan
from adlabm.kernels.mathx import exp, log
from adlabm.kernels.opening import balance_book, open_book, set_clocks, wanted_lots
from adlabm.kernels.rules import compile_rule
from adlabm.kernels.state import pack
from adlabm.price.paths import Paths
from adlabm.scenario import Scenario
from adlabm.streams import RunKey
from adlabm.traders.population import Population, draw_population, group_table

EVENTS, POSTINGS, SERIES = 65_536, 262_144, 16_384
PEAK_BUCKETS = 48
HISTORY_STEPS, HISTORY_STEP_S = 2880, 60.0


def lay_out(scenario: Scenario, population: Population, order: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Owner, account and position tables; traders in the row order given (a permutation of the population)."""
    contracts, groups = len(scenario.contracts), scenario.traders
    names = {contract.name: n for n, contract in enumerate(scenario.contracts)}
    owners = col.SPECIAL + order.size
    group = population.group[order]
    seats = np.array([len(g.contracts) for g in groups])[group]
    isolated = np.array([g.mode == "isolated" for g in groups])[group]
    positions = np.concatenate((np.full(col.SPECIAL, contracts), seats))
    accounts = np.concatenate((np.ones(col.SPECIAL, np.int64), np.where(isolated, 1 + seats, 1)))
    first_position, first_account = np.cumsum(positions) - positions, np.cumsum(accounts) - accounts
    o = np.zeros((col.OWNER_COLUMNS, owners), np.int64)
    o[col.O_IDENTITY] = np.concatenate((np.arange(col.SPECIAL), population.identity[order]))
    o[col.O_GROUP] = np.concatenate((np.full(col.SPECIAL, -1), group))
    o[col.O_NOISE, col.SPECIAL :], o[col.O_SIDE, col.SPECIAL :] = population.noise[order], population.side[order]
    o[col.O_START, col.SPECIAL :] = population.equity[order]
    o[col.O_WALLET], o[col.O_FIRST], o[col.O_SEATS] = first_account, first_position, positions
    o[col.O_HORIZON, col.SPECIAL :] = _horizons(scenario, population, order)
    a = np.zeros((col.ACCOUNT_COLUMNS, int(accounts.sum())), np.int64)
    a[col.A_OWNER] = np.repeat(np.arange(owners), accounts)
    sub = np.arange(a.shape[1]) - np.repeat(first_account, accounts)
    a[col.A_IDENTITY] = o[col.O_IDENTITY, a[col.A_OWNER]] * col.ACCOUNTS_PER_OWNER + sub
    apart = np.concatenate((np.zeros(col.SPECIAL, np.bool_), isolated))[a[col.A_OWNER]]
    a[col.A_FIRST] = o[col.O_FIRST, a[col.A_OWNER]] + np.where(apart & (sub > 0), sub - 1, 0)
    a[col.A_COUNT] = np.where(apart, (sub > 0).astype(np.int64), o[col.O_SEATS, a[col.A_OWNER]])
    p = np.zeros((col.POSITION_COLUMNS, int(positions.sum())), np.int64)
    owner = np.repeat(np.arange(owners), positions)
    seat = np.arange(p.shape[1]) - np.repeat(first_position, positions)
    p[col.P_ACCOUNT] = o[col.O_WALLET, owner] + np.where(np.concatenate((np.zeros(col.SPECIAL, np.bool_), isolated))[owner], seat + 1, 0)
    held = np.zeros((len(groups) + 1, contracts), np.int64)
    held[-1] = np.arange(contracts)
    for n, g in enumerate(groups):
        held[n, : len(g.contracts)] = [names[name] for name in g.contracts]
    p[col.P_CONTRACT] = held[o[col.O_GROUP, owner], seat]
    p[col.P_LOW], p[col.P_HIGH] = -col.NEVER, col.NEVER
    p[col.P_CLOCK] = p[col.P_WAKE] = p[col.P_REACT] = col.NEVER
    return o, a, p


def _horizons(scenario: Scenario, population: Population, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the moving average nearest (in logarithm) to each trader's `horizon_s`."""
    grid = np.array([log(h) for h in col.HORIZONS_S])
    out = np.zeros(order.size, np.int64)
    for n, group in enumerate(scenario.traders):
        params = list(registry.params_of(registry.find("signals", group.signal.rule)))
        if "horizon_s" in params:
            slot = col.SLOT_SIGNAL + params.index("horizon_s")
            mine = population.group[order] == n
            row = population.column[slot, n]
            seconds = population.trait[row, order[mine]] if row >= 0 else np.full(mine.sum(), population.value[slot, n])
            out[mine] = [int(np.argmin(np.abs(grid - log(s)))) for s in seconds]
    return out


def settings(scenario: Scenario, key: RunKey, check: bool) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The clock table with its integer settings, and the real settings."""
    engine = registry.find("engines", scenario.liquidation.engine)
    fund, trigger = registry.find("fund", scenario.fund.rule), registry.find("triggers", scenario.fund.trigger)
    lights = any(registry.find("reactions", group.reaction.rule).reads_lights for group in scenario.traders)
    k = np.zeros(col.CLOCK_COLUMNS, np.int64)
    for name, value in {
        "TICK_MS": round(scenario.tick_s * 1000), "ROUND_MS": round(scenario.round_s * 1000), "MAX_ROUNDS": scenario.max_rounds, "CHECK": check,
        "TAKER": _nano(scenario.fees.taker), "LIQUIDATION_FEE": _nano(scenario.liquidation.fee), "SURPLUS_TO_FUND": scenario.liquidation.surplus == "fund",
        "ENGINE": compile_rule(engine.close, "integer"), "UNTIL_HEALTHY": engine.until_healthy, "FRACTION": _nano(scenario.liquidation.fraction),
        "FUND_RULE": compile_rule(fund.take, "integer"), "SELLS_ON": fund.sells_on, "CAPACITY": _nano(scenario.fund.capacity), "UNWIND_MS": round(scenario.fund.unwind_s * 1000),
        "TRIGGER": compile_rule(trigger.active, "integer"), "TRIGGER_START": _nano(scenario.fund.start), "TRIGGER_STOP": _nano(scenario.fund.stop),
        "FUNDING_MS": round(scenario.funding.interval_s * 1000), "EXTERNAL": scenario.price.formation == "external", "LIQUIDITY": round(scenario.price.liquidity),
        "LIGHTS_MS": round(scenario.adl.lights_s * 1000) if lights else 0, "KEY0": key.k0, "KEY1": key.k1, "END": scenario.ticks, "MAKER_ADL": scenario.adl.maker,
        "FIRST_LIQUIDATION": -1, "FIRST_ADL": -1,
    }.items():  # fmt: skip
        k[getattr(col, f"K_{name}")] = value
    r = np.zeros(col.REAL_SETTINGS)
    r[col.R_REACH], r[col.R_MOVE_LIMIT] = scenario.reach, scenario.liquidation.move_limit or 1.0e9
    r[col.R_CLAMP], r[col.R_TAU_MS] = scenario.mark.clamp, max(scenario.mark.tau_s * 1000, 1e-3)
    r[col.R_INTEREST], r[col.R_DAMPER], r[col.R_CAP] = scenario.funding.interest, scenario.funding.damper, scenario.funding.cap
    r[col.R_SMALLEST_RATE], r[col.R_VARIANCE_MS] = scenario.tiers[0].mmr, 600_000.0
    return k, r


def _nano(rate: float) -> int:
    return round(rate * 1e9)


def tier_table(scenario: Scenario) -> NDArray[np.int64]:
    """Maintenance tiers as integers (see `adlabm.kernels.columns`)."""
    rows = [(round(t.floor * 1e6), _nano(t.mmr), round(t.amount * 1e6), _nano(1.0 / t.max_leverage)) for t in scenario.tiers]
    return np.ascontiguousarray(np.array(rows, np.int64).T)


def contract_tables(scenario: Scenario, paths: Paths) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Integer and real columns of the contracts at the opening."""
    count = len(scenario.contracts)
    c, f = np.zeros((col.CONTRACT_COLUMNS, count), np.int64), np.zeros((col.REAL_COLUMNS, count))
    c[col.C_UNIT] = [contract.unit for contract in scenario.contracts]
    c[col.C_MARK] = c[col.C_PREVIOUS] = c[col.C_INDEX] = c[col.C_TRADE] = paths.start_ticks
    f[col.F_BASE] = f[col.F_LAST] = paths.start_ticks
    f[col.F_AVERAGE :] = paths.start_ticks
    for n, depth in enumerate(scenario.depths):
        f[col.F_PHI, n], f[col.F_PERMANENT, n], f[col.F_DECAY, n] = depth.phi, depth.permanent, 0.6931471805599453 / depth.half_life_s
        f[col.F_WITHDRAWAL, n], f[col.F_SIGMA, n], f[col.F_FLOOR, n] = depth.withdrawal if not depth.file else 0.0, depth.sigma0, depth.floor
        f[col.F_VARIANCE, n] = depth.sigma0**2 / 31_536_000.0
    return c, f


def opening_market(scenario: Scenario, key: RunKey, paths: Paths, *, check: bool, python: frozenset[str], order: NDArray[np.int64] | None = None) -> tuple[State, Population]:
    """The opening state: accounts laid out, the opening book entered, the fund endowed, clocks drawn."""
    population = draw_population(scenario.traders, key)
    order = np.arange(population.identity.size) if order is None else order
    o, a, p = lay_out(scenario, population, order)
    c, f = contract_tables(scenario, paths)
    k, r = settings(scenario, key, False)
    groups, contracts = len(scenario.traders), len(scenario.contracts)
    trait = np.zeros((population.trait.shape[0], o.shape[1]))
    trait[:, col.SPECIAL :] = population.trait[:, order]
    rows = min(EVENTS, 64 * p.shape[1] + 4096)
    state = State(
        owners=o, accounts=a, positions=p, contracts=c, reals=f, groups=group_table(scenario.traders, population, python), values=population.value, traits=trait, tiers=tier_table(scenario),
        clock=k, rates=r, work=np.zeros((col.WORK_COLUMNS, p.shape[1]), np.int64), signals=np.zeros(p.shape[1]), queue=np.zeros(a.shape[1], np.int64),
        events=np.zeros((rows, col.EVENT_COLUMNS), np.int64), postings=np.zeros((POSTINGS if check else 0, col.JOURNAL_COLUMNS), np.int64),
        requests=np.zeros((min(p.shape[1], 65_536) + contracts, col.REQUEST_COLUMNS), np.int64),
        series=np.zeros((min(SERIES, scenario.ticks), contracts, col.SERIES_INTEGERS), np.int64), samples=np.zeros((min(SERIES, scenario.ticks), contracts, col.SERIES_REALS)),
        path=np.zeros((contracts, 0, paths.width)), depths=np.zeros((contracts, 0, 2)), jumps=np.zeros((contracts, 0), np.int64), flow=np.zeros((contracts, groups), np.int64),
        peaks=np.zeros(PEAK_BUCKETS, np.int64), hashes=np.zeros((min(SERIES, scenario.ticks) if check else 0, 2), np.uint64),
        rounds=np.zeros((EVENTS if check else 0, col.ROUND_COLUMNS)),
    )  # fmt: skip
    _open(state, scenario, population, order, paths)
    k[col.K_CHECK] = check
    return state, population


def _open(s: State, scenario: Scenario, population: Population, order: NDArray[np.int64], paths: Paths) -> None:
    """Enter the opening book, endow the fund, set depth by open interest, draw the clocks, take the totals."""
    owner = np.repeat(np.arange(s.owners.shape[1]), s.owners[col.O_SEATS])
    trader = owner - col.SPECIAL
    holds = np.where(trader >= 0, population.holds[order][np.maximum(trader, 0)], False)
    lots = np.zeros(s.positions.shape[1], np.int64)
    market = pack(s)
    wanted_lots(market, holds.astype(np.int64), lots)
    balance_book(market, lots, scenario.price.maker_inventory)
    age = np.where(trader >= 0, population.age[order][np.maximum(trader, 0)], 0.0)
    prices = s.contracts[col.C_MARK][s.positions[col.P_CONTRACT]]
    for contract in range(s.contracts.shape[1]):
        past = np.concatenate((s.reals[col.F_BASE, contract : contract + 1], paths.history(contract, HISTORY_STEPS, HISTORY_STEP_S)))
        mine = (s.positions[col.P_CONTRACT] == contract) & (lots != 0)
        at = np.minimum((age[mine] / HISTORY_STEP_S).astype(np.int64), HISTORY_STEPS)
        prices[mine] = np.maximum(np.floor(past[at] + 0.5).astype(np.int64), 1)
        _average(s, contract, past)
    open_book(market, lots, prices, (np.minimum(age, HISTORY_STEPS * HISTORY_STEP_S) * 1000).astype(np.int64))
    value = s.contracts[col.C_MARK] * s.contracts[col.C_UNIT]
    interest = s.contracts[col.C_LONG].astype(np.float64)
    spare = s.owners[col.O_START].sum() / (2.0 * value * len(value))
    full = np.where(interest > 0, interest, np.maximum(spare, 1.0)) * [depth.share for depth in scenario.depths]
    s.reals[col.F_FULL_BID] = s.reals[col.F_FULL_ASK] = s.reals[col.F_DEPTH_BID] = s.reals[col.F_DEPTH_ASK] = np.maximum(full, 1.0)
    cash = scenario.fund.cash * 1e6 if scenario.fund.cash is not None else scenario.fund.share * float((s.contracts[col.C_LONG] * value).sum())
    s.accounts[col.A_BALANCE, col.FUND] = s.clock[col.K_FUND_START] = s.clock[col.K_PEAK] = int(cash)
    s.clock[col.K_EVENTS] = s.clock[col.K_JOURNAL] = 0
    s.clock[col.K_BALANCE], s.clock[col.K_ENTRY] = s.accounts[col.A_BALANCE].sum(), s.positions[col.P_ENTRY].sum()
    s.clock[col.K_LOTS_INDEX] = 0
    s.clock[col.K_DEPOSITS] = s.clock[col.K_BALANCE] - s.clock[col.K_ENTRY] - s.clock[col.K_FUND_START]
    s.owners[col.O_DEPOSITS] = 0
    set_clocks(market)
    scan(market)


def _average(s: State, contract: int, past: NDArray[np.float64]) -> None:
    """Moving averages and variance at the opening, from the path before it (newest first)."""
    for h, horizon in enumerate(col.HORIZONS_S):
        weight = 1.0 - exp(-HISTORY_STEP_S / horizon)
        average = past[-1]
        for level in past[::-1]:
            average += weight * (level - average)
        s.reals[col.F_AVERAGE + h, contract] = average
