"""The state of a market as plain columns: names of the rows of each table, and the bundle of tables that kernels receive.

Every table is an int64 (or float64) array of shape (columns, rows); `table[LOTS]` is the column of lots. In memory a row's columns lie
together (`state.WIDTHS`). Rows may be laid out in any order, identities are what results depend on. Money is in micro-units (1e-6 of the
quote currency), prices in ticks, quantities in lots, times in milliseconds, rates in 1e-9.
"""

from typing import NamedTuple

import numpy as np

NEVER = 1 << 62
NANO = 1_000_000_000
FUND, MAKER, RING = 0, 1, 2
SPECIAL = 3
ACCOUNTS_PER_OWNER = 128

# Owners `o`: the fund, the maker, the ring-fenced account, then traders. The first OWNER_HOT columns are those that a decision touches.
O_GROUP, O_NOISE, O_WALLET, O_FIRST, O_SEATS, O_SIDE, O_HORIZON, O_START, O_FEES, O_FUNDING, O_ENTRY_LEVERAGE, O_PEAK_LEVERAGE = range(12)
OWNER_HOT = 12
O_IDENTITY, O_DEPOSITS, O_LIQUIDATIONS, O_LIQUIDATED, O_HITS, O_DELEVERAGED, O_HAIRCUT, O_LIGHTS = range(12, 20)
OWNER_COLUMNS = 20

# Margin accounts `a`: a cross account links SEATS position rows from FIRST on; an isolated position has an account of its own.
A_IDENTITY, A_OWNER, A_BALANCE, A_STATUS, A_FIRST, A_COUNT, A_STEPS = range(7)
ACCOUNT_COLUMNS = 7
NORMAL, LIQUIDATING, BANKRUPT = 0, 1, 2

# Positions `p`: one row per (account, contract) that may be held, with its clock and exit state.
P_ACCOUNT, P_LOTS, P_ENTRY, P_INDEX, P_PEAK, P_ORIGINAL, P_STAGE, P_LEVERAGE, P_REACT, P_SHARE, P_OPENED, P_LIGHTS, P_CLOCK = range(13)
POSITION_COLUMNS = 13

# Contract and wake band of every position row, all that a pass over the sleepers reads: it sleeps while LOW < mark < HIGH and now < WAKE.
B_CONTRACT, B_LOW, B_HIGH, B_WAKE = range(4)
BAND_COLUMNS = 4

# Contracts, integers `c`.
C_UNIT, C_MARK, C_PREVIOUS, C_INDEX, C_TRADE, C_FUNDING, C_REST, C_LONG, C_LONG_MAKER, C_VOLUME, C_LIQUIDATED, C_DELEVERAGED, C_JUMP = (
    range(13)
)
# What ADL has left of every position that each side held when it was last empty (nano): Percolator's A.
C_LEFT_LONG, C_LEFT_SHORT = 13, 14
# What the fund has realised in the contract (micro), the largest fall of its result from its peak that the fund bears there, and whether
# the fall has reached it.
C_EARNED, C_BEARS, C_TRIGGERED = 15, 16, 17
# Value traded in the tick (micro) by those who attend to it (`adlabm.kernels.attention`).
C_STIRRED = 18
CONTRACT_COLUMNS = 19

