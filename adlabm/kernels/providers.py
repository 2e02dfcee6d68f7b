"""Appointed liquidity providers: accounts that take over positions from liquidations, each up to its room."""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_COUNT, A_FIRST, A_OWNER, A_STATUS, B_CONTRACT, C_MARK, C_UNIT, K_NOW, K_PROVIDER_LEVERAGE, K_PROVIDER_SHARE,
    K_PROVIDER_SPREAD, K_WINDOW, K_WINDOW_MS, NANO, NORMAL, O_FIRST, P_LOTS, TAKEN_OVER, TAKEOVER, U_ACCOUNT, U_TAKEN,
)  # fmt: skip
from adlabm.kernels.integers import mul_div, mul_div_up
from adlabm.kernels.ledger import conserved, event, fill
from adlabm.kernels.margin import equity_of, refresh_bands, value_of
from adlabm.kernels.sorting import sort_by
from adlabm.kernels.trading import note_leverage

__all__ = [
    "provider_room", "offered_price", "assign", "take_part",
]  # fmt: skip


def provider_room(s, n):
    """Notional (micro) that provider n still takes: min(leverage x equity - notional held, share x equity - taken in the window)."""
    accounts, providers, clock = (state.accounts(s), state.providers(s), state.clock(s))
    account = providers[U_ACCOUNT, n]
    if accounts[A_STATUS, account] != NORMAL:
        return 0
    equity, held = (max(equity_of(s, account), 0), 0)
    for j in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
        held += abs(value_of(s, j))
    taken = mul_div(equity, clock[K_PROVIDER_SHARE], NANO) - providers[U_TAKEN, n]
    return max(min(mul_div(equity, clock[K_PROVIDER_LEVERAGE], NANO) - held, taken), 0)


def offered_price(s, j, price):
    """Price (ticks) at which providers take position j: the mark and a spread against the liquidated, or, without a spread, the bankruptcy
    price, unless that is worse than the mark for them (0: they take nothing).
    """
    positions, clock = (state.positions(s), state.clock(s))
    mark, long = (state.contracts(s)[C_MARK, state.bands(s)[B_CONTRACT, j]], positions[P_LOTS, j] > 0)
    if clock[K_PROVIDER_SPREAD] > 0:
        spread = mul_div_up(mark, clock[K_PROVIDER_SPREAD], NANO)
        return max(mark - spread, 1) if long else mark + spread
    return price if (price <= mark if long else price >= mark) else 0


def assign(s, j, owner, price):
    """Providers take position j of `owner` in equal shares; what one has no room for passes to those with more.

    The least room first, equal rooms by identity: each takes min(room, ceil(lots left / providers left)). What they take in a window that
    begins with the first assignment counts against their share until the window ends. `price`: the bankruptcy price.
    """
    positions, contracts, providers, clock = (state.positions(s), state.contracts(s), state.providers(s), state.clock(s))
    count, contract = (providers.shape[1], state.bands(s)[B_CONTRACT, j])
    if count == 0:
        return
    price = offered_price(s, j, price)
    if price == 0:
        return
    if clock[K_NOW] - clock[K_WINDOW] >= clock[K_WINDOW_MS]:
        clock[K_WINDOW] = clock[K_NOW]
        for n in range(count):
            providers[U_TAKEN, n] = 0
    lot = contracts[C_MARK, contract] * contracts[C_UNIT, contract]
    room = np.empty(count, np.int64)
    for n in range(count):
        room[n] = provider_room(s, n) // lot
    order = sort_by(room.astype(np.float64), np.arange(count))
    for place in range(count):
        n, left = (order[place], abs(positions[P_LOTS, j]))
        lots = min(room[n], -(-left // (count - place)))
        if lots > 0:
            take_part(s, j, owner, n, lots, price)


def take_part(s, j, owner, n, lots, price):
    """Provider n takes `lots` of position j of `owner` at `price`."""
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    providers, contract = (state.providers(s), state.bands(s)[B_CONTRACT, j])
    account, sign = (providers[U_ACCOUNT, n], -1 if positions[P_LOTS, j] > 0 else 1)
    taker = accounts[A_OWNER, account]
    own = owners[O_FIRST, taker]
    while state.bands(s)[B_CONTRACT, own] != contract:
        own += 1
    fill(s, j, sign * lots, price, TAKEN_OVER)
    fill(s, own, -sign * lots, price, TAKEN_OVER)
    event(s, TAKEOVER, owner, taker, contract, sign * lots, price, price, 0)
    conserved(s)
    providers[U_TAKEN, n] += lots * contracts[C_MARK, contract] * contracts[C_UNIT, contract]
    note_leverage(s, taker, account, equity_of(s, account), False)
    refresh_bands(s, account)
