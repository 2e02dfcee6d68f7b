"""A market stopped between two ticks: to go on byte for byte, or into many futures that share what has happened."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from adlabm.kernels import columns as col
from adlabm.kernels.columns import State
from adlabm.kernels.state import WIDTHS, pack, rows
from adlabm.price.paths import Paths
from adlabm.scenario import Scenario
from adlabm.streams import RunKey

if TYPE_CHECKING:
    from adlabm.exchange.records import Records
    from adlabm.model import AdlModel
    from adlabm.traders.trader import Trader

ADDRESSES = (col.K_ENGINE, col.K_FUND_RULE, col.K_FUND_OFFER, col.K_TRIGGER)


@dataclass(frozen=True)
class Checkpoint:
    """All that a run's future depends on; it can be pickled and sent to other processes of the same version.

    What traders written in Python remember of themselves is not in it.
    """

    scenario: Scenario
    seed: int
    key: RunKey
    check: bool
    classes: Mapping[str, type[Trader]]
    state: State
    paths: Paths
    before: Paths
    records: Records
    severity: Any


def take(model: AdlModel) -> Checkpoint:
    """The checkpoint of a model."""
    return Checkpoint(
        scenario=model.config,
        seed=model.seed,
        key=model.key,
        check=model.check,
        classes=model.classes,
        state=_copy(model.state),
        paths=model.paths.copy(),
        before=model.before.copy(),
        records=deepcopy(model.records),
        severity=deepcopy(model.exchange.severity),
    )


def put(model: AdlModel, saved: Checkpoint) -> AdlModel:
    """Put a fresh model of the same scenario and seed where the checkpoint was taken; rules keep the addresses of this process."""
    state = _copy(saved.state)
    state.groups[:] = model.state.groups
    state.clock[list(ADDRESSES)] = model.state.clock[list(ADDRESSES)]
    model.state, model.market = state, pack(state)
    model.key, model.paths, model.before, model.records = saved.key, saved.paths.copy(), saved.before.copy(), deepcopy(saved.records)
    model.exchange.severity = deepcopy(saved.severity)
    model.steps = model.tick
    return model


def turn(model: AdlModel, number: int) -> AdlModel:
    """Give a model other noise from here on: index, decisions and waiting times that are drawn later."""
    word = blake2b(f"{model.seed} {model.tick} {number}".encode(), digest_size=8).digest()
    model.key = RunKey.from_seed(int.from_bytes(word, "little"))
    clock = model.state.clock
    clock[col.K_KEY0], clock[col.K_KEY1] = model.key
    paths, first = model.before.copy(), int(clock[col.K_PATH_TICK])
    full = paths.full_depth(model.state)
    if model.tick > first:
        paths.chunk(first, full, model.tick - first)
    paths.turn(model.key)
    model.paths, model.before = paths, paths.copy()
    model.state = model.state._replace(
        path=np.zeros((len(full), 0, paths.width)), depths=np.zeros((len(full), 0, 2)), jumps=np.zeros((len(full), 0), np.int64)
    )
    clock[col.K_PATH_TICK] = model.tick
    model.market = pack(model.state)
    return model


def _copy(state: State) -> State:
    tables = {}
    for name, table in state._asdict().items():
        tables[name] = rows(name, table.shape[1]) if name in WIDTHS else table.copy()
        tables[name][:] = table
    return State(**tables)
