"""What mkdocs cannot know by itself: pages written from the code, pages of the project's root, and a navigation without gaps."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

import adlabm
from adlabm import catalogue, registry
from adlabm.cli import app
from adlabm.scenario import Scenario
from adlabm.schema import Table

ROOT = Path(__file__).parents[1]
OF_THE_ROOT = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def pages() -> dict[str, str]:
    """Path -> Markdown of all pages that are not files of docs/."""
    written = {name.lower(): (ROOT / name).read_text(encoding="utf-8") for name in OF_THE_ROOT}
    written |= {"reference/command-line.md": command_line(), "reference/python.md": python(), "reference/rules.md": rules()}
    written |= {"reference/scenario.md": scenario(), "reference/venues.md": venues()}
    return written | {f"reference/venues/{key}.md": venue(key) for key in registry.names("venues")}


def command_line() -> str:
    """Every command with its help."""
    parts = ["# Command line", "What `adlabm COMMAND --help` prints."]
    for path in _commands(get_command(app)):
        shown = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "100", "TERM": "dumb"}).output
        parts += [f"## adlabm {' '.join(path)}", _block(shown)]
    return "\n\n".join(parts)


def python() -> str:
    """The public names with their docstrings."""
    parts = ["# Python", "`import adlabm as ad`; every name below is `ad.NAME`. Classes show what they define themselves."]
    for name in adlabm.__all__:
        found = getattr(adlabm, name)
        if callable(found):
            parts += [f"## {name}", _block(_signature(name, found) + "\n\n" + _doc(found))]
            parts += [_block(text) for text in _members(found)]
    return "\n\n".join(parts)


def rules() -> str:
    """Every rule and metric with its docstring and parameters."""
    parts = ["# Rules and metrics", "What `adlabm explain FAMILY/NAME` prints. Sources: [references](../references.md)."]
    for family, table in registry.FAMILIES.items():
        if table.holds != "toml":
            parts.append(f"## {table.noun[0].upper()}{table.noun[1:]}: `{family}`")
            parts += [text for key in registry.names(family) for text in _rule(catalogue.entry(family, key))]
    return "\n\n".join(parts)


def scenario() -> str:
    """The tables of a scenario with their keys and defaults."""
    parts = [
        "# Scenario keys",
        "Tables and keys of a scenario's file. What has no default must be given, by it or by its venue.",
    ]
    for table in dict.fromkeys(_tables(Scenario)):
        rows = [(f"`{field.alias or name}`", _default(field)) for name, field in table.model_fields.items()]
        parts += [f"## {table.__name__}", _block(_doc(table)), _rows(("key", "default"), rows)]
    return "\n\n".join(parts)


def venues() -> str:
    """All venues side by side."""
    rows = []
    for each in catalogue.listed("venues"):
        words = [_knob(each, knob) for knob in ("trigger", "backstop", "score", "rationing", "price")]
        rows.append((f"[{each.key}](venues/{each.key}.md)", each.values["read"], *words, len(each.differs), len(each.unpublished)))
    head = ("venue", "read", "trigger", "backstop", "score", "rationing", "price", "engine differs", "unpublished")
    note = (
        "Written from the files in `adlabm/venues/`. The words say what the venue publishes; its page explains them, names the source "
        "of every value and says where the engine does otherwise (`adlabm explain venues/NAME` prints the same)."
    )
    return f"# Venues\n\n{note}\n\n{_rows(head, rows)}"


def venue(key: str) -> str:
    """One venue: what it publishes, what is run, and every value with its source."""
    each = catalogue.entry("venues", key)
    parts = [f"# {each.summary}", f"Read: {each.values['read']}. File: `adlabm/venues/{key}.toml`.", "## Sources"]
    parts.append("\n".join(f"* {source}" for source in each.sources))
    if each.text:
        parts += ["## What is published", _block(each.text)]
    if each.differs:
        parts += ["## Where the engine does otherwise", _rows(("what", "how"), list(each.differs.items()))]
    rows = [(f"`{name}`", f"`{value}`", catalogue.origin(each.provenance, name)) for name, value in each.values.items()]
    tags = "O official page, S source code, T third-party copy, D design default of this project, U unpublished."
    return "\n\n".join([*parts, "## Values", tags, _rows(("key", "value", "source"), rows)])


def on_config(config: Any) -> Any:
    """Leaves out of the navigation what does not exist, and adds the pages that it does not name."""
    there = {path.relative_to(config.docs_dir).as_posix() for path in Path(config.docs_dir).rglob("*.md")} | set(pages())
    kept = _existing(config.nav, there)
    named = set(_paths(kept))
    more = sorted(page for page in there - named if not page.startswith("reference/venues/"))
    config.nav = [*kept, {"More": more}] if more else kept
    return config


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages that are written here."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Leaves out pictures that have not been made."""
    folder = (Path(config.docs_dir) / page.file.src_uri).parent
    return re.sub(r"^!\[[^\]]*\]\(([^)]+)\)$", lambda found: found[0] if (folder / found[1]).is_file() else "", markdown, flags=re.M)


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every command."""
    for name, each in getattr(command, "commands", {}).items():
        yield from _commands(each, (*path, name)) if hasattr(each, "commands") else [(*path, name)]


def _rule(each: catalogue.Entry) -> list[str]:
    params = [
        (f"`{name}`", f"`{param['default']}`", _bounds(param), *(param[word] for word in ("unit", "doc", "source")))
        for name, param in each.params.items()
    ]
    table = [_rows(("parameter", "default", "bounds", "unit", "meaning", "source"), params)] if params else []
    return [f"### {each.key}", _block(each.text), *table]


def _bounds(param: dict[str, Any]) -> str:
    low, high = param["low"], param["high"]
    return "" if low is None and high is None else f"{'' if low is None else low} to {'' if high is None else high}"


def _knob(each: catalogue.Entry, knob: str) -> str:
    words = each.values.get(f"knobs.{knob}", "")
    return words if isinstance(words, str) else ", ".join(words)


def _tables(table: type[Table]) -> Iterator[type[Table]]:
    """A table, and the tables in it."""
    yield table
    for field in table.model_fields.values():
        for below in _classes(field.annotation):
            yield from _tables(below)


def _classes(annotation: Any) -> list[type[Table]]:
    if inspect.isclass(annotation) and issubclass(annotation, Table):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _classes(part)]


def _default(field: Any) -> str:
    if field.is_required():
        return "(needed)"
    value = field.get_default(call_default_factory=True)
    return "(its own defaults)" if isinstance(value, Table) else "(none)" if value in (None, (), "") else f"`{value}`"


def _members(found: Any) -> Iterator[str]:
    """The public methods and properties that a class defines."""
    for name, member in vars(found).items() if inspect.isclass(found) else ():
        target = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if not name.startswith("_") and inspect.isfunction(target) and inspect.getdoc(target):
            shown = f"{found.__name__}.{name}"
            yield (shown if isinstance(member, property) else _signature(shown, target)) + "\n\n" + _doc(target)


class _Bare(str):
    """An annotation that is shown without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def _signature(name: str, found: Any) -> str:
    shown = inspect.signature(found)
    parameters = [each.replace(annotation=_bare(each.annotation)) for each in shown.parameters.values()]
    return f"{name}{shown.replace(parameters=parameters, return_annotation=_bare(shown.return_annotation))}"


def _bare(annotation: Any) -> Any:
    return _Bare(annotation) if isinstance(annotation, str) else annotation


def _doc(found: Any) -> str:
    return inspect.getdoc(found) or ""


def _block(text: str) -> str:
    return f"```text\n{text.strip()}\n```"


def _rows(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines)


def _existing(nav: list[Any], there: set[str]) -> list[Any]:
    """The entries of a navigation whose pages exist."""
    sections = [{name: _existing(below, there) for name, below in each.items()} if isinstance(each, dict) else each for each in nav]
    return [each for each in sections if (any(each.values()) if isinstance(each, dict) else each in there)]


def _paths(nav: list[Any]) -> Iterator[str]:
    for each in nav:
        yield from [each] if isinstance(each, str) else [path for below in each.values() for path in _paths(below)]