# Contracts, real numbers `f`: the exogenous level BASE, its displacement GONE, consumption USED (lots, negative = bids), the premium
# and its averages,
# variance per second, depth within 1 % per side, the mean premium since the last funding, move BUDGET of the round, and averages of
# the price over HORIZONS.
(
    F_BASE,
    F_GONE,
    F_USED,
    F_PREMIUM,
    F_SUM,
    F_TIME,
    F_VARIANCE,
    F_DEPTH_BID,
    F_DEPTH_ASK,
    F_FULL_BID,
    F_FULL_ASK,
    F_BUDGET,
    F_RATE,
    F_REFILLED,
    F_FORCED,
    F_LAST,
) = range(16)
# Terms of the book; sizes of a lot and of a tick in contracts and quote currency.
F_PHI, F_PERMANENT, F_DECAY, F_WITHDRAWAL, F_SIGMA, F_FLOOR, F_LOT, F_TICK = range(16, 24)
F_AVERAGE = 24
HORIZONS_S = (900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0, 259200.0)
# What the signals of a round are made of: log of the trade price over each average, standard deviation of a log return over
# each horizon, and over a day.
F_GAP = F_AVERAGE + len(HORIZONS_S)
F_SPREAD = F_GAP + len(HORIZONS_S)
F_DAY = F_SPREAD + len(HORIZONS_S)
# The variance per second that traders are used to. Impact of voluntary flow: of a whole day's lots, the lots of a day, the share of impact
# that lasts; the index (ticks) at which depth has the lots it began with where it is quoted by value, else zero; what of past impact is
# left, and its parts, each fading at a speed of its own.
F_USUAL, F_IMPACT, F_DAILY, F_LASTING, F_WORTH, F_ECHO = range(F_DAY + 1, F_DAY + 7)
F_PARTS = F_ECHO + 1
ECHOES = 10
# What attention goes by: mean traded value of a tick over each horizon and over the run so far, and what the former weigh in the latter.
F_RECENT = F_PARTS + ECHOES
F_TYPICAL, F_STIR = F_RECENT + len(HORIZONS_S), F_RECENT + len(HORIZONS_S) + 1
REAL_COLUMNS = F_STIR + 1

# Trader groups, integers `g`; parameters of the five rules are `value[slot, group]` unless COLUMN names a row of `trait`.
G_WORD, G_ISOLATED, G_SEATS, G_SIGNAL, G_LEVERAGE, G_REBALANCE, G_UPPER, G_LOWER, G_PART, G_STOP, G_REACTION = range(11)
G_DELAY, G_READS_LIGHTS, G_READS_NOTICES, G_REENTRY, G_WITHDRAW, G_PYTHON, G_LIMIT, G_SLICE, G_PROFIT_LOOK, G_STOP_LOOK = range(11, 21)
G_HEDGED, G_ATTENTION, G_GAMBLE, G_QUOTES = 21, 22, 23, 24
G_COLUMN = 25
PARAMETERS = 4
SLOTS = 5 * PARAMETERS + 1
GROUP_COLUMNS = G_COLUMN + SLOTS
SLOT_SIGNAL, SLOT_LEVERAGE, SLOT_PROFIT, SLOT_STOP, SLOT_REACTION, SLOT_PACE = 0, 4, 8, 12, 16, 20

# Maintenance tiers `tier`: notional floor (micro), rate (nano), deduction (micro), initial rate (nano) of the largest leverage.
T_FLOOR, T_RATE, T_AMOUNT, T_INITIAL = range(4)
TIER_COLUMNS = 4

