"""The waterfall of one round: detect, liquidate in the market, hand over to the fund, name what is left for ADL."""

import numpy as np

from adlabm.kernels import state
from adlabm.kernels.columns import (
    A_BALANCE,
    A_COUNT,
    A_FIRST,
    A_IDENTITY,
    A_OWNER,
    A_STATUS,
    A_STEPS,
    ADL_TRIGGER,
    BANKRUPT,
    C_LIQUIDATED,
    C_MARK,
    C_UNIT,
    C_VOLUME,
    DRAWN,
    F_BUDGET,
    F_FORCED,
    FORCED,
    FUND,
    FUND_DRAW,
    FUND_GAIN,
    G_REENTRY,
    GAINED,
    K_ADLS,
    K_CAPACITY,
    K_DEFICIT,
    K_ENGINE,
    K_EXTERNAL,
    K_FIRST_ADL,
    K_FIRST_LIQUIDATION,
    K_FRACTION,
    K_FUND_RULE,
    K_LAST_LIQUIDATION,
    K_LIQUIDATION_FEE,
    K_LIQUIDITY,
    K_NOW,
    K_PEAK,
    K_QUEUE,
    K_REQUESTS,
    K_SELLS_ON,
    K_SURPLUS_TO_FUND,
    K_TICK,
    K_TRIGGER,
    K_TRIGGER_START,
    K_TRIGGER_STOP,
    K_TRIGGERED,
    K_UNCOVERED,
    K_UNTIL_HEALTHY,
    K_UNWIND_MS,
    LIQUIDATING,
    LIQUIDATION,
    M_ACCOUNT,
    M_LEFT,
    M_LOTS,
    M_PRICE,
    M_ROW,
    MAKER,
    MOVED,
    NANO,
    NEVER,
    NORMAL,
    O_GROUP,
    O_LIQUIDATED,
    O_LIQUIDATIONS,
    O_WALLET,
    P_ACCOUNT,
    P_CLOCK,
    P_CONTRACT,
    P_ENTRY,
    P_HIGH,
    P_LOTS,
    P_LOW,
    P_REACT,
    R_MOVE_LIMIT,
    T_FLOOR,
    TAKEN_OVER,
    TAKEOVER,
    UNCOVERED_LOSS,
    UNWOUND,
    WRITTEN_OFF,
)  # fmt: skip
from adlabm.kernels.integers import mul_div, mul_div_up
from adlabm.kernels.ledger import conserved, event, fill, move, post
from adlabm.kernels.margin import bankruptcy_price, equity_of, maintenance_of, position_maintenance, refresh_bands, tier_of, value_of
from adlabm.kernels.market import capacity, walk, walk_limit, walk_price
from adlabm.kernels.rules import call_integer
from adlabm.kernels.seats import set_alarm, wait
from adlabm.kernels.trading import note_leverage, special_row

B_ROW, B_WANT = range(2)
BOOK_COLUMNS = 2

__all__ = [
    "enqueue", "fund_inventory", "finish_account", "largest_first", "wanted", "market_room", "market_price", "sell_forced",
    "affordable", "take_over", "sell_on", "pay_and_sell", "hand_over", "request", "update_trigger", "unwind", "offer_excess",
    "sort_by", "sort_queue", "write_orders", "limit_of", "work_orders", "work_queue", "waterfall", "close_waterfall",
]  # fmt: skip


def enqueue(s, account):
    """Put an account below maintenance into liquidation: its pending reactions are cancelled and it is worked from this round on."""
    owners, accounts, positions, clock = (state.owners(s), state.accounts(s), state.positions(s), state.clock(s))
    queue = state.queue(s)
    owner = accounts[A_OWNER, account]
    accounts[A_STATUS, account], accounts[A_STEPS, account] = (LIQUIDATING, -1)
    queue[clock[K_QUEUE]] = account
    clock[K_QUEUE] += 1
    owners[O_LIQUIDATIONS, owner] += 1
    note_leverage(s, owner, account, False)
    for j in range(accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account]):
        positions[P_LOW, j], positions[P_HIGH, j], positions[P_REACT, j] = (-NEVER, NEVER, NEVER)
        set_alarm(s, j)


