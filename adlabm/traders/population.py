"""The population: who the traders are, drawn by quantiles within their group, so that treatments and row orders leave everybody the
same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Self

import numpy as np
from numpy.typing import NDArray

from adlabm import registry
from adlabm.contracts import AtLook, ProfitTaking
from adlabm.groups import Group
from adlabm.kernels import columns as col
from adlabm.kernels.mathx import log
from adlabm.kernels.noise import exp_each, log_each, normal_each
from adlabm.kernels.rules import compile_rule
from adlabm.laws import Law, Quantity
from adlabm.streams import RunKey, Stream, name_word, uniforms

EQUITY, SIDE, OPENING, AGE, MEMBER, TRAITS = 0, 1, 2, 3, 5, 16
FAMILIES = (
    ("signals", "signal"),
    ("leverage", "leverage"),
    ("profit_taking", "profit_taking"),
    ("stops", "stop"),
    ("reactions", "reaction"),
)


@dataclass(frozen=True)
class Population:
    """What is drawn for every trader (group by group, index in the group), before accounts are laid out.

    Attributes:
        identity: int64 (n,).
        group, noise: number of the group, index of the noise; int32 (n,).
        side: int8 (n,).
        equity: micro-units, int64 (n,).
        holds: whether the trader opens with positions, bool (n,).
        age: seconds since its opening positions were entered, float64 (n,).
        value: float64 (SLOTS, groups): rule parameters that the group shares.
        column: int64 (SLOTS, groups): row of `trait` where traders differ, else -1.
        trait: float64 (rows, SPECIAL + n), as kernels index it by owner.
    """

    identity: NDArray[np.int64]
    group: NDArray[np.int32]
    noise: NDArray[np.int32]
    side: NDArray[np.int8]
    equity: NDArray[np.int64]
    holds: NDArray[np.bool_]
    age: NDArray[np.float64]
    value: NDArray[np.float64]
    column: NDArray[np.int64]
    trait: NDArray[np.float64]

    def reordered(self, order: NDArray[np.int64]) -> Self:
        """The same traders in another order, a permutation of 0..n-1."""
        trait = self.trait.copy()
        trait[:, col.SPECIAL :] = self.trait[:, col.SPECIAL + order]
        columns = {name: getattr(self, name)[order] for name in ("identity", "group", "noise", "side", "equity", "holds", "age")}
        return replace(self, trait=trait, **columns)


def quantile(law: Quantity, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """The law's quantiles at u in (0, 1); a number is its own law. Formulas: `adlabm.laws`."""
    if not isinstance(law, Law):
        return np.full(u.size, float(law))
    if law.law == "lognormal":
        out = _lognormal(u, law.sigma, law.mu)
    elif law.law == "uniform":
        out = law.low + (law.high - law.low) * u
    elif law.law == "loguniform":
        low, high = log(law.low), log(law.high)
        out = low + (high - low) * u
        exp_each(out)
    else:
        out = 2.0 * (1.0 - u)
        log_each(out)
        out *= -1.0 / law.tail
        exp_each(out)
        if law.law == "lognormal-pareto":
            body = u < 0.5
            out[body] = _lognormal(u[body], law.sigma, 0.0)
        out *= law.median
    return np.clip(out, law.lowest, law.highest, out=out)


def _lognormal(u: NDArray[np.float64], sigma: float, mu: float) -> NDArray[np.float64]:
    out = u.copy()
    normal_each(out)
    out *= sigma
    out += mu
    exp_each(out)
    return out


def ranks(key: RunKey, word: int, count: int, draw: int) -> NDArray[np.int64]:
    """A seeded permutation of 0..count-1, equal for all groups that share the noise name."""
    draws = uniforms(key, Stream.POPULATION, word, np.arange(count), draw=draw)
    order = np.argsort(draws, kind="stable")
    out = np.empty(count, np.int64)
    out[order] = np.arange(count)
    return out


def strata(key: RunKey, word: int, count: int, draw: int) -> NDArray[np.float64]:
    """The mid-quantiles (rank + 1/2) / count in seeded order."""
    return (ranks(key, word, count, draw) + 0.5) / max(count, 1)


def spread(law: Quantity, key: RunKey, word: int, count: int, draw: int) -> NDArray[np.float64] | float:
    """A law's quantiles at the mid-quantiles in seeded order; a number stays one."""
    return quantile(law, strata(key, word, count, draw)) if isinstance(law, Law) else law


