"""What there is to choose from, in words: for the command line, the documentation and the page."""

from __future__ import annotations

import inspect
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from adlabm import registry
from adlabm.errors import BadInput, did_you_mean, unknown
from adlabm.knobs import WORDS
from adlabm.settings import read_toml

LISTS = {
    "policies": ("policies",),
    "severities": ("severities",),
    "venues": ("venues",),
    "scenarios": ("scenarios",),
    "traders": registry.TRADER_FAMILIES,
    "metrics": ("metrics",),
    "studies": ("studies",),
    "replays": ("replays",),
    "engines": ("engines",),
    "fund": ("fund",),
    "triggers": ("triggers",),
    "index": ("index",),
}
"""What can be listed: name -> families."""


@dataclass(frozen=True)
class Entry:
    """One thing with a name.

    Attributes:
        family, key: its place in the registry.
        summary: one line.
        text: the whole docstring, the story of a TOML file, or what the knobs of a venue mean.
        params: of a rule, name -> default, low, high, unit, doc, source.
        values: of a TOML file, dotted key -> value.
        provenance: of a venue, dotted key -> where the value comes from.
        differs: of a venue, what the engine does otherwise than published.
        sources: of a TOML file.
        file: where it is defined.
    """

    family: str
    key: str
    summary: str
    text: str
    params: dict[str, dict[str, Any]]
    values: dict[str, Any]
    provenance: dict[str, str]
    differs: dict[str, str]
    sources: list[str]
    file: str

    @property
    def name(self) -> str:
        """family/key."""
        return f"{self.family}/{self.key}"

    @property
    def unpublished(self) -> list[str]:
        """The values that a venue does not publish, by key or table of its provenance."""
        return [key for key, line in self.provenance.items() if line.startswith("U: ")]

    def as_dict(self) -> dict[str, Any]:
        """What there is of it, for machines."""
        return {key: value for key, value in asdict(self).items() if value or key in ("family", "key", "summary")}


def entry(family: str, key: str) -> Entry:
    """The entry of one name in one family."""
    found, file = registry.find(family, key), str(registry.source_file(family, key))
    if not isinstance(found, Path):
        question = [] if inspect.isclass(found) else [inspect.getdoc(inspect.getmodule(found)) or ""]
        text = "\n\n".join([*question, inspect.getdoc(found) or ""])
        params = {name: asdict(param) for name, param in registry.params_of(found).items()}
        summary = text.partition("\n\n")[0].replace("\n", " ").partition(" Source:")[0]
        return Entry(family, key, summary, text, params, {}, {}, {}, [], file)
    data = read_toml(found, f"{family}/{key}")
    words = {name: str(data.pop(name, "")) for name in ("title", "edition", "question", "story")}
    summary = (words["title"] or words["question"]) + (f" ({words['edition']})" if words["edition"] else "")
    sources, provenance, differs = data.pop("sources", []), data.pop("provenance", {}), data.pop("differs", {})
    text = words["story"].strip() or _meanings(data.get("knobs", {}))
    return Entry(family, key, summary, text, {}, dict(_flat("", data)), provenance, differs, sources, file)


def listed(name: str) -> list[Entry]:
    """All entries of a list, such as "policies" or "traders"."""
    if name not in LISTS:
        raise unknown("list", name, LISTS)
    return [entry(family, key) for family in LISTS[name] for key in registry.names(family)]


def explained(name: str) -> Entry:
    """The entry called `name` (KEY or FAMILY/KEY); a name that several families know is an error that lists them."""
    family, slash, key = name.rpartition("/")
    families = LISTS.get(family) or ((family,) if slash and registry.family_of(family) else tuple(registry.FAMILIES))
    found = [each for each in families if key in registry.names(each)]
    if len(found) == 1:
        return entry(found[0], key)
    if found:
        raise BadInput(f"{key!r} is the name of several things; say which: {', '.join(f'{each}/{key}' for each in found)}.")
    known = {each for one in families for each in registry.names(one)}
    raise BadInput(f"There is nothing called {name!r}{did_you_mean(key, known)}; `adlabm list` shows {', '.join(LISTS)}.")


def _meanings(knobs: dict[str, Any]) -> str:
    """The knobs of a venue in words, a line for each word."""
    rows = [(knob, word) for knob, words in knobs.items() for word in ([words] if isinstance(words, str) else words)]
    return "\n".join(f"{knob:<9}  {word}: {WORDS[knob][word]}" for knob, word in rows)


def _flat(key: str, value: Any) -> list[tuple[str, Any]]:
    """Dotted keys and plain values of nested tables; a list of tables counts from 0."""
    if isinstance(value, dict) and "law" not in value:
        return [pair for name, each in value.items() for pair in _flat(f"{key}.{name}" if key else name, each)]
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return [pair for index, each in enumerate(value) for pair in _flat(f"{key}.{index}", each)]
    return [(key, value)]


def origin(provenance: dict[str, str], key: str) -> str:
    """Where the value of a dotted key comes from: the line of the key or of its row in a list, else of the nearest table around it."""
    parts = key.split(".")
    rows = [parts[:last] for last in range(len(parts), 0, -1) if last == len(parts) or parts[last - 1].isdecimal()]
    named = [part for part in parts if not part.isdecimal()]
    lines = (provenance.get(".".join(each)) for each in (*rows, *(named[:last] for last in range(len(named), 0, -1))))
    return next((line for line in lines if line), "")


def short(file: str) -> str:
    """A path as seen from the working folder, where that is shorter."""
    near = os.path.relpath(file)
    return near if len(near) < len(file) else file


def told(found: Entry) -> list[str]:
    """An entry in lines: what it does, its parameters, values and sources."""
    lines = [found.name + (f": {found.summary}" if found.summary not in found.text else "")]
    if found.text:
        lines += ["", found.text]
    if found.params:
        lines += ["", "Parameters:"]
    for key, param in found.params.items():
        bounds = f", {param['low']} to {param['high']}" if param["low"] is not None or param["high"] is not None else ""
        remark = f"[{param['unit'] or '-'}{bounds}; {param['source'] or 'no source'}]"
        lines.append(f"  {key} = {json.dumps(param['default'])}  {param['doc']} {remark}")
    if found.values:
        lines += ["", "Values:"]
    for key, value in found.values.items():
        where = origin(found.provenance, key)
        lines.append(f"  {key} = {json.dumps(value)}" + (f"  [{where}]" if where else ""))
    if found.differs:
        lines += ["", "The engine differs from what is published:"]
    lines += [f"  {key}: {difference}" for key, difference in found.differs.items()]
    if found.unpublished:
        lines += ["", f"Unpublished, run by the plainest reading: {', '.join(found.unpublished)}", ""]
    return [*lines, *(f"Source: {source}" for source in found.sources), "", f"File: {short(found.file)}"]