def fund_inventory(s):
    """Notional (micro, mark) of the fund's inventory."""
    contracts = state.contracts(s)
    total = 0
    for contract in range(contracts.shape[1]):
        total += abs(value_of(s, special_row(s, FUND, contract)))
    return total


def finish_account(s, account):
    """When an account in liquidation holds nothing more: surplus to the fund (or the trader), a deficit from the fund's cash, the rest
    written off.

    What a bankrupt account keeps is the tick's residue of its bankruptcy prices: the fund's, whoever gets a surplus.
    """
    owners, accounts, positions, groups = (state.owners(s), state.accounts(s), state.positions(s), state.groups(s))
    clock = state.clock(s)
    first, last = (accounts[A_FIRST, account], accounts[A_FIRST, account] + accounts[A_COUNT, account])
    for j in range(first, last):
        if positions[P_LOTS, j] != 0:
            return
    owner, balance = (accounts[A_OWNER, account], accounts[A_BALANCE, account])
    if balance < 0:
        paid = min(-balance, max(accounts[A_BALANCE, FUND], 0))
        if paid > 0:
            move(s, FUND, account, paid, DRAWN)
            event(s, FUND_DRAW, owner, FUND, -1, 0, 0, 0, paid)
            conserved(s)
        if paid < -balance:
            lost = -balance - paid
            post(s, account, lost, WRITTEN_OFF)
            clock[K_UNCOVERED] += lost
            event(s, UNCOVERED_LOSS, owner, -1, -1, 0, 0, 0, lost)
            conserved(s)
    elif balance > 0 and (clock[K_SURPLUS_TO_FUND] != 0 or accounts[A_STATUS, account] == BANKRUPT):
        move(s, account, FUND, balance, GAINED)
        event(s, FUND_GAIN, owner, FUND, -1, 0, 0, 0, balance)
        conserved(s)
    elif balance > 0 and account != owners[O_WALLET, owner]:
        move(s, account, owners[O_WALLET, owner], balance, MOVED)
        conserved(s)
    accounts[A_STATUS, account] = NORMAL
    pause = groups[G_REENTRY, owners[O_GROUP, owner]]
    for j in range(first, last):
        wait(s, j, owner)
        if pause > 0:
            positions[P_CLOCK, j] += pause
        set_alarm(s, j)


def largest_first(s, account, done):
    """The account's position with the largest maintenance margin (ties:

    contract) that the bit mask `done` does not name; -1 when there is none.
    """
    accounts, positions = state.accounts(s), state.positions(s)
    first = accounts[A_FIRST, account]
    best, best_value = -1, -1
    for j in range(first, first + accounts[A_COUNT, account]):
        if positions[P_LOTS, j] == 0 or (done >> (j - first)) & 1:
            continue
        value = position_maintenance(s, j)
        if value > best_value:
            best, best_value = j, value
    return best


def wanted(s, j, account, equity, total):
    """Lots that the liquidation engine wants to close of position j (between 1 and all)."""
    accounts, positions, contracts, tiers = (state.accounts(s), state.positions(s), state.contracts(s), state.tiers(s))
    clock = state.clock(s)
    lots, contract = (abs(positions[P_LOTS, j]), positions[P_CONTRACT, j])
    per_lot = contracts[C_MARK, contract] * contracts[C_UNIT, contract]
    floor = tiers[T_FLOOR, tier_of(tiers, lots * per_lot)]
    lower = max(floor - 1, 0) // per_lot
    answer = call_integer(clock[K_ENGINE], (lots, lower, equity, total, accounts[A_STEPS, account], clock[K_FRACTION]))
    return min(max(answer, 1), lots)


def market_room(s, contract, sign, limit):
    """Lots that the market takes in direction `sign` this round at `limit` (ticks) or better."""
    contracts, reals, clock = (state.contracts(s), state.reals(s), state.clock(s))
    if clock[K_EXTERNAL] != 0:
        mark = contracts[C_MARK, contract]
        if (sign < 0 and mark < limit) or (sign > 0 and mark > limit):
            return 0
        return NEVER if clock[K_LIQUIDITY] == 0 else max(np.int64(reals[F_BUDGET, contract]), 0)
    room = min(walk_limit(s, contract, sign, limit), reals[F_BUDGET, contract])
    return capacity(s, contract, sign, room)


