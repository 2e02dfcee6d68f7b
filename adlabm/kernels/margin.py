"""Equity, maintenance margin, bankruptcy prices and wake bands of margin accounts (integers; mark valuation)."""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE, A_COUNT, A_FIRST, A_OWNER, B_CONTRACT, B_HIGH, B_LOW, C_FUNDING, C_MARK, C_UNIT, G_COLUMN, G_LOWER, G_STOP,
    G_UPPER, NEVER, O_GROUP, P_ENTRY, P_INDEX, P_LEVERAGE, P_LOTS, P_PEAK, P_STAGE, SLOT_PROFIT, SLOT_STOP, T_AMOUNT,
    T_FLOOR, T_INITIAL, T_RATE,
)  # fmt: skip
from adlabm.kernels.integers import mul_div, nano_up
from adlabm.kernels.rules import call_real

__all__ = [
    "value_of", "profit_of", "tier_of", "maintenance", "largest_notional", "position_maintenance", "equity_of", "maintenance_of",
    "equity_and_maintenance", "maintenance_besides", "bankruptcy_price", "parameter", "entry_price", "exit_levels",
    "refresh_bands", "set_bands",
]  # fmt: skip


def value_of(s, j):
    """Signed mark value of position j (micro)."""
    positions, contracts = (state.positions(s), state.contracts(s))
    contract = state.bands(s)[B_CONTRACT, j]
    return positions[P_LOTS, j] * contracts[C_MARK, contract] * contracts[C_UNIT, contract]


def profit_of(s, j):
    """Unrealised profit of position j at the mark, accrued funding included (micro)."""
    positions, contracts = (state.positions(s), state.contracts(s))
    lots = positions[P_LOTS, j]
    return value_of(s, j) - positions[P_ENTRY, j] - lots * (contracts[C_FUNDING, state.bands(s)[B_CONTRACT, j]] - positions[P_INDEX, j])


def tier_of(tier, notional):
    """Number of the margin tier that holds `notional` (micro)."""
    n = tier.shape[1] - 1
    while n > 0 and notional < tier[T_FLOOR, n]:
        n -= 1
    return n


def maintenance(tier, notional):
    """Maintenance margin of a notional (micro): ceil(notional x rate) - deduction of its tier."""
    n = tier_of(tier, notional)
    return max(nano_up(notional, tier[T_RATE, n]) - tier[T_AMOUNT, n], 0)


def largest_notional(tier, equity, leverage):
    """Largest notional (micro) that `equity` may carry at a chosen leverage: no tier's initial margin rate is undercut."""
    wanted = float(equity) * leverage
    best = 0.0
    for n in range(tier.shape[1]):
        if wanted < float(tier[T_FLOOR, n]):
            break
        allowed = min(wanted, float(equity) / (tier[T_INITIAL, n] / 1e9))
        top = float(tier[T_FLOOR, n + 1]) if n + 1 < tier.shape[1] else 1.0e18
        if allowed >= float(tier[T_FLOOR, n]):
            best = max(best, min(allowed, top))
    return best


def position_maintenance(s, j):
    """Maintenance margin of position j at the mark (micro)."""
    positions, tiers = (state.positions(s), state.tiers(s))
    return 0 if positions[P_LOTS, j] == 0 else maintenance(tiers, abs(value_of(s, j)))


def equity_of(s, account):
    """Balance plus unrealised profit minus accrued funding of a margin account (micro)."""
    accounts, positions = (state.accounts(s), state.positions(s))
    total = accounts[A_BALANCE, account]
    first = accounts[A_FIRST, account]
    for j in range(first, first + accounts[A_COUNT, account]):
        if positions[P_LOTS, j] != 0:
            total += profit_of(s, j)
    return total


def maintenance_of(s, account):
    """Sum of the maintenance margins of an account's positions (micro)."""
    accounts = state.accounts(s)
    total = 0
    first = accounts[A_FIRST, account]
    for j in range(first, first + accounts[A_COUNT, account]):
        total += position_maintenance(s, j)
    return total


def equity_and_maintenance(s, account):
    """`equity_of` and `maintenance_of` in one pass."""
    accounts, positions, contracts, tiers = (state.accounts(s), state.positions(s), state.contracts(s), state.tiers(s))
    equity, total = (accounts[A_BALANCE, account], 0)
    first = accounts[A_FIRST, account]
    for j in range(first, first + accounts[A_COUNT, account]):
        lots = positions[P_LOTS, j]
        if lots != 0:
            contract = state.bands(s)[B_CONTRACT, j]
            value = lots * contracts[C_MARK, contract] * contracts[C_UNIT, contract]
            equity += value - positions[P_ENTRY, j] - lots * (contracts[C_FUNDING, contract] - positions[P_INDEX, j])
            total += maintenance(tiers, abs(value))
    return (equity, total)


def maintenance_besides(s, account, j):
    """Sum of the maintenance margins of an account's positions other than j (micro)."""
    accounts, positions = (state.accounts(s), state.positions(s))
    total = 0
    first = accounts[A_FIRST, account]
    for i in range(first, first + accounts[A_COUNT, account]):
        if i != j and positions[P_LOTS, i] != 0:
            total += position_maintenance(s, i)
    return total