# Clock, counters and integer settings `k`.
(
    K_TICK,
    K_ROUND,
    K_NOW,
    K_PHASE,
    K_SEGMENT,
    K_SEGMENT_LEFT,
    K_STEP,
    K_EVENTS,
    K_JOURNAL,
    K_SERIAL,
    K_ERROR,
    K_DUE,
    K_QUEUE,
    K_REQUESTS,
    K_PYTHON,
    K_SERIES,
) = range(16)
(
    K_BALANCE,
    K_ENTRY,
    K_LOTS_INDEX,
    K_FEES,
    K_ROUNDING,
    K_DEPOSITS,
    K_FUND_START,
    K_UNCOVERED,
    K_DEFICIT,
    K_TRIGGERED,
    K_CHAIN,
    K_FIRST_LIQUIDATION,
) = range(16, 28)
K_TICK_MS, K_ROUND_MS, K_MAX_ROUNDS, K_CHECK, K_TAKER, K_LIQUIDATION_FEE, K_SURPLUS_TO_FUND, K_ENGINE, K_UNTIL_HEALTHY, K_FRACTION = range(
    28, 38
)
K_FUND_RULE, K_SELLS_ON, K_CAPACITY, K_UNWIND_MS, K_TRIGGER, K_TRIGGER_START, K_TRIGGER_STOP, K_FUNDING_MS, K_EXTERNAL, K_LIQUIDITY = range(
    38, 48
)
(
    K_LIGHTS_MS,
    K_NEXT_LIGHTS,
    K_PATH_TICK,
    K_END,
    K_KEY0,
    K_KEY1,
    K_PEAK,
    K_BUCKET,
    K_FORCED,
    K_HASHES,
    K_LAST_LIQUIDATION,
    K_ADLS,
    K_FIRST_ADL,
    K_MAKER_ADL,
    K_ROUNDS,
    K_FUND_OFFER,
    K_TAKEOVER,
) = range(48, 65)
# Mechanisms of single venues; zero where a venue has none.
(
    K_AUCTION_MS,
    K_TIERS_DOWN,
    K_KEEPS_REST,
    K_ADL_FEE,
    K_COMMISSION,
    K_WITHDRAWALS,
    K_RECOVERABLE,
    K_DRAINS_BELOW,
    K_POOL_START,
    K_POOL_STOP,
    K_PROVIDER_SPREAD,
    K_PROVIDER_SHARE,
    K_PROVIDER_LEVERAGE,
    K_WINDOW_MS,
    K_WINDOW,
    K_BY_CONTRACT,
    K_RESULTS,
    K_BOOK,
    K_MAKER,
    K_HEDGERS,
) = range(65, 85)
# Rows of events and postings that the logs must have room for before the driver goes on.
K_EVENTS_WANTED, K_POSTINGS_WANTED = range(85, 87)
CLOCK_COLUMNS = 87
FREE, GATED, CHARGED, SCALED = range(4)

# Real settings `r`.
R_REACH, R_MOVE_LIMIT, R_CLAMP, R_TAU_MS, R_INTEREST, R_DAMPER, R_CAP, R_SMALLEST_RATE, R_VARIANCE_MS, R_WINDOW, R_TURNOVER = range(11)
REAL_SETTINGS = 11

# Scratch list `w` of a round: first the rows that are due, or whose signal is asked for in Python; then those that order, each with what
# its batch must know of it: contract, order and lots held, equity of the account, maintenance margin of its other positions (micro), and
# whether the account is isolated. `outcome` writes what trading LOTS of it does over the last three: equity and maintenance margin after
# it, and the fee. A row is one cache line.
W_ROW, W_PYTHON, W_CONTRACT, W_ORDER, W_HELD, W_EQUITY, W_BESIDES, W_ISOLATED = range(8)
W_LOTS, W_AFTER, W_NEEDED, W_CHARGE = W_PYTHON, W_EQUITY, W_BESIDES, W_ISOLATED
WORK_COLUMNS = 8

# Log records.
(
    E_TICK,
    E_ROUND,
    E_TIME,
    E_KIND,
    E_TRADER,
    E_OTHER,
    E_CONTRACT,
    E_LOTS,
    E_PRICE,
    E_MARK,
    E_BANKRUPTCY,
    E_SCORE,
    E_RANK,
    E_LIGHTS,
    E_AMOUNT,
) = range(15)
EVENT_COLUMNS = 15
LIQUIDATION, TAKEOVER, FUND_DRAW, FUND_GAIN, ADL_TRIGGER, ADL, UNCOVERED_LOSS, FUNDING, NOTICE = range(1, 10)
KINDS = ("", "liquidation", "takeover", "fund_draw", "fund_gain", "adl_trigger", "adl", "uncovered_loss", "funding", "notice")
J_TICK, J_ROUND, J_CODE, J_ACCOUNT, J_CONTRACT, J_BALANCE, J_LOTS, J_ENTRY, J_LOTS_INDEX, J_PRICE, J_EVENT = range(11)
JOURNAL_COLUMNS = 11
(
    BY_CHOICE,
    FORCED,
    TAKEN_OVER,
    DELEVERAGED,
    FEE,
    FUNDED,
    GAINED,
    DRAWN,
    WRITTEN_OFF,
    DEPOSITED,
    WITHDRAWN,
    MOVED,
    UNWOUND,
    INDEXED,
    DEBITED,
) = range(1, 16)
M_ACCOUNT, M_ROW, M_LOTS, M_PRICE, M_LEFT = range(5)
REQUEST_COLUMNS = 5
# What the waterfall of a round meets, under --check: its length (ms), the mark (ticks), and the book before forced orders (level in
# ticks, displacement, consumption and depth in lots).
V_TICK, V_ROUND, V_ELAPSED, V_CONTRACT, V_MARK, V_BASE, V_GONE, V_USED, V_BID, V_ASK = range(10)
ROUND_COLUMNS = 10
U_ACCOUNT, U_TAKEN = range(2)
S_INDEX, S_MARK, S_TRADE, S_LONG, S_LONG_EX_MAKER, S_FUND, S_CASH, S_VOLUME, S_LIQUIDATED, S_DELEVERAGED = range(10)
SERIES_INTEGERS = 10
X_PREMIUM, X_RATE, X_BID, X_ASK = range(4)
SERIES_REALS = 4