def market_price(s, contract, lots, limit):
    """Average price (ticks) of a forced walk of `lots` (signed), never worse than its limit; consumes the book."""
    contracts, reals, clock = (state.contracts(s), state.reals(s), state.clock(s))
    if clock[K_EXTERNAL] != 0:
        reals[F_BUDGET, contract] -= abs(lots)
        return contracts[C_MARK, contract]
    price, _ = walk_price(s, contract, lots)
    walk(s, contract, lots)
    return max(price, limit) if lots < 0 else min(price, limit)


def sell_forced(s, book, first, last, sign, contract, room, limit):
    """Fill the forced orders [first, last) of `book` from `room` lots at one average price, pro rata, left-over lots one each in the
    order they stand (identity).
    """
    owners, accounts, positions, contracts = (state.owners(s), state.accounts(s), state.positions(s), state.contracts(s))
    reals, clock = (state.reals(s), state.clock(s))
    total = 0
    for i in range(first, last):
        total += book[B_WANT, i]
    done = min(total, room)
    price = market_price(s, contract, sign * done, limit)
    left = done
    for i in range(first, last):
        left -= mul_div(book[B_WANT, i], done, total)
    unit = contracts[C_UNIT, contract]
    for i in range(first, last):
        lots = mul_div(book[B_WANT, i], done, total)
        if left > 0 and lots < book[B_WANT, i]:
            lots += 1
            left -= 1
        if lots == 0:
            continue
        j = book[B_ROW, i]
        account = positions[P_ACCOUNT, j]
        owner = accounts[A_OWNER, account]
        accounts[A_STEPS, account] += 1
        fill(s, j, sign * lots, price, FORCED)
        fill(s, special_row(s, MAKER, contract), -sign * lots, price, FORCED)
        notional = lots * price * unit
        contracts[C_LIQUIDATED, contract] += notional
        contracts[C_VOLUME, contract] += notional
        owners[O_LIQUIDATED, owner] += notional
        reals[F_FORCED, contract] += float(lots) if sign < 0 else 0.0
        event(s, LIQUIDATION, owner, MAKER, contract, sign * lots, price, limit, 0)
        conserved(s)
        charge = min(mul_div_up(notional, clock[K_LIQUIDATION_FEE], NANO), abs(price - limit) * lots * unit)
        if charge > 0:
            move(s, account, FUND, charge, GAINED)
            event(s, FUND_GAIN, owner, FUND, contract, 0, 0, 0, charge)
            conserved(s)


def affordable(s, lots, gap, value):
    """Lots of `lots` that the fund rule takes at a loss of `gap` and a mark value of `value` (micro per lot)."""
    accounts, clock = (state.accounts(s), state.clock(s))
    equity = equity_of(s, FUND)
    answer = call_integer(clock[K_FUND_RULE], (lots, gap, value, equity, accounts[A_BALANCE, FUND], fund_inventory(s), clock[K_CAPACITY]))
    return min(max(answer, 0), lots)


def take_over(s, j, owner, lots, price):
    """The fund takes `lots` of position j at `price`."""
    positions = state.positions(s)
    contract = positions[P_CONTRACT, j]
    sign = -1 if positions[P_LOTS, j] > 0 else 1
    fill(s, j, sign * lots, price, TAKEN_OVER)
    fill(s, special_row(s, FUND, contract), -sign * lots, price, TAKEN_OVER)
    event(s, TAKEOVER, owner, FUND, contract, sign * lots, price, price, 0)
    conserved(s)


