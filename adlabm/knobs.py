"""The eight knobs of a venue: what is published about its deleveraging, in a closed set of words, and which of it the engine runs.

Source of the knobs: venue notes, section 1. Where a rule of this project does what is published, the word is the rule's key.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from adlabm import registry
from adlabm.formulas import UNPUBLISHED, Lights
from adlabm.schema import Table, known_word

if TYPE_CHECKING:
    from adlabm.venue import Venue

SILENT = {UNPUBLISHED: "the pages read do not say; the engine runs the plainest reading"}
WORDS: dict[str, dict[str, str]] = {
    "trigger": {
        "exhausted": "an order finds nobody at its bankruptcy price, and the fund's own rule can take no more",
        "drawdown": "the fund has fallen by a share of its 8-hour peak, until the fall is below a smaller share",
        "capacity": "the fund's inventory has reached a share of its limit, until it is below a smaller share",
        "contract-drawdown": "the loss of one contract has reached a share of the pool's 8-hour peak, until it is below a smaller share",
        "negative-equity": "the value of the account, or of the isolated position, is below zero",
        "unfilled": "the mark has reached the bankruptcy price before the liquidation is done",
        "unmatched": "the volume of liquidations that found nobody has reached a limit",
        "thin-book": "the book is too thin for the liquidation",
        "no-backstop": "no appointed liquidity provider has room left",
        "vault-full": "equity is below zero, and the vault would fall below its own initial margin",
        "pool-factor": "the profit of one side has reached a share of the pool that pays it, until it is back in a band",
        "residual": "every loss of a bankruptcy that the stages before have left",
        "final-settlement": "the contract is being settled for good",
        **SILENT,
    },
    "backstop": {
        "book": "forced orders in the order book",
        "tiers": "reductions to lower margin tiers, tested again after each",
        "steps": "reductions by a fixed share, tested again after each",
        "partial": "a reduction by as much as the margin asks for",
        "net": "the long against the short of a hedged account",
        "auction": "an auction at a falling price",
        "liquidators": "third parties who take positions for a reward",
        "covered": "an order close to the best bid or ask",
        "providers": "appointed liquidity providers who take positions over",
        "vault": "a vault of depositors that takes positions over",
        "fund": "the insurance fund",
        "amm-fees": "the fees that the market's own maker has earned",
        **SILENT,
    },
    "filter": {
        "opposite": "positions of the other side only",
        "both-sides": "positions of either side",
        "profitable": "positions in profit only",
        "losers-last": "positions in profit first, then those at a loss",
        "solvency-overlap": "nobody whom the price would bankrupt",
        "own-accounts-first": "other accounts of the same owner first",
        "joint-hedge": "the long and the short of a hedged account with one score for both",
        "withdrawing": "whoever withdraws",
        **SILENT,
    },
    "score": {
        "generic": "return times leverage of the account",
        "bitmex": "return times leverage by the distance to bankruptcy, losses over leverage",
        "binance": "profit over wallet times margin ratio",
        "okx": "return over the account's margin level, losses times the margin level",
        "bitget": "return times the account's maintenance-margin rate, losses over it",
        "kucoin": "return times effective leverage, losses over it",
        "gate": "return times leverage",
        "coinex": "ratio of mark and entry value times leverage at opening",
        "bluefin": "return over the larger of margin ratio and maintenance rate",
        "ethereal": "leverage, then profit, then the smaller balance, then the newer account",
        "hyperliquid-doc": "one plus return, times leverage of the account (documentation)",
        "hyperliquid-node": "return times leverage of the account, each with a floor (decompiled node)",
        "none": "nobody is ranked",
        **SILENT,
    },
    "rationing": {
        "queue": "one after the other by score, the last one partly",
        "random": "one after the other in random order, the last one partly",
        "dydx-offset": "from a random place through the list of holders, each to the end",
        "keeper": "a keeper picks positions as long as a band allows it",
        "contract-pro-rata": "the same share of every candidate's position",
        "pnl-pro-rata": "the same share of every candidate's profit",
        "percolator-indices": "the same share of every position of the other side, through two indices",
        "socialised-loss": "the same loss on every unit of size, through an index",
        "withdrawal-charge": "the same share of every withdrawal while a loss is open",
        **SILENT,
    },
    "price": {
        "bankruptcy": "where the liquidated account ends at zero",
        "mark": "the mark",
        "previous-mark": "the mark before",
        "bankruptcy-near-mark": "the bankruptcy price; the mark where that is more than 5 % away",
        "mark-capped": "the mark, but none that is worse for the fund than the first bankruptcy price",
        "zero-price": "the price, or a better one, at which the share of equity in maintenance margin stays as it is",
        "reference-spread": "a reference price, and a spread against the liquidated account",
        "none": "no position is closed",
        **SILENT,
    },
    "size": {
        "residual": "all that is left of the position",
        "shortfall": "as much as brings the loss back to its limit",
        "band": "as much as brings the trigger's ratio back into a band",
        "loss": "the loss only, positions stay",
        **SILENT,
    },
    "effects": {
        "lights": "everybody sees an indicator of the place in the queue",
        "no-fee": "the deleveraged pay no fee",
        "cancel-orders": "open orders of the deleveraged are cancelled",
        "maker-fee": "the deleveraged pay the maker's fee",
        "normal-fees": "the deleveraged pay the fees of any order",
        "commission-to-receiver": "a commission of the liquidated account goes to those who take the position",
        "withdrawals-gated": "withdrawals stop while a loss is open",
        "withdrawals-scaled": "profit can be withdrawn at the share that is covered",
        "clawback": "profits may be claimed back later",
    },
}
"""Knob -> word -> meaning."""
STAGES = {"slices": "steps"}
"""Engine -> word, where they differ: both reduce by a fixed share."""
ALIKE = {"zero-price": "bankruptcy", "unfilled": "negative-equity", "vault-full": "exhausted", "liquidators": "providers"}
"""Words for what is one thing in the engine: the price by shares of maintenance margin is both; where the mark reaches it, an account of
one position has nothing left; a capacity of 1 / initial margin fills a vault; third parties who take positions at a discount provide."""


class Knobs(Table):
    """What a venue publishes: any of `trigger` starts ADL, after the `backstop` stages in their order, for candidates that pass every
    `filter`; `WORDS` says what each word means.
    """

    trigger: Annotated[tuple[str, ...], Field(strict=False, min_length=1), AfterValidator(partial(known_word, WORDS["trigger"]))]
    backstop: Annotated[tuple[str, ...], Field(strict=False), AfterValidator(partial(known_word, WORDS["backstop"]))]
    filter: Annotated[tuple[str, ...], Field(strict=False, min_length=1), AfterValidator(partial(known_word, WORDS["filter"]))]
    score: Annotated[str, AfterValidator(partial(known_word, WORDS["score"]))]
    rationing: Annotated[str, AfterValidator(partial(known_word, WORDS["rationing"]))]
    price: Annotated[str, AfterValidator(partial(known_word, WORDS["price"]))]
    size: Annotated[str, AfterValidator(partial(known_word, WORDS["size"]))]
    effects: Annotated[tuple[str, ...], Field(strict=False), AfterValidator(partial(known_word, WORDS["effects"]))]


def running(venue: Venue) -> dict[str, tuple[str, ...]]:
    """What the engine does under a venue's settings, in the same words; a new mechanism of the engine is told here."""
    policy = registry.find("policies", venue.adl.policy)(**venue.adl.params)
    score = venue.adl.params.get("score", "none")
    wealth = (venue.adl.unit or policy.unit) == "wealth"
    losers = policy.losers and not wealth
    ranked = () if score == "none" else ("losers-last",)
    engine, first = STAGES.get(venue.liquidation.engine, venue.liquidation.engine), venue.fund.trigger == "always"
    behind = () if first else ("vault",) if venue.fund.rule == "vault" else ("fund",)
    overlap = () if venue.adl.filter == "capped" else (venue.adl.filter,)
    taking = ("providers",) if venue.providers.count else ()
    selling = ("auction" if venue.liquidation.auction_s else "book",) if venue.fund.takeover < 1 else ()
    steps = (engine,) if engine in WORDS["backstop"] and selling else ()
    charged = wealth and venue.adl.recall == "recoverable" and venue.adl.withdrawals == "charged"
    trigger = registry.find("triggers", venue.fund.trigger)
    pool = trigger.pool
    opposite = () if pool else ("both-sides",) if wealth and venue.adl.sides == "both" else ("opposite",)
    profitable = () if wealth and venue.adl.charge == "equity" else ranked if losers else ("profitable",)
    return {
        "trigger": _triggers(venue),
        "backstop": (*steps, *selling, *taking, *behind),
        "filter": ("withdrawing",) if charged else (*opposite, *profitable, *overlap),
        "score": (score,),
        "rationing": ("withdrawal-charge" if charged else venue.adl.policy,),
        "price": ("none" if wealth else venue.adl.price,),
        "size": ("band" if pool else "loss" if wealth else "shortfall" if trigger.by_contract else "residual",),
    }