def bankruptcy_price(s, j, equity, total):
    """Price (ticks) at which closing position j uses up its share of the account's equity, rounded so that the account keeps the residue.

    p = mark - sign x floor(equity x MM_j / sum MM / (|lots| x unit)); with no maintenance margin, or at or below one tick, one tick.
    """
    positions, contracts = (state.positions(s), state.contracts(s))
    lots = positions[P_LOTS, j]
    contract = state.bands(s)[B_CONTRACT, j]
    mark = contracts[C_MARK, contract]
    if total <= 0:
        return 1
    share = mul_div(equity, position_maintenance(s, j), total)
    distance = share // (abs(lots) * contracts[C_UNIT, contract])
    return max(mark - distance if lots > 0 else mark + distance, 1)


def parameter(s, slot, group, owner):
    """A rule's parameter: the group's constant, or the owner's own draw."""
    groups, values, traits = (state.groups(s), state.values(s), state.traits(s))
    column = groups[G_COLUMN + slot, group]
    return values[slot, group] if column < 0 else traits[column, owner]


def entry_price(s, j):
    """Average entry price of position j (ticks, real)."""
    positions, contracts = (state.positions(s), state.contracts(s))
    return float(positions[P_ENTRY, j]) / float(positions[P_LOTS, j] * contracts[C_UNIT, state.bands(s)[B_CONTRACT, j]])


def exit_levels(s, j, owner, entry):
    """Price returns on entry, signed with the side, at which position j's exits act: (stop, lower, upper); infinite where there is none.

    entry: its `entry_price`.
    """
    owners, positions, groups, tiers = (state.owners(s), state.positions(s), state.groups(s), state.tiers(s))
    group, lots = (owners[O_GROUP, owner], positions[P_LOTS, j])
    stop, lower, upper = (-1e300, -1e300, 1e300)
    if groups[G_STOP, group] != 0:
        distance = max(1000000000.0 / max(float(positions[P_LEVERAGE, j]), 1.0) - tiers[T_RATE, 0] / 1000000000.0, 0.0)
        a, b = (parameter(s, SLOT_STOP, group, owner), parameter(s, SLOT_STOP + 1, group, owner))
        stop = -call_real(
            groups[G_STOP, group], (a, b, parameter(s, SLOT_STOP + 2, group, owner), parameter(s, SLOT_STOP + 3, group, owner), distance)
        )
    if groups[G_UPPER, group] != 0:
        peak = (float(positions[P_PEAK, j]) / entry - 1.0) * (1.0 if lots > 0 else -1.0)
        a, b = (parameter(s, SLOT_PROFIT, group, owner), parameter(s, SLOT_PROFIT + 1, group, owner))
        c, d = (parameter(s, SLOT_PROFIT + 2, group, owner), parameter(s, SLOT_PROFIT + 3, group, owner))
        context = (a, b, c, d, float(positions[P_STAGE, j]), peak)
        upper = call_real(groups[G_UPPER, group], context)
        if groups[G_LOWER, group] != 0:
            lower = call_real(groups[G_LOWER, group], context)
    return (stop, lower, upper)


def refresh_bands(s, account):
    """Set the wake bands of an account's positions as it stands."""
    equity, total = equity_and_maintenance(s, account)
    set_bands(s, account, equity, total)


def set_bands(s, account, equity, total):
    """Set the wake bands of an account with this equity and maintenance margin, so that no joint move of the marks inside them can breach
    maintenance or pass an exit.

    The slack (equity - maintenance) is shared equally over the k open positions; one tick against position j costs at most
    |lots| x unit x (1 + rate of the tier at twice the notional), and the band never reaches beyond twice the mark, where that rate holds.
    An account below maintenance (ADL or a fee may cost it its margin) has no band: it stays awake wherever the mark goes.
    """
    accounts, positions, contracts, tiers = (state.accounts(s), state.positions(s), state.contracts(s), state.tiers(s))
    owners, bands, groups = (state.owners(s), state.bands(s), state.groups(s))
    first, count, owner = (accounts[A_FIRST, account], accounts[A_COUNT, account], accounts[A_OWNER, account])
    group = owners[O_GROUP, owner]
    has_exits = groups[G_STOP, group] != 0 or groups[G_UPPER, group] != 0
    slack = float(equity - total)
    if count > 1:
        held = 0
        for j in range(first, first + count):
            held += positions[P_LOTS, j] != 0
        slack /= max(held, 1)
    for j in range(first, first + count):
        lots = positions[P_LOTS, j]
        if lots == 0:
            bands[B_LOW, j], bands[B_HIGH, j] = (-NEVER, NEVER)
            continue
        if slack < 0.0:
            bands[B_LOW, j], bands[B_HIGH, j] = (NEVER, -NEVER)
            continue
        contract = state.bands(s)[B_CONTRACT, j]
        mark, unit = (contracts[C_MARK, contract], contracts[C_UNIT, contract])
        value = abs(lots) * mark * unit
        rate = tiers[T_RATE, tier_of(tiers, 2 * value)] / 1000000000.0
        room = np.int64(min(slack / (float(abs(lots) * unit) * (1.0 + rate)), 2.0 * mark))
        low, high = (mark - room, 2 * mark) if lots > 0 else (-NEVER, min(mark + room, 2 * mark))
        if has_exits:
            entry = entry_price(s, j)
            stop, lower, over = exit_levels(s, j, owner, entry)
            under = max(stop, lower)
            if lots > 0:
                low = max(low, np.int64(min(max(entry * (1.0 + under), -1.0), 2.0 * mark)) + 1)
                high = min(high, np.int64(min(entry * (1.0 + over), 2.0 * mark)))
            else:
                high = min(high, np.int64(min(entry * (1.0 - under), 2.0 * mark)))
                low = max(low, np.int64(min(max(entry * (1.0 - over), -1.0), 2.0 * mark)) + 1)
        bands[B_LOW, j], bands[B_HIGH, j] = (low, high)