def alternating(rank: NDArray[np.int64], share: float, phase: float) -> NDArray[np.bool_]:
    """True for a `share` of the ranks, evenly spread over them."""
    return np.floor((rank + 1) * share + phase) - np.floor(rank * share + phase) > 0.5


def rule_slots(group: Group) -> list[tuple[int, Quantity]]:
    """(slot, number or law) of a group's rule parameters and its pace."""
    found: list[tuple[int, Quantity]] = []
    for number, (family, attribute) in enumerate(FAMILIES):
        table = getattr(group, attribute)
        for place, name in enumerate(registry.params_of(registry.find(family, table.rule))):
            found.append((number * col.PARAMETERS + place, table.params[name]))
    return [*found, (col.SLOT_PACE, group.pace_s)]


def draw_population(groups: tuple[Group, ...], key: RunKey) -> Population:
    """Draw the traits of all groups.

    Equity, side and leverage are spread by quantiles within a group; sides alternate along the order of equity.
    """
    total = sum(group.size for group in groups)
    widest = max(sum(isinstance(law, Law) for _, law in rule_slots(group)) for group in groups)
    drawn = Population(
        trait=np.zeros((max(widest, 1), col.SPECIAL + total)),
        identity=identities(groups, key),
        group=np.empty(total, np.int32),
        noise=np.empty(total, np.int32),
        side=np.empty(total, np.int8),
        equity=np.empty(total, np.int64),
        holds=np.empty(total, np.bool_),
        age=np.empty(total),
        value=np.zeros((col.SLOTS, len(groups))),
        column=np.full((col.SLOTS, len(groups)), -1),
    )
    start = 0
    for number, group in enumerate(groups):
        _draw_group(drawn, number, group, slice(start, start + group.size), key)
        start += group.size
    return drawn


def members(group: Group, key: RunKey) -> NDArray[np.int64]:
    """Indices, in the whole group, of those who are there."""
    low, high = group.bounds
    if high - low == group.count:
        return np.arange(group.count)
    place = ranks(key, name_word(group.twin_of or group.name), group.count, MEMBER)
    return np.flatnonzero((place >= low) & (place < high))


def _draw_group(drawn: Population, number: int, group: Group, mine: slice, key: RunKey) -> None:
    """Draw one group into its stretch of the columns: the whole of it, of which its members are kept."""
    word, count, there = name_word(group.twin_of or group.name), group.count, members(group, key)
    drawn.group[mine], drawn.noise[mine] = number, there
    phase = uniforms(key, Stream.POPULATION, word, np.array([0, 1]), draw=SIDE)
    place = ranks(key, word, count, EQUITY)
    drawn.equity[mine] = np.floor(quantile(group.equity, (place + 0.5) / max(count, 1)) * 1e6)[there]
    drawn.side[mine] = np.where(alternating(place, group.long_share, phase[0]), 1, -1)[there]
    holds = alternating(np.arange(count), group.opening, phase[1])
    drawn.holds[mine] = (holds if holds.all() else holds[ranks(key, word, count, OPENING)])[there]
    wait = 1.0 - strata(key, word, count, AGE)
    log_each(wait)
    drawn.age[mine] = (-wait * spread(group.holding_s, key, word, count, AGE + 1))[there]
    used = 0
    for slot, law in rule_slots(group):
        if isinstance(law, Law):
            drawn.column[slot, number] = used
            tied = group.copula and slot // col.PARAMETERS == col.SLOT_LEVERAGE // col.PARAMETERS
            own = coupled(law, group, place, key, word, TRAITS + slot) if tied else quantile(law, strata(key, word, count, TRAITS + slot))
            drawn.trait[used, col.SPECIAL :][mine] = own[there]
            used += 1
        else:
            drawn.value[slot, number] = law


def coupled(law: Quantity, group: Group, place: NDArray[np.int64], key: RunKey, word: int, draw: int) -> NDArray[np.float64]:
    """A law's mid-quantiles, assigned by a Gaussian copula with the ranks `place` of equity.

    Formula: rank of r Z(equity) + sqrt(1 - r^2) Z(own draw), r the copula's correlation. Source: market models 2.3.
    """
    own, rich = strata(key, word, group.count, draw), (place + 0.5) / group.count
    normal_each(own)
    normal_each(rich)
    order = np.argsort(group.copula * rich + sqrt(1.0 - group.copula**2) * own, kind="stable")
    rank = np.empty(group.count)
    rank[order] = np.arange(group.count)
    return quantile(law, (rank + 0.5) / group.count)


