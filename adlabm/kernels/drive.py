"""The order of a tick, in compiled code: `drive` runs rounds and ticks until something needs its caller, and continues where it stopped.

A round: the index moves, depth refills; due traders decide and their orders clear; premium, mark and funding; awake rows are tested;
the waterfall; the record. In calm a tick is one round.
"""

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_OWNER, DONE, FAILED, FREE, G_PYTHON, K_CHECK, K_DUE, K_ERROR, K_EVENTS, K_EVENTS_WANTED, K_HASHES, K_JOURNAL, K_LIGHTS_MS,
    K_MAX_ROUNDS, K_NEXT_LIGHTS, K_NOW, K_PATH_TICK, K_PHASE, K_POSTINGS_WANTED, K_PYTHON, K_QUEUE, K_REQUESTS, K_ROUND, K_ROUNDS,
    K_SEGMENT, K_SEGMENT_LEFT, K_SERIES, K_STEP, K_TICK, K_TICK_MS, K_WITHDRAWALS, O_GROUP, P_ACCOUNT, P_CLOCK, TOO_MANY_ROUNDS,
    WANTS_ADL, WANTS_LIGHTS, WANTS_PATH, WANTS_ROOM, WANTS_SIGNALS, W_PYTHON, W_ROW,
)  # fmt: skip
from adlabm.kernels.flow import trades_at_most
from adlabm.kernels.rounds import begin_round, end_tick, note_round, start_tick, trade_round
from adlabm.kernels.waterfall import close_waterfall, waterfall

__all__ = [
    "room", "trading_room", "waterfall_room", "closing_room", "python_rows", "drive",
]  # fmt: skip

TICK_START, ROUND_START, TRADING, WATERFALL, AFTER_ADL, AFTER_LIGHTS = range(6)


def room(s, records, entries):
    """Whether the logs have room for so many events and postings more, and for what a round meets; if not, the clock holds how many."""
    contracts, clock, events, postings, rounds = (state.contracts(s), state.clock(s), state.events(s), state.postings(s), state.rounds(s))
    clock[K_EVENTS_WANTED], clock[K_POSTINGS_WANTED] = (records, entries)
    if clock[K_EVENTS] + records > events.shape[0]:
        return False
    return clock[K_CHECK] == 0 or (
        clock[K_JOURNAL] + entries <= postings.shape[0] and clock[K_ROUNDS] + contracts.shape[1] <= rounds.shape[0]
    )


def trading_room(s):
    """Room for what comes before the waterfall: fills are postings alone, but where losses are open a withdrawal may be charged; then
    fundings, and what ends the tick before."""
    clock, count = (state.clock(s), state.contracts(s).shape[1])
    charged = 0 if clock[K_WITHDRAWALS] == FREE else clock[K_DUE]
    return room(s, 2 * count + 1 + charged, 16 * clock[K_DUE] + 8 * count + 16 * trades_at_most(s))


def waterfall_room(s):
    """Room for the waterfall: an account is detected and finished, each of its positions is sold, taken over in parts and named for ADL."""
    clock, count = (state.clock(s), state.contracts(s).shape[1])
    records = (12 + state.providers(s).shape[1]) * (clock[K_QUEUE] + 2) * count + 2 * trades_at_most(s)
    return room(s, records, 8 * records)


def closing_room(s):
    """Room for what follows ADL, which sees to its own: leftovers, repayment, and the end of the run."""
    records = 4 * (state.clock(s)[K_REQUESTS] + 1)
    return room(s, records, 8 * records)


def python_rows(s):
    """List the due rows whose signal is answered in Python; returns how many."""
    owners, accounts, positions, groups = (state.owners(s), state.accounts(s), state.positions(s), state.groups(s))
    clock, work = (state.clock(s), state.work(s))
    asked = 0
    for group in range(groups.shape[1]):
        asked += groups[G_PYTHON, group]
    n = 0
    for i in range(clock[K_DUE] if asked > 0 else 0):
        j = work[W_ROW, i]
        group = owners[O_GROUP, accounts[A_OWNER, positions[P_ACCOUNT, j]]]
        if groups[G_PYTHON, group] != 0 and positions[P_CLOCK, j] <= clock[K_NOW]:
            work[W_PYTHON, n] = j
            n += 1
    clock[K_PYTHON] = n
    return n


def drive(s, order, until):
    """Run until tick `until` is complete or the caller is needed; returns what is wanted (DONE, WANTS_*, FAILED).

    `order`: accounts by identity.
    """
    clock, series, path, hashes = (state.clock(s), state.series(s), state.path(s), state.hashes(s))
    while True:
        if clock[K_ERROR] != 0:
            return FAILED
        if clock[K_PHASE] == TICK_START:
            if clock[K_TICK] >= until:
                return DONE
            if (
                clock[K_TICK] >= clock[K_PATH_TICK] + path.shape[1]
                or clock[K_SERIES] >= series.shape[0]
                or (clock[K_CHECK] != 0 and clock[K_HASHES] >= hashes.shape[0])
            ):
                return WANTS_PATH
            start_tick(s)
            clock[K_PHASE] = ROUND_START
        if clock[K_PHASE] == ROUND_START:
            if not trading_room(s):
                return WANTS_ROOM
            begin_round(s)
            clock[K_PHASE] = TRADING
            if python_rows(s) > 0:
                return WANTS_SIGNALS
        if clock[K_PHASE] == TRADING:
            trade_round(s)
            clock[K_PHASE] = WATERFALL
        if clock[K_PHASE] == WATERFALL:
            if clock[K_ERROR] != 0:
                return FAILED
            if not waterfall_room(s):
                return WANTS_ROOM
            note_round(s)
            waterfall(s, clock[K_STEP])
            clock[K_PHASE] = AFTER_ADL
            if clock[K_REQUESTS] > 0:
                return WANTS_ADL
        if clock[K_PHASE] == AFTER_ADL:
            if not closing_room(s):
                return WANTS_ROOM
            close_waterfall(s)
            clock[K_PHASE] = AFTER_LIGHTS
            if clock[K_LIGHTS_MS] > 0 and clock[K_NOW] >= clock[K_NEXT_LIGHTS]:
                clock[K_NEXT_LIGHTS] = clock[K_NOW] + clock[K_LIGHTS_MS]
                return WANTS_LIGHTS
        clock[K_ROUND] += 1
        clock[K_PHASE] = ROUND_START
        if clock[K_SEGMENT_LEFT] <= 0:
            clock[K_SEGMENT] += 1
            clock[K_SEGMENT_LEFT] = clock[K_TICK_MS] // path.shape[2]
            if clock[K_SEGMENT] == path.shape[2]:
                end_tick(s, order)
                clock[K_PHASE] = TICK_START
        elif clock[K_ROUND] >= clock[K_MAX_ROUNDS]:
            clock[K_ERROR] = TOO_MANY_ROUNDS
