"""The waterfall of one round: detect, liquidate in the market, hand over to the fund, name what is left for ADL."""

from adlabm.kernels import state
from adlabm.kernels.backstop import finish_account, hand_over, offer_excess, take_over, unwind, update_trigger, watch_pool
from adlabm.kernels.columns import (
    A_COUNT, A_FIRST, A_OWNER, A_STATUS, A_STEPS, B_CONTRACT, B_HIGH, B_LOW, C_MARK, FUND, F_BUDGET, K_BOOK, K_EXTERNAL,
    K_FIRST_LIQUIDATION, K_LAST_LIQUIDATION, K_LIQUIDITY, K_NOW, K_PEAK, K_QUEUE, K_REQUESTS, K_TICK, K_UNTIL_HEALTHY,
    LIQUIDATING, LIQUIDATION, M_ACCOUNT, M_LEFT, M_ROW, NEVER, NORMAL, O_LIQUIDATIONS, P_REACT, R_MOVE_LIMIT, SPECIAL,
)  # fmt: skip
from adlabm.kernels.forced import sort_queue, takeover_level, work_orders, write_orders
from adlabm.kernels.integers import mul_div
from adlabm.kernels.ledger import event
from adlabm.kernels.margin import equity_of, maintenance_of, refresh_bands
from adlabm.kernels.matching import begin_orders, cancel_orders
from adlabm.kernels.seats import set_alarm
from adlabm.kernels.trading import note_leverage
from adlabm.kernels.withdrawals import repay

__all__ = [
    "enqueue", "work_queue", "waterfall", "close_waterfall",
]  # fmt: skip


def enqueue(s, account):
    """Put an account below maintenance into liquidation: its pending reactions are cancelled and it is worked from this round on."""
    owners, accounts, positions, clock = (state.owners(s), state.accounts(s), state.positions(s), state.clock(s))
    bands, queue = (state.bands(s), state.queue(s))
    owner = accounts[A_OWNER, account]
    accounts[A_STATUS, account], accounts[A_STEPS, account] = (LIQUIDATING, -1)
    queue[clock[K_QUEUE]], state.since(s)[account] = (account, clock[K_NOW])
    clock[K_QUEUE] += 1
    owners[O_LIQUIDATIONS, owner] += 1
    note_leverage(s, owner, account, equity_of(s, account), False)
    for j in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
        bands[B_LOW, j], bands[B_HIGH, j], positions[P_REACT, j] = (-NEVER, NEVER, NEVER)
        if clock[K_BOOK] != 0:
            cancel_orders(s, j)
        set_alarm(s, j)


def work_queue(s):
    """Work the accounts in liquidation: forced orders first, then release, close or hand over."""
    accounts, clock, queue = (state.accounts(s), state.clock(s), state.queue(s))
    ratio = sort_queue(s)
    for i in range(clock[K_QUEUE]):
        account = queue[i]
        if accounts[A_STEPS, account] < 0:
            accounts[A_STEPS, account] = 0
            event(s, LIQUIDATION, accounts[A_OWNER, account], -1, -1, 0, 0, 0, equity_of(s, account))
    book, ratios = write_orders(s, ratio)
    work_orders(s, book, ratios)
    for i in range(clock[K_QUEUE]):
        account = queue[i]
        equity, total = (equity_of(s, account), maintenance_of(s, account))
        if total == 0:
            finish_account(s, account)
        elif equity <= takeover_level(s, total):
            hand_over(s, account)
        elif clock[K_UNTIL_HEALTHY] != 0 and equity >= total:
            accounts[A_STATUS, account] = NORMAL
            refresh_bands(s, account)


def waterfall(s, elapsed_ms):
    """One round's waterfall up to ADL; what is left for ADL stands in the request table."""
    contracts, reals, clock, rates = (state.contracts(s), state.reals(s), state.clock(s), state.rates(s))
    clock[K_REQUESTS] = 0
    seconds = elapsed_ms / 1000.0
    offered = mul_div(clock[K_LIQUIDITY], clock[K_NOW], 1000) - mul_div(clock[K_LIQUIDITY], clock[K_NOW] - elapsed_ms, 1000)
    for contract in range(contracts.shape[1]):
        reals[F_BUDGET, contract] = rates[R_MOVE_LIMIT] * seconds if clock[K_EXTERNAL] == 0 else float(offered)
        if clock[K_BOOK] != 0:
            begin_orders(s, contract, seconds)
    update_trigger(s)
    if clock[K_QUEUE] > 0:
        if clock[K_FIRST_LIQUIDATION] < 0:
            clock[K_FIRST_LIQUIDATION] = clock[K_TICK]
        clock[K_LAST_LIQUIDATION] = clock[K_TICK]
        work_queue(s)
    unwind(s, elapsed_ms)
    offer_excess(s)
    watch_pool(s)


def close_waterfall(s):
    """After ADL: what no candidate could take passes to the fund at the mark, whatever its capacity; accounts that hold nothing more
    are closed.
    """
    accounts, contracts, clock = (state.accounts(s), state.contracts(s), state.clock(s))
    queue, requests = (state.queue(s), state.requests(s))
    for i in range(clock[K_REQUESTS]):
        row = requests[i]
        account, j, left = (row[M_ACCOUNT], row[M_ROW], row[M_LEFT])
        if account < SPECIAL:
            continue
        if left > 0:
            take_over(s, j, accounts[A_OWNER, account], left, contracts[C_MARK, state.bands(s)[B_CONTRACT, j]])
        finish_account(s, account)
    n = 0
    for i in range(clock[K_QUEUE]):
        if accounts[A_STATUS, queue[i]] != NORMAL:
            queue[n] = queue[i]
            n += 1
    clock[K_QUEUE], clock[K_REQUESTS] = (n, 0)
    repay(s)
    clock[K_PEAK] = max(clock[K_PEAK], equity_of(s, FUND))