# What the driver asks of its caller, and errors.
DONE, WANTS_PATH, WANTS_ADL, WANTS_SIGNALS, WANTS_LIGHTS, WANTS_ROOM, FAILED = range(7)
NO_ERROR, OVERFLOW, TOO_MANY_ROUNDS, NOT_CONSERVED, NOT_BALANCED, SLEEPER_BELOW_MAINTENANCE, SLEEPER_PAST_EXIT, BELOW_ZERO, LOGS_FULL = (
    range(9)
)


class State(NamedTuple):
    """Tables that make up a market; shapes are (columns, rows) unless said otherwise."""

    owners: np.ndarray
    accounts: np.ndarray
    positions: np.ndarray
    bands: np.ndarray
    contracts: np.ndarray
    reals: np.ndarray
    groups: np.ndarray
    values: np.ndarray  # float64 (SLOTS, groups)
    traits: np.ndarray  # float64 (drawn parameters, owners)
    tiers: np.ndarray
    clock: np.ndarray  # int64 (CLOCK_COLUMNS,)
    rates: np.ndarray  # float64 (REAL_SETTINGS,)
    work: np.ndarray
    signals: np.ndarray  # float64 (positions,): answers of traders written in Python
    queue: np.ndarray  # int64 (accounts,): accounts in liquidation, the first K_QUEUE are valid
    since: np.ndarray  # int64 (accounts,): when the liquidation of an account began (ms)
    events: np.ndarray  # int64 (records, EVENT_COLUMNS)
    postings: np.ndarray  # int64 (records, JOURNAL_COLUMNS)
    requests: np.ndarray  # int64 (records, REQUEST_COLUMNS)
    series: np.ndarray  # int64 (ticks, contracts, SERIES_INTEGERS)
    samples: np.ndarray  # float64 (ticks, contracts, SERIES_REALS)
    path: np.ndarray  # float64 (contracts, ticks of a chunk, way-points), in ticks of price
    depths: np.ndarray  # float64 (contracts, ticks of a chunk, 2): measured depth per side in lots, 0 = not measured
    jumps: np.ndarray  # int64 (contracts, ticks of a chunk): 1 where a tick begins with a declared jump
    flow: np.ndarray  # int64 (contracts, groups): net lots bought by choice since the first liquidation
    peaks: np.ndarray  # int64 (buckets,): fund equity peaks over the trigger's window
    hashes: np.ndarray  # uint64 (ticks, 2) under --check
    rounds: np.ndarray  # float64 (records, ROUND_COLUMNS) under --check
    results: np.ndarray  # int64 (contracts, buckets): peaks of the fund's result in each contract over the trigger's window
    books: np.ndarray  # int64 (contracts, room of a book): order books (`adlabm.kernels.orderbook`), no columns without one
    resting: np.ndarray  # int64 (2, positions): numbers of a row's resting bid and ask, no columns without order books
    providers: np.ndarray  # int64 (2, providers): appointed takers by identity: account, notional taken in the window (micro)
    addresses: np.ndarray  # int64 (tables, 4): where the tables lie, and their shapes (missing dimensions 1)