def sell_on(s, contract, lots, code):
    """The fund trades `lots` (signed) in the market at whatever the walk costs; returns the average price."""
    contracts, reals = (state.contracts(s), state.reals(s))
    price = market_price(s, contract, lots, 1 if lots < 0 else NEVER)
    fill(s, special_row(s, FUND, contract), lots, price, code)
    fill(s, special_row(s, MAKER, contract), -lots, price, code)
    contracts[C_VOLUME, contract] += abs(lots) * price * contracts[C_UNIT, contract]
    reals[F_FORCED, contract] += float(-lots) if lots < 0 else 0.0
    conserved(s)
    return price


def pay_and_sell(s, j, owner, price):
    """Fund rule that sells on:

    take over what it can sell this round and pay for, lot by lot; returns (lots left, whether cash was the limit).
    """
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    contract, lots = (positions[P_CONTRACT, j], abs(positions[P_LOTS, j]))
    sign, unit = (-1 if positions[P_LOTS, j] > 0 else 1, contracts[C_UNIT, positions[P_CONTRACT, j]])
    room = min(lots, market_room(s, contract, sign, 1 if sign < 0 else NEVER))
    low, high = (0, room)
    while low < high:
        middle = (low + high + 1) // 2
        average = contracts[C_MARK, contract]
        if clock[K_EXTERNAL] == 0:
            average, _ = walk_price(s, contract, sign * middle)
        gap = max((price - average) * -sign, 0) * unit
        if affordable(s, middle, gap, average * unit) == middle:
            low = middle
        else:
            high = middle - 1
    if low > 0:
        take_over(s, j, owner, low, price)
        cash = accounts[A_BALANCE, FUND]
        sell_on(s, contract, sign * low, UNWOUND)
        change = accounts[A_BALANCE, FUND] - cash
        if change != 0:
            event(s, FUND_GAIN if change > 0 else FUND_DRAW, owner, FUND, contract, 0, 0, 0, abs(change))
    return (lots - low, low < room)


def hand_over(s, account):
    """A bankrupt account's positions, largest margin first, at its attributed bankruptcy prices:

    to the fund while its rule takes them, else to ADL.
    """
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    owner = accounts[A_OWNER, account]
    if accounts[A_STATUS, account] != BANKRUPT:
        accounts[A_STATUS, account] = BANKRUPT
        clock[K_DEFICIT] += max(-equity_of(s, account), 0)
    done = 0
    while True:
        j = largest_first(s, account, done)
        if j < 0:
            break
        done |= 1 << (j - accounts[A_FIRST, account])
        equity, total = (equity_of(s, account), maintenance_of(s, account))
        price = bankruptcy_price(s, j, equity, total)
        contract = positions[P_CONTRACT, j]
        mark, unit = (contracts[C_MARK, contract], contracts[C_UNIT, contract])
        lots = abs(positions[P_LOTS, j])
        if clock[K_TRIGGERED] == 0:
            if clock[K_SELLS_ON] != 0:
                left, short = pay_and_sell(s, j, owner, price)
                if left > 0 and (not short):
                    continue
            else:
                gap = (price - mark if positions[P_LOTS, j] > 0 else mark - price) * unit
                taken = affordable(s, lots, gap, mark * unit)
                if taken > 0:
                    take_over(s, j, owner, taken, price)
        if positions[P_LOTS, j] != 0:
            request(s, account, j, abs(positions[P_LOTS, j]), price)
    finish_account(s, account)


def request(s, account, j, lots, price):
    """Name `lots` of position j for ADL at `price`."""
    accounts, positions, clock, requests = (state.accounts(s), state.positions(s), state.clock(s), state.requests(s))
    row = requests[clock[K_REQUESTS]]
    row[M_ACCOUNT], row[M_ROW], row[M_LOTS], row[M_PRICE], row[M_LEFT] = (account, j, lots, price, lots)
    clock[K_REQUESTS] += 1
    sign = -1 if positions[P_LOTS, j] > 0 else 1
    event(s, ADL_TRIGGER, accounts[A_OWNER, account], -1, positions[P_CONTRACT, j], sign * lots, price, price, equity_of(s, FUND))
    clock[K_ADLS] += 1
    if clock[K_FIRST_ADL] < 0:
        clock[K_FIRST_ADL] = clock[K_TICK]


