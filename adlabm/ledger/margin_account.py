"""A margin account as its venue sees it when the price of one contract moves: what stands behind the positions in that contract."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from adlabm.errors import BadInput
from adlabm.ledger.margin import Line, is_inverse, lines_of, of_notional, preset, tiers_of
from adlabm.ledger.margin_rules import MarginRule, Share, rule_for
from adlabm.ledger.positions import Position, asked, check_number, read_position

if TYPE_CHECKING:
    from adlabm.venue import Venue


@dataclass(frozen=True)
class Account:
    """A checked account.

    Attributes:
        balance: wallet, or the margin of an isolated position; settlement currency.
        moving: the positions in the contract asked about: one, or a long and a short.
        others: the other positions of a cross account, none of an isolated one.
        rule: the venue's row of [[margin]] for `moving`.
    """

    venue: Venue
    balance: float
    moving: Sequence[Position]
    others: Sequence[Position]
    rule: MarginRule

    def behind(self, share: Share, maintained: bool) -> float:
        """What `moving` can lose, counted from the entry price: free in free + U = what the account must hold.

        Args:
            share: of the account's equity; "all" holds the others at their marks. Of `moving`, what has no mark counts at its entry.
            maintained: whether the others keep what the account must hold for them ("all").
        """
        if not self.others:
            return self.balance
        if share == "all":
            held = [self._held(each) for each in self.others] if maintained else []
            return math.fsum([self.balance, *(each.profit(_mark(each)) for each in self.others), *(-each for each in held)])
        mine = [(each, each.entry if each.mark is None else each.mark) for each in self.moving]
        whole = [*mine, *((each, _mark(each)) for each in self.others)]
        equity = self.balance + math.fsum(each.profit(x) for each, x in whole)
        weights = [self._weight(each, x, share) for each, x in whole]
        if not math.fsum(weights):
            raise BadInput(f"The venue shares equity by {share}, and no position has any; give a maintenance margin above zero.")
        part = math.fsum(weights[: len(mine)]) / math.fsum(weights)
        return part * equity - math.fsum(each.profit(x) for each, x in mine)

    def _weight(self, position: Position, x: float, share: Share) -> float:
        notional = position.notional(x)
        return notional if share == "value" else of_notional(tiers_of(self.venue, position), notional)

    def _held(self, position: Position) -> float:
        """What the account must hold for another position; its closing fee is taken at its mark."""
        notional = position.notional(_mark(position))
        return max(line.mmr * notional - line.amount for line in lines_of(self.venue, position, self.rule))


def read_account(venue: str | Venue, wallet: float, positions: Sequence[Mapping[str, Any]], contract: str, margin: float | None) -> Account:
    """The checked account; `margin` makes the position in `contract` an isolated one, with wallet and others out of play."""
    venue = preset(venue)
    check_number("wallet", wallet)
    if margin is not None:
        check_number("margin", margin)
    read = [read_position(each, f"positions[{row}]", partial(is_inverse, venue)) for row, each in enumerate(positions)]
    moving = asked(read, contract)
    others = [] if margin is not None else [each for each in read if each.contract != contract]
    if margin is not None and len(moving) > 1:
        raise BadInput(f"An isolated long and short in {contract!r} have a margin each; give only the one that `margin` belongs to.")
    for each in (*moving, *others):
        if each.inverse != moving[0].inverse:
            raise BadInput(f"{each.contract!r} settles in another currency than {contract!r}; keep linear and inverse contracts apart.")
    rule = rule_for(venue.margin, moving[0].inverse, margin is not None)
    return Account(venue, float(wallet if margin is None else margin), moving, others, rule)


def crossing(free: float, positions: Sequence[Position], held: Sequence[Sequence[Line]]) -> float:
    """The x at which free + U falls to what must be held: the largest line of each position.

    Every choice of lines asks at most what must be held, so U meets it first at the highest root while it rises with x, and at the lowest
    while it falls. 0 where no x above does.
    """
    low, high = [0.0], list[float]()
    for lines in product(*held):
        slope = math.fsum(each.quantity - line.mmr * abs(each.quantity) for each, line in zip(positions, lines, strict=True))
        fixed = math.fsum([free, *(line.amount - each.quantity * each.entry for each, line in zip(positions, lines, strict=True))])
        if slope:
            (low if slope > 0 else high).append(-fixed / slope)
    net = math.fsum(each.quantity for each in positions)
    rises = not high or (net > 0 and max(low) > 0)
    return max(low) if rises else max(min(high), 0.0)


def _mark(position: Position) -> float:
    if position.mark is None:
        raise BadInput(
            f"The position in {position.contract!r} has no 'mark_price', which other positions of a cross account need; add it, or give "
            "`margin` if the position asked about is isolated."
        )
    return position.mark