def _triggers(venue: Venue) -> tuple[str, ...]:
    """What starts ADL under a venue's settings."""
    if venue.fund.trigger == "always":
        return ("no-backstop",) if venue.providers.count else ("negative-equity",)
    last = "residual" if registry.find("fund", venue.fund.rule).covers else "exhausted"
    return tuple(dict.fromkeys((last if venue.fund.trigger == "exhausted" else venue.fund.trigger, last)))


def _effects(venue: Venue) -> set[str]:
    """The side effects that hold in the engine under a venue's settings; traders there have no orders waiting that could be cancelled."""
    adl = venue.adl
    money = {"maker-fee", "normal-fees"} if adl.fee else {"no-fee"}
    paid = {"commission-to-receiver"} if adl.commission else set()
    taken = {"gated": {"withdrawals-gated"}, "scaled": {"withdrawals-scaled"}}.get(adl.withdrawals, set())
    return {"lights", "cancel-orders"} | money | paid | taken


def differing(venue: Venue) -> set[str]:
    """The published knobs and formulas that the engine runs otherwise."""
    found = set()
    if venue.knobs is not None:
        for knob, words in running(venue).items():
            published = getattr(venue.knobs, knob)
            published = tuple(ALIKE.get(word, word) for word in ([published] if isinstance(published, str) else published))
            alike = published == words if knob == "backstop" else set(published) == set(words)
            if UNPUBLISHED not in published and not alike:
                found.add(knob)
        if not set(venue.knobs.effects) <= _effects(venue):
            found.add("effects")
    forms = {
        "mark": venue.formulas.mark == ("premium",) or (venue.formulas.mark == ("index",) and venue.mark.clamp == 0),
        "funding": (venue.formulas.funding == "damped" or not (venue.funding.damper or venue.funding.interest))
        and venue.formulas.paid_s in (None, venue.funding.interval_s),
        "lights": venue.lights == Lights(),
    }
    return found | {name for name, alike in forms.items() if not alike}
