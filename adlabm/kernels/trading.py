"""Clearing of voluntary orders: one batch per contract and round, one price, the maker takes the net."""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE, A_COUNT, A_FIRST, A_OWNER, BY_CHOICE, C_MARK, C_TRADE, C_UNIT, C_VOLUME, F_BUDGET, G_ISOLATED, K_EXTERNAL, K_QUEUE,
    K_TAKER, MAKER, MOVED, NANO, O_ENTRY_LEVERAGE, O_FIRST, O_GROUP, O_PEAK_LEVERAGE, O_WALLET, P_ACCOUNT, P_CONTRACT, P_LEVERAGE,
    P_LOTS, P_STAGE, R_MOVE_LIMIT, W_ORDER, W_ROWS,
)  # fmt: skip
from adlabm.kernels.integers import mul_div, mul_div_up, nano_up
from adlabm.kernels.ledger import SAFE, conserved, fee, fill, move
from adlabm.kernels.margin import equity_of, maintenance, maintenance_besides, refresh_bands, set_bands, value_of
from adlabm.kernels.market import capacity, walk, walk_price

__all__ = [
    "special_row", "note_leverage", "trade", "clear_contract", "clear",
]  # fmt: skip


def special_row(s, owner, contract):
    """Position row of a special owner (fund, maker, ring-fenced) in a contract."""
    owners = state.owners(s)
    return owners[O_FIRST, owner] + contract


def note_leverage(s, owner, account, equity, opened):
    """Remember effective leverage (notional over the account's equity) when a position is opened, and its peak."""
    owners, accounts = (state.owners(s), state.accounts(s))
    total = 0.0
    for j in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
        total += abs(float(value_of(s, j)))
    leverage = np.int64(min(total / max(float(equity), 1.0), 1000000.0) * 1000000000.0)
    if opened:
        owners[O_ENTRY_LEVERAGE, owner] = leverage
    owners[O_PEAK_LEVERAGE, owner] = max(owners[O_PEAK_LEVERAGE, owner], leverage)


def trade(s, j, lots, price):
    """Execute a voluntary order of position j if its account can bear it, and set the account's bands; returns the lots executed.

    A reduction must leave the account at or above zero, an increase at or above maintenance, both at the mark and after the fee. An
    isolated increase brings margin from the wallet.
    """
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    groups, tiers, clock, flow = (state.groups(s), state.tiers(s), state.clock(s), state.flow(s))
    contract, account = (positions[P_CONTRACT, j], positions[P_ACCOUNT, j])
    owner = accounts[A_OWNER, account]
    isolated = groups[G_ISOLATED, owners[O_GROUP, owner]] != 0
    old, unit, mark = (positions[P_LOTS, j], contracts[C_UNIT, contract], contracts[C_MARK, contract])
    new = old + lots
    if (float(abs(lots)) + float(abs(new))) * float(max(price, mark)) * float(unit) > SAFE:
        refresh_bands(s, account)
        return 0
    charge = nano_up(abs(lots) * price * unit, clock[K_TAKER])
    grows = abs(new) > abs(old) or ((old > 0) != (new > 0) and new != 0)
    margin = 0
    if isolated and grows:
        wallet = owners[O_WALLET, owner]
        margin = min(
            max(mul_div_up((abs(new) - abs(old)) * price * unit, NANO, positions[P_LEVERAGE, j]), 0) + charge, accounts[A_BALANCE, wallet]
        )
    after = equity_of(s, account) + margin + lots * (mark - price) * unit - charge
    needed, held = maintenance_besides(s, account, j)
    if new != 0:
        needed, held = (needed + maintenance(tiers, abs(new) * mark * unit), held + 1)
    if after < (needed if grows else 0):
        refresh_bands(s, account)
        return 0
    if margin != 0:
        move(s, wallet, account, margin, MOVED)
    fill(s, j, lots, price, BY_CHOICE)
    fee(s, j, charge)
    if not grows:
        positions[P_STAGE, j] += 1
    if isolated and new == 0:
        move(s, account, owners[O_WALLET, owner], accounts[A_BALANCE, account], MOVED)
    if grows:
        note_leverage(s, owner, account, after, old == 0)
    set_bands(s, account, after, needed, held)
    if clock[K_QUEUE] > 0:
        flow[contract, owners[O_GROUP, owner]] += lots
    return lots


def clear_contract(s, contract, n, seconds):
    """Clear the orders of one contract.

    Net demand walks the book; what would move the price beyond the limit is cut pro rata on the heavier side. The bands of
    all who ordered are set.
    """
    positions, contracts, reals, clock = (state.positions(s), state.contracts(s), state.reals(s), state.clock(s))
    rates, work = (state.rates(s), state.work(s))
    buys = sells = 0
    for i in range(n):
        j = work[W_ROWS, i]
        if positions[P_CONTRACT, j] == contract:
            buys += max(work[W_ORDER, j], 0)
            sells -= min(work[W_ORDER, j], 0)
    if buys == 0 and sells == 0:
        return
    heavy, light = (max(buys, sells), min(buys, sells))
    allowed = heavy
    price = contracts[C_TRADE, contract]
    sign = 1 if buys >= sells else -1
    if clock[K_EXTERNAL] == 0:
        reals[F_BUDGET, contract] = rates[R_MOVE_LIMIT] * seconds
        allowed = min(heavy, light + capacity(s, contract, sign, reals[F_BUDGET, contract]))
        if allowed > light:
            price, _ = walk_price(s, contract, sign * (allowed - light))
    net = bought = 0
    for i in range(n):
        j = work[W_ROWS, i]
        if positions[P_CONTRACT, j] != contract:
            continue
        order = work[W_ORDER, j]
        if allowed < heavy and (order > 0) == (sign > 0):
            order = mul_div(abs(order), allowed, heavy) * sign
        if order != 0:
            done = trade(s, j, order, price)
            net += done
            bought += max(done, 0)
        else:
            refresh_bands(s, positions[P_ACCOUNT, j])
    if net != 0:
        fill(s, special_row(s, MAKER, contract), -net, price, BY_CHOICE)
        if clock[K_EXTERNAL] == 0:
            walk(s, contract, net)
    contracts[C_VOLUME, contract] += (bought + max(-net, 0)) * price * contracts[C_UNIT, contract]
    conserved(s)


def clear(s, n, seconds):
    """Clear the n listed orders, contract by contract."""
    for contract in range(state.contracts(s).shape[1]):
        clear_contract(s, contract, n, seconds)