def identities(groups: tuple[Group, ...], key: RunKey) -> NDArray[np.int64]:
    """Identities from 3 on in the order of the scenario; among twins seeded draws decide who has the smaller one.

    The k-th twin changes places with one of the family so far, itself included, each equally likely (Fisher and Yates).
    """
    starts, there, n = {}, {}, 0
    for group in groups:
        starts[group.name], there[group.name] = n, members(group, key)
        n += group.size
    identity = np.arange(col.SPECIAL, col.SPECIAL + n)
    families: dict[str, list[str]] = {}
    for group in groups:
        if group.twin_of:
            family = families.setdefault(group.twin_of, [group.twin_of])
            u = uniforms(key, Stream.TWINS, name_word(group.twin_of), np.arange(group.count), draw=len(family) - 1)
            for number, other in enumerate(family):
                _, mine, its = np.intersect1d(there[group.name], there[other], assume_unique=True, return_indices=True)
                swap = (u[there[group.name][mine]] * (len(family) + 1)).astype(np.int64) == number
                ours, theirs = starts[group.name] + mine[swap], starts[other] + its[swap]
                identity[ours], identity[theirs] = identity[theirs], identity[ours]
            family.append(group.name)
    return identity


def group_table(groups: tuple[Group, ...], population: Population, python: frozenset[str]) -> NDArray[np.int64]:
    """The groups' integer table: addresses of their rules, paces, modes (see `adlabm.kernels.columns`)."""
    table = np.zeros((col.GROUP_COLUMNS, len(groups)), np.int64)
    for n, group in enumerate(groups):
        signal, leverage, profit, stop, reaction = (registry.find(family, getattr(group, name).rule) for family, name in FAMILIES)
        table[col.G_WORD, n] = name_word(group.twin_of or group.name)
        table[col.G_ISOLATED, n] = group.mode == "isolated"
        table[col.G_SEATS, n] = len(group.contracts)
        table[col.G_HEDGED, n], table[col.G_ATTENTION, n] = signal.hedged, round(1e9 * group.attention)
        table[col.G_GAMBLE, n], table[col.G_QUOTES, n] = round(1e9 * group.gamble), signal.quotes
        table[col.G_SIGNAL, n] = compile_rule(signal.want, "real")
        table[col.G_LEVERAGE, n] = compile_rule(leverage.choose, "real")
        table[col.G_REBALANCE, n] = leverage.rebalance
        if profit.key != "none":
            table[col.G_UPPER, n], table[col.G_PART, n] = compile_rule(profit.upper, "real"), compile_rule(profit.part, "real")
            if profit.lower is not ProfitTaking.lower:
                table[col.G_LOWER, n] = compile_rule(profit.lower, "real")
        if stop.key != "none":
            table[col.G_STOP, n] = compile_rule(stop.loss, "real")
        if reaction.reads_lights or reaction.reads_notices:
            table[col.G_REACTION, n] = compile_rule(reaction.close, "real")
        table[col.G_READS_LIGHTS, n], table[col.G_READS_NOTICES, n] = reaction.reads_lights, reaction.reads_notices
        delay = group.reaction.params.get("delay_s", 0.0)
        table[col.G_DELAY, n] = round(1000 * quantile(delay, np.array([0.5]))[0])
        table[col.G_REENTRY, n], table[col.G_WITHDRAW, n] = round(1000 * group.reentry_s), round(1e9 * group.withdraw)
        table[col.G_PYTHON, n] = group.name in python
        table[col.G_LIMIT, n], table[col.G_SLICE, n] = round(1e9 * group.limit), round(1e9 * group.slice) % 10**9
        for place, rule in ((col.G_PROFIT_LOOK, profit), (col.G_STOP_LOOK, stop)):
            if rule.at_look is not AtLook.at_look:
                table[place, n] = compile_rule(rule.at_look, "real")
        table[col.G_COLUMN : col.G_COLUMN + col.SLOTS, n] = population.column[:, n]
    return table