def update_trigger(s):
    """Ask the trigger rule, with the fund's equity and its peak over the window, whether ADL goes before the fund."""
    clock, peaks = (state.clock(s), state.peaks(s))
    equity, peak = (equity_of(s, FUND), clock[K_PEAK])
    for b in range(peaks.size):
        peak = max(peak, peaks[b])
    context = (
        clock[K_TRIGGERED],
        equity,
        max(peak, equity),
        fund_inventory(s),
        clock[K_CAPACITY],
        clock[K_TRIGGER_START],
        clock[K_TRIGGER_STOP],
    )
    clock[K_TRIGGERED] = 1 if call_integer(clock[K_TRIGGER], context) != 0 else 0


def unwind(s, elapsed_ms):
    """The fund trades its inventory down at its rate: ceil(lots x elapsed / time) a round, within the round's room, at the market."""
    positions, contracts, clock = (state.positions(s), state.contracts(s), state.clock(s))
    if clock[K_UNWIND_MS] == 0:
        return
    for contract in range(contracts.shape[1]):
        lots = positions[P_LOTS, special_row(s, FUND, contract)]
        if lots == 0:
            continue
        sign = -1 if lots > 0 else 1
        part = min(mul_div_up(abs(lots), elapsed_ms, clock[K_UNWIND_MS]), abs(lots))
        part = min(part, market_room(s, contract, sign, 1 if sign < 0 else NEVER))
        if part > 0:
            sell_on(s, contract, sign * part, UNWOUND)


