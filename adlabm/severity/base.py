"""The contract of a severity rule: what it sees of a round, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

from adlabm.configured import Configured
from adlabm.errors import BadInput


@dataclass(frozen=True)
class Round:
    """One ADL round; money in quote currency.

    Attributes:
        deficit: D, what is missing this round once the fund has paid.
        available: U, what the candidates could give.
        fund: equity of the insurance fund.
        needed: M, what it would have been right to raise, known only afterwards; None: the deficit.
    """

    deficit: float
    available: float = inf
    fund: float = 0.0
    needed: float | None = None

    def __post_init__(self) -> None:
        for name, least in (("deficit", 0.0), ("available", 0.0), ("fund", -inf), ("needed", 0.0)):
            value = getattr(self, name)
            if value is not None and not (value >= least and (isfinite(value) or name == "available")):
                raise BadInput(f"{name} of an ADL round is {value!r}; it must be a finite amount{' at or above zero' * (least == 0)}.")
            if value is not None:
                object.__setattr__(self, name, float(value))

    @property
    def target(self) -> float:
        """Share of the deficit that it would have been right to raise, needed / deficit; 1 without a deficit."""
        return 1.0 if self.deficit == 0 or self.needed is None else self.needed / self.deficit


class Severity(Configured):
    """Decides how much is raised in each ADL round. A subclass sets `key`, its `Param`s, and writes `choose`.

    An object remembers the rounds it has been asked about: one object for one run, asked once a round and in order.
    """

    noun = "severity rule"

    def choose(self, round: Round) -> float:
        """Money to raise in this round, and what is to be remembered of it. Whatever `round.needed` says serves the next rounds only."""
        raise NotImplementedError

    def budget(self, round: Round) -> float:
        """Money to raise now, finite and at or above zero; it may exceed what is available (then ADL falls short of it)."""
        return max(float(self.choose(round)), 0.0)
