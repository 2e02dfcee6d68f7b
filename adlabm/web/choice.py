"""What a visitor has chosen: texts at the controls, the scenario they make, what is wrong with them, and the command that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from adlabm import registry
from adlabm.errors import AdlabmError, BadInput, unknown
from adlabm.scenario import Scenario
from adlabm.web.controls import Control, controls

MOST_TRADERS, MOST_TICKS = 20_000, 50_000
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Choice:
    """A scenario by name, a seed, and the texts of controls that differ from the scenario.

    Example:
        >>> Choice("crash", "7", {"fund": "0.05"}).command()
        'adlabm run crash --seed 7 --set fund.share=0.05'
    """

    scenario: str = "crash"
    seed: str = "7"
    texts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.scenario not in registry.names("scenarios"):  # no visitor gives a path
            raise unknown("scenario", self.scenario, registry.names("scenarios"))

    def with_text(self, control: Control, text: str) -> Choice:
        """The choice with another text at one control; a text that changes nothing is left out."""
        rest = {name: each for name, each in self.texts.items() if name != control.name}
        below = _resolved(self.scenario, rest.get("venue", ""))
        return replace(self, texts=rest if text == control.read(below) else {**rest, control.name: text.strip()})

    def sections(self) -> dict[str, list[Control]]:
        """The controls of this scenario by section."""
        return controls(self._below())

    def shown(self, control: Control) -> str:
        """What a control shows."""
        return self.texts.get(control.name, control.read(self._below()))

    def sets(self) -> list[str]:
        """The settings that the texts stand for, the venue first."""
        data, found = self._below(), dict[str, None]()
        for control in self._given():
            if control.options and self.texts[control.name] not in control.options:
                raise unknown(control.label, self.texts[control.name], control.options)
            found |= dict.fromkeys(control.sets(data, self.texts))
        return list(found)

    def seed_number(self) -> int:
        """The seed, or one sentence."""
        if not (self.seed.isascii() and self.seed.isdecimal() and int(self.seed[:20]) <= LARGEST_SEED and len(self.seed) < 20):
            raise BadInput(f"The seed is {self.seed!r}, but must be a whole number from 0 to {LARGEST_SEED}.")
        return int(self.seed)

    def build(self) -> Scenario:
        """The scenario, within what the page takes."""
        made = Scenario.load(self.scenario, sets=self.sets())
        count = sum(group.count for group in made.traders)
        if count > MOST_TRADERS:
            raise BadInput(f"There are {count:,} traders, but the page takes at most {MOST_TRADERS:,}; larger markets: adlabm run.")
        if made.ticks > MOST_TICKS:
            raise BadInput(f"There are {made.ticks:,} ticks, but the page takes at most {MOST_TICKS:,}; longer runs: adlabm run.")
        return made

    def complaints(self) -> dict[str, str]:
        """What is wrong, by control; "" for what only all of them together make wrong. Empty when the choice can be run."""
        found = {}
        try:
            self.seed_number()
        except AdlabmError as error:
            found["seed"] = str(error)
        for control in self._given():
            kept = {name: text for name, text in self.texts.items() if name in (control.name, "venue")}
            try:
                replace(self, texts=kept).build()
            except AdlabmError as error:
                found[control.name] = str(error)
        if not found:
            try:
                self.build()
            except AdlabmError as error:
                found[""] = str(error)
        return found

    def command(self) -> str:
        """The command line that runs the same."""
        sets = [part for each in self.sets() for part in ("--set", each)]
        return shlex.join(["adlabm", "run", self.scenario, "--seed", self.seed, *sets])

    def _below(self) -> dict[str, Any]:
        return _resolved(self.scenario, self.texts.get("venue", ""))

    def _given(self) -> Iterator[Control]:
        for section in self.sections().values():
            yield from (control for control in section if control.name in self.texts)


@lru_cache(maxsize=64)
def _resolved(scenario: str, venue: str) -> dict[str, Any]:
    """The scenario at a venue as it would run without changes; the shipped one where the venue does not fit it."""
    try:
        return Scenario.load(scenario, sets=[f"venue={venue}"] if venue in registry.names("venues") else ()).resolved()
    except AdlabmError:
        return Scenario.load(scenario).resolved()
