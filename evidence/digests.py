"""Digests of many small markets, in a process of its own: `python -m evidence.digests FIRST LAST HOW`."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable

import pyarrow as pa

from adlabm.errors import AdlabmError
from adlabm.model import AdlModel
from adlabm.scenario import Scenario
from tests.golden.markets import of_rules, of_settings
from tests.oracle.worlds import world

RULES = tuple({**of_rules(), **of_settings()}.values())


def begin(number: int, **options: bool) -> AdlModel:
    """The market with this number, at its opening: a hostile world, or, if it is odd, one for a rule or a setting, each in its turn."""
    tables = RULES[number // 2 % len(RULES)] if number % 2 else world(number // 2)
    return AdlModel(Scenario.from_dict(tables), rng=number, **options)


def stepped(number: int) -> AdlModel:
    """Run step by step, as a Mesa model is."""
    model = begin(number)
    while model.running:
        model.step()
    return model


def resumed(number: int) -> AdlModel:
    """Stopped after some ticks, pickled, restored and continued."""
    model = begin(number)
    for _ in range(number % model.config.ticks):
        model.step()
    return AdlModel.restore(pickle.loads(pickle.dumps(model.checkpoint()))).run()


HOW: dict[str, Callable[[int], AdlModel]] = {
    "run": lambda number: begin(number).run(),
    "checked": lambda number: begin(number, check=True).run(),
    "stepped": stepped,
    "resumed": resumed,
}


def digest(number: int, how: str = "run") -> str:
    """The digest of a market, or the name of the error that ends it."""
    try:
        return str(HOW[how](number).summary()["digest"])
    except AdlabmError as error:
        return type(error).__name__


def row(number: int) -> pa.Table:
    """The same as a part of a sweep, for engines that carry tables."""
    return pa.table({"digest": [digest(number)]})


if __name__ == "__main__":
    print(json.dumps([digest(number, sys.argv[3]) for number in range(int(sys.argv[1]), int(sys.argv[2]))]))