def offer_excess(s):
    """Inventory that the fund can no longer carry (notional beyond the multiple of its equity) is offered to ADL once a round, at the
    price of its takeover.
    """
    positions, contracts, clock = (state.positions(s), state.contracts(s), state.clock(s))
    if clock[K_SELLS_ON] != 0:
        return
    carried = max(mul_div(max(equity_of(s, FUND), 0), clock[K_CAPACITY], NANO), 0)
    excess = fund_inventory(s) - carried
    for contract in range(contracts.shape[1]):
        j = special_row(s, FUND, contract)
        lots = abs(positions[P_LOTS, j])
        if excess <= 0 or lots == 0:
            continue
        unit = contracts[C_UNIT, contract]
        per_lot = contracts[C_MARK, contract] * unit
        offered = min(lots, -(-excess // per_lot))
        excess -= offered * per_lot
        price = max((abs(positions[P_ENTRY, j]) + lots * unit // 2) // (lots * unit), 1)
        request(s, FUND, j, offered, price)


def sort_by(ratio, identity):
    """Order (int64) by ratio, then identity, both ascending: a bottom-up merge sort."""
    n = ratio.size
    order, spare = np.arange(n), np.arange(n)
    width = 1
    while width < n:
        for low in range(0, n, 2 * width):
            middle, high = min(low + width, n), min(low + 2 * width, n)
            i, j = low, middle
            for at in range(low, high):
                first = j >= high
                if not first and i < middle:
                    x, y = order[i], order[j]
                    first = ratio[x] < ratio[y] or (ratio[x] == ratio[y] and identity[x] <= identity[y])
                if first and i < middle:
                    spare[at] = order[i]
                    i += 1
                else:
                    spare[at] = order[j]
                    j += 1
        order, spare = spare, order
        width *= 2
    return order


def sort_queue(s):
    """Order the queue by margin ratio (equity over maintenance, worst first), equal ratios by identity. Returns the ratios."""
    accounts, clock, queue = state.accounts(s), state.clock(s), state.queue(s)
    n = clock[K_QUEUE]
    identity, ratio, listed = np.empty(n, np.int64), np.empty(n, np.float64), np.empty(n, np.int64)
    for i in range(n):
        listed[i] = queue[i]
        identity[i] = accounts[A_IDENTITY, listed[i]]
        ratio[i] = float(equity_of(s, listed[i])) / max(float(maintenance_of(s, listed[i])), 1.0)
    order = sort_by(ratio, identity)
    for i in range(n):
        queue[i] = listed[order[i]]
    return ratio[order]


def write_orders(s, ratio):
    """Forced orders of the round: solvent accounts in order of margin ratio, the positions of equal ratios interleaved by their rank in
    the account.

    Returns the order table (int64, columns B_*) and its ratios. An engine that works until the account is healthy orders only the
    largest position.
    """
    accounts, clock, queue = (state.accounts(s), state.clock(s), state.queue(s))
    n, size = (clock[K_QUEUE], 0)
    done = np.zeros(n, np.int64)
    for i in range(n):
        size += accounts[A_COUNT, queue[i]]
    book, ratios = (np.empty((BOOK_COLUMNS, size), np.int64), np.empty(size, np.float64))
    m = i = 0
    while i < n:
        end = i + 1
        while end < n and ratio[end] == ratio[i]:
            end += 1
        found = True
        while found:
            found = False
            for x in range(i, end):
                account = queue[x]
                equity = equity_of(s, account)
                if equity <= 0 or done[x] == -1:
                    continue
                total = maintenance_of(s, account)
                if clock[K_UNTIL_HEALTHY] != 0 and equity >= total:
                    continue
                j = largest_first(s, account, done[x])
                if j < 0:
                    done[x] = -1
                    continue
                done[x] = -1 if clock[K_UNTIL_HEALTHY] != 0 else done[x] | (1 << (j - accounts[A_FIRST, account]))
                book[B_ROW, m], book[B_WANT, m], ratios[m] = (j, wanted(s, j, account, equity, total), ratio[x])
                found = True
                m += 1
        i = end
    return (book[:, :m], ratios[:m])


def limit_of(s, j):
    """Bankruptcy price of position j as its account stands now."""
    positions = state.positions(s)
    account = positions[P_ACCOUNT, j]
    return bankruptcy_price(s, j, equity_of(s, account), maintenance_of(s, account))


def work_orders(s, book, ratios):
    """Work the forced orders in turn; neighbours of equal ratio, contract, side and limit share one average."""
    positions = state.positions(s)
    i, n = (0, ratios.size)
    while i < n:
        j = book[B_ROW, i]
        limit, contract, long = (limit_of(s, j), positions[P_CONTRACT, j], positions[P_LOTS, j] > 0)
        last = i + 1
        while last < n and ratios[last] == ratios[i]:
            other = book[B_ROW, last]
            if positions[P_CONTRACT, other] != contract or (positions[P_LOTS, other] > 0) != long or limit_of(s, other) != limit:
                break
            last += 1
        sign = -1 if long else 1
        room = market_room(s, contract, sign, limit)
        if room > 0:
            sell_forced(s, book, i, last, sign, contract, room, limit)
        i = last


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
        elif equity <= 0:
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
    update_trigger(s)
    if clock[K_QUEUE] > 0:
        if clock[K_FIRST_LIQUIDATION] < 0:
            clock[K_FIRST_LIQUIDATION] = clock[K_TICK]
        clock[K_LAST_LIQUIDATION] = clock[K_TICK]
        work_queue(s)
    unwind(s, elapsed_ms)
    offer_excess(s)


def close_waterfall(s):
    """After ADL: what no candidate could take passes to the fund at the mark, whatever its capacity; accounts that hold nothing more
    are closed.
    """
    accounts, positions, contracts, clock = (state.accounts(s), state.positions(s), state.contracts(s), state.clock(s))
    queue, requests = (state.queue(s), state.requests(s))
    for i in range(clock[K_REQUESTS]):
        row = requests[i]
        account, j, left = (row[M_ACCOUNT], row[M_ROW], row[M_LEFT])
        if account == FUND:
            continue
        if left > 0:
            take_over(s, j, accounts[A_OWNER, account], left, contracts[C_MARK, positions[P_CONTRACT, j]])
        finish_account(s, account)
    n = 0
    for i in range(clock[K_QUEUE]):
        if accounts[A_STATUS, queue[i]] != NORMAL:
            queue[n] = queue[i]
            n += 1
    clock[K_QUEUE], clock[K_REQUESTS] = (n, 0)
    clock[K_PEAK] = max(clock[K_PEAK], equity_of(s, FUND))
