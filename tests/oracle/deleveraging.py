"""ADL of the plain exchange: who may be chosen, in which order, and who gives how much. Scores are floats, all else is whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import copysign, floor, inf
from typing import Any

from tests.oracle.books import MAKER, SEATS, Account, Books

RANKS_LOSERS = {"bitmex", "hyperliquid-node"}


@dataclass
class Candidate:
    """A position that may be chosen, with what scores read: contracts, quote currency, floats."""

    account: Account
    lots: int
    equity: int
    profit: int
    quantity: float = 0.0
    entry_price: float = 0.0
    mark_price: float = 0.0
    bankruptcy_price: float = 0.0
    balance: float = 0.0
    margin: float = 0.0
    score: float = 0.0
    lights: int = 1
    rank: int = 0

    @property
    def id(self) -> int:
        """Identity of its account."""
        return self.account.identity


def ratio(above: float, below: float) -> float:
    """above / below; where below is not positive: 0 for 0, else infinite."""
    if below > 0:
        return above / below
    return 0.0 if above == 0 else copysign(inf, above)


def times(left: float, right: float) -> float:
    """left x right with 0 x infinity = 0."""
    return 0.0 if left == 0 or right == 0 else left * right


def account_leverage(c: Candidate) -> float:
    """Notional over account equity."""
    return ratio(abs(c.quantity * c.mark_price), c.equity / 1e6)


def gain(c: Candidate) -> float:
    """Unrealised profit over entry value."""
    return ratio(c.profit / 1e6, abs(c.quantity * c.entry_price))


def bitmex(c: Candidate) -> float:
    """Return times leverage for winners, return over leverage for losers; leverage = mark value / (mark value - bankruptcy value)."""
    mark, entry = c.quantity * c.mark_price, c.quantity * c.entry_price
    r, lever = ratio(mark - entry, abs(entry)), ratio(abs(mark), mark - c.quantity * c.bankruptcy_price)
    return times(r, lever if r > 0 else ratio(1.0, lever))


def binance(c: Candidate) -> float:
    """max(0, U) / max(1, W) x MM / (W + U)."""
    equity = c.balance + c.profit / 1e6
    return max(c.profit / 1e6, 0.0) / max(c.balance, 1.0) * (ratio(c.margin, equity) if equity > 0 else 0.0)


SCORES: dict[str, Callable[[Candidate], float]] = {
    "generic": lambda c: times(gain(c), account_leverage(c)),
    "bitmex": bitmex,
    "binance": binance,
    "hyperliquid-doc": lambda c: times(1.0 + gain(c), account_leverage(c)),
    "hyperliquid-node": lambda c: times(max(account_leverage(c), 1e-8), max(gain(c), 1e-8)),
    "pnl": lambda c: c.profit / 1e6,
    "leverage": account_leverage,
    "size": lambda c: abs(c.quantity * c.mark_price),
}


def candidates(
    books: Books, contract: int, side: int, adl: Mapping[str, Any], sizes: tuple[float, float], losers: bool, both: bool = False
) -> list[Candidate]:
    """The queue of one side (+1 long) of a contract, or of both, first to be chosen first, with ranks and lights.

    Solvent accounts outside liquidation that are in profit, or also those that are not; the maker only if the venue says so; never the
    fund or the ring-fenced.
    """
    queue = adl["policy"] == "queue"
    name = adl["score"] if queue else "generic"
    found = []
    for account in books.accounts.values():
        lots = account.lots(contract)
        special = account.identity // SEATS < 3
        if (
            lots == 0
            or (lots * side < 0 and not both)
            or (special and not (account.identity == MAKER and adl["maker"]))
            or account.state != "normal"
        ):
            continue
        equity, profit = books.equity(account), books.profit(account, contract)
        if equity > 0 and (profit > 0 or losers):
            found.append(described(books, Candidate(account, lots, equity, profit), contract, sizes))
    for c in found:
        c.score = SCORES[name](c)
    found.sort(key=lambda c: (-c.score, c.id))
    for place, c in enumerate(found, 1):
        c.rank = place
    light(found)
    return found


def light(queue: list[Candidate]) -> None:
    """Lights of a queue: 5 for its first fifth of contracts."""
    whole, reached = sum(abs(c.lots) for c in queue), 0
    for c in queue:
        reached += abs(c.lots)
        c.lights = 6 - -(-5 * reached // whole)


def described(books: Books, c: Candidate, contract: int, sizes: tuple[float, float]) -> Candidate:
    """The candidate in contracts and quote currency; `sizes` = (lot, tick)."""
    lot, tick = sizes
    mark, worth = books.marks[contract], float(c.lots * books.units[contract])
    whole = books.margin(c.account)
    share = float(c.equity) * (float(books.margin_of(c.account, contract)) / float(max(whole, 1)))
    c.quantity, c.mark_price = c.lots * lot, mark * tick
    c.entry_price = float(c.account.positions[contract].entry) / worth * tick
    c.bankruptcy_price = (mark - share / worth) * tick
    c.balance, c.margin = c.account.balance / 1e6, whole / 1e6
    return c


Draw = Callable[[int], float]


def allocate(policy: str, amount: int, queue: list[Candidate], sizes: list[int], caps: list[int], draw: Draw) -> list[int]:
    """What each of the queue gives: `amount` in all, or all caps where that is more than they can give."""
    if amount >= sum(caps):
        return list(caps)
    if policy == "queue":
        return one_after_the_other(range(len(queue)), amount, caps)
    if policy == "random":
        return one_after_the_other(sorted(range(len(queue)), key=lambda i: (draw(queue[i].id), queue[i].id)), amount, caps)
    if policy == "percolator-indices":
        return by_indices(amount, queue, caps)
    return in_proportion(amount, sizes, caps, [c.id for c in queue])


def one_after_the_other(order: Any, amount: int, caps: list[int]) -> list[int]:
    """Each in turn to its cap, the last one partly."""
    given = [0] * len(caps)
    for i in order:
        given[i] = min(caps[i], amount)
        amount -= given[i]
    return given


def by_indices(amount: int, queue: list[Candidate], caps: list[int]) -> list[int]:
    """The same share of every position, up to the caps, rounded down; the rest one each by identity."""
    lots, free, rest = [abs(c.lots) for c in queue], set(range(len(queue))), Fraction(amount)
    ideal = [Fraction(cap) for cap in caps]
    while full := {i for i in free if rest * lots[i] >= caps[i] * sum(lots[k] for k in free)}:
        rest -= sum(caps[i] for i in full)
        free -= full
    for i in free:
        ideal[i] = rest * lots[i] / sum(lots[k] for k in free)
    slack = [max(Fraction(1, 10**6), x / 10**15) for x in ideal]
    given = [min(floor(x + slack[i]), caps[i]) for i, x in enumerate(ideal)]
    parts = [i for i in range(len(queue)) if ideal[i] - given[i] >= slack[i] and given[i] < caps[i]]
    for i in sorted(parts, key=lambda i: queue[i].id)[: amount - sum(given)]:
        given[i] += 1
    return given


def in_proportion(amount: int, sizes: list[int], caps: list[int], ids: list[int]) -> list[int]:
    """The same share of every size, but no more than the caps; whole numbers by largest remainders, equal ones to the lower identity."""
    given, free = [0] * len(sizes), [i for i, size in enumerate(sizes) if size > 0]
    while free:
        whole = sum(sizes[i] for i in free)
        full = [i for i in free if amount * sizes[i] >= caps[i] * whole]
        if not full:
            break
        for i in full:
            given[i] = caps[i]
            amount -= caps[i]
        free = [i for i in free if i not in full]
    if not free:
        return given
    for i in free:
        given[i] = amount * sizes[i] // whole
    left = amount - sum(given[i] for i in free)
    for i in sorted(free, key=lambda i: (-(amount * sizes[i] % whole), ids[i]))[:left]:
        given[i] += 1
    return given
