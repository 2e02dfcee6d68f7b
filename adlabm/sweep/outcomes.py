"""From a run to the numbers that a study asks for, so that nothing else leaves the worker."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from adlabm import registry
from adlabm.errors import BadInput, unknown
from adlabm.model import AdlModel
from adlabm.sweep.store import RunTables

METRIC = "metric:"
TABLES = ("traders", "events", "series")


def outcomes(tables: RunTables, wanted: Iterable[str]) -> dict[str, float | None]:
    """Name -> number; None where the run has nothing to measure."""
    metrics = {name.removeprefix(METRIC).partition(".")[0] for name in wanted if name.startswith(METRIC)}
    found = _flat("", tables.summary)
    frames = {name: frame(getattr(tables, name)) for name in TABLES} if metrics else {}
    for metric in sorted(metrics):
        function, asked = _metric(metric)
        found |= _flat(f"{METRIC}{metric}", function(**{name: frames[name] for name in asked}))
    return {name: found.get(name) for name in wanted}


def check_outcomes(model: AdlModel, wanted: Iterable[str]) -> None:
    """Refuses what no run of this kind has, judged by its first tick."""
    model.step()
    tables = model.tables()
    for name in wanted:
        if name.startswith(METRIC):
            metric = name.removeprefix(METRIC).partition(".")[0]
            function, asked = _metric(metric)
            known = _flat(f"{METRIC}{metric}", function(**{table: frame(getattr(tables, table)) for table in asked}))
        else:
            known = _flat("", {**tables.summary, "depth_budget": dict.fromkeys(("resting", "refilled", *_groups(model)))})
        if name not in known:
            raise unknown("outcome", name, known, "outcomes")


def _groups(model: AdlModel) -> list[str]:
    return [group.name for group in model.config.traders]


def _metric(name: str) -> tuple[Callable[..., Any], list[str]]:
    """A metric that needs nothing but tables of a run, and which."""
    usable = {key: tables for key in registry.names("metrics") if (tables := _needs(registry.find("metrics", key))) is not None}
    if name not in usable:
        raise unknown("metric of whole runs", name, usable, "outcomes")
    return registry.find("metrics", name), usable[name]


def _needs(metric: Callable[..., Any]) -> list[str] | None:
    needed = [name for name, param in inspect.signature(metric).parameters.items() if param.default is param.empty]
    return needed if set(needed) <= set(TABLES) else None


def frame(table: pa.Table) -> pd.DataFrame:
    """The table with money as floats."""
    fields = [pa.field(each.name, pa.float64() if pa.types.is_decimal(each.type) else each.type) for each in table.schema]
    return table.cast(pa.schema(fields)).to_pandas()


def _flat(key: str, value: Any) -> dict[str, float | None]:
    """Dotted keys and numbers of nested tables; what is no number is left out."""
    if isinstance(value, pd.DataFrame | pd.Series):
        value = value.to_dict("index") if value.ndim == 2 else value.to_dict()
    if isinstance(value, Mapping):
        return {k: v for name, each in value.items() for k, v in _flat(f"{key}.{name}" if key else str(name), each).items()}
    if value is None:
        return {key: None}
    try:
        number = float(value) if not isinstance(value, str) else None
    except (TypeError, ValueError):
        raise BadInput(f"The outcome {key} is no number.") from None
    return {} if number is None else {key: None if number != number else number}
