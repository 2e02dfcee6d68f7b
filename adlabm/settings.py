"""Reading TOML, and changing single keys of it: `--set a.b.c=value`, overrides in Python, venue values below a scenario's."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from adlabm import registry
from adlabm.errors import BadInput, UnknownName, did_you_mean

SELECTORS = {
    "index": {"process": "index"},
    "fund": {"rule": "fund", "trigger": "triggers"},
    "liquidation": {"engine": "engines"},
    "adl": {"policy": "policies", "severity": "severities"},
    "signal": {"rule": "signals"},
    "leverage": {"rule": "leverage"},
    "profit_taking": {"rule": "profit_taking"},
    "stop": {"rule": "stops"},
    "reaction": {"rule": "reactions"},
}
"""Tables that name rules: table -> key -> family."""
INSTEAD = {("fund", "share"): ["cash"], ("fund", "cash"): ["share"]}
"""Keys that exclude each other: setting one removes the others."""


MAX_BYTES = 1 << 24


def read_toml(path: Path, what: str = "file") -> dict[str, Any]:
    """The tables of a TOML file; one sentence for whatever is wrong with it."""
    try:
        if path.exists() and not (path.is_file() and path.stat().st_size <= MAX_BYTES):
            raise OSError(f"it is no file of at most {MAX_BYTES} bytes")  # a device never ends
        return plain(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BadInput(f"{what}: there is no file {str(path)!r}; check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{what}: {str(path)!r} cannot be read ({error}); it must be a TOML file in UTF-8.") from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise BadInput(f"{path}: this is no valid TOML ({error}).") from None


def plain(value: Any) -> Any:
    """The value with dates as text, so that every value can be compared, copied and written as JSON."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime | date | time) else value


def parse_set(setting: str) -> tuple[str, Any]:
    """`key=value` -> (key, value): the value is read as TOML, else it is a string."""
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise BadInput(f"--set {setting!r} has no key; write it as key=value, for example --set fund.share=0.05.")
    try:
        read = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        read = {}
    return key.strip(), plain(read["value"]) if list(read) == ["value"] else text


def with_changes(data: Mapping[str, Any], changes: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A copy of the tables with (dotted key, value) changed one by one; a table as value changes the keys that it names."""
    changed = deepcopy(dict(data))
    for key, value in changes:
        if isinstance(value, Mapping):
            for below, each in _leaves(key, value):
                change(changed, below, plain(each))
        else:
            change(changed, key, plain(value))
    return changed


def _leaves(key: str, value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Dotted keys and values of nested tables; laws stay whole."""
    if "law" in value or not value:
        return [(key, dict(value))]
    found: list[tuple[str, Any]] = []
    for below, each in value.items():
        found += _leaves(f"{key}.{below}", each) if isinstance(each, Mapping) else [(f"{key}.{below}", each)]
    return found


def change(data: dict[str, Any], key: str, value: Any) -> None:
    """Set one dotted key in place; whole numbers address the entries of a list, and so do the names of entries that have one."""
    *above, last = key.split(".")
    table: Any = data
    for depth, part in enumerate(above):
        if isinstance(table, dict) and part not in table:
            table[part] = {}
        table = _entry(table, part, key, ".".join(above[:depth]))
    if isinstance(table, list):
        table[_place(table, last, key, ".".join(above))] = value
    elif isinstance(table, dict):
        table[last] = value
        for other in INSTEAD.get((above[-1] if above else "", last), ()):
            table.pop(other, None)
        _forget(table, above[-1] if above else "", last)
    else:
        raise BadInput(f"{key}: {'.'.join(above)} is {table!r}, not a table; leave out what follows it.")


def _entry(table: Any, part: str, key: str, at: str) -> Any:
    if isinstance(table, dict):
        return table[part]
    if not isinstance(table, list):
        raise BadInput(f"{key}: {at} is {table!r}, not a table; leave out what follows it.")
    return table[_place(table, part, key, at)]


def _place(table: list[Any], part: str, key: str, at: str) -> int:
    """Where in a list the entry of that number or name stands."""
    named = [str(each.get("name")) if isinstance(each, dict) else "" for each in table]
    if part in named:
        return named.index(part)
    if not part.isdecimal() or not part.isascii() or int(part[:9]) >= len(table):
        raise BadInput(f"{key}: {at} has the entries 0 to {len(table) - 1}, not {part!r}{did_you_mean(part, named)}.")
    return int(part)


def _forget(table: dict[str, Any], name: str, key: str) -> None:
    """After a change of the rule that a table names: drop the parameters of the rule before, unless the new rule has them too."""
    if name == "index" and key == "file" and "file" not in parameters("index", table):
        table["process"], key = "historic", "process"
    selectors = SELECTORS.get(name, {})
    if key not in selectors:
        return
    known = set(parameters(name, table))
    foreign = {each for family in selectors.values() for rule in registry.all_rules(family).values() for each in registry.params_of(rule)}
    for each in [each for each in table if each in foreign - known - set(selectors)]:
        del table[each]


def parameters(name: str, table: Mapping[str, Any]) -> list[str]:
    """The parameters of the rules that a table names."""
    found: list[str] = []
    for selector, family in SELECTORS[name].items():
        try:
            found += registry.params_of(registry.find(family, table.get(selector, "")))
        except (UnknownName, TypeError):
            continue  # the check of the table says what is wrong
    return found


def over_venue(venue: Mapping[str, Any], scenario: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario's tables on top of its venue's; parameters of a rule that the scenario replaces are left behind."""
    merged = deepcopy(dict(scenario))
    for name in ("fees", "mark", "funding", "fund", "liquidation", "providers", "adl"):
        given, below = scenario.get(name, {}), dict(venue.get(name, {}))
        if not isinstance(given, Mapping):
            continue
        for selector in SELECTORS.get(name, {}):
            if selector in given and given[selector] != below.get(selector):
                below[selector] = given[selector]
                _forget(below, name, selector)
        merged[name] = {**below, **deepcopy(dict(given))}
    merged.setdefault("tiers", deepcopy(venue["tiers"]))
    return merged
