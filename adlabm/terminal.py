"""What the command line shows: JSON, values, reports, a progress bar."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import typer


def print_report(found: Any, as_json: bool) -> None:
    """Print a finding with its lines; exit code 1 where it is not well."""
    if as_json:
        print_json({"ok": found.ok, "lines": list(found.lines)})
    else:
        for line in found.lines:
            typer.echo(line)
    if not found.ok:
        raise typer.Exit(1)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_values(title: str, values: dict[str, Any]) -> None:
    """A table on a terminal, `key: value` lines elsewhere."""
    if not sys.stdout.isatty():
        for key, value in values.items():
            typer.echo(f"{key}: {_word(value)}")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("key", "value", title=title)
    for key, value in values.items():
        table.add_row(key, _word(value))
    Console().print(table)


def _word(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return str(value)


class Progress:
    """A progress bar on a terminal, else nothing; hands out a callable (units done, units in all)."""

    def __init__(self, wanted: bool, units: str = "ticks") -> None:
        self.bar: Any = None
        if wanted and sys.stderr.isatty():
            from rich import progress
            from rich.console import Console

            columns = (progress.TextColumn(units), progress.BarColumn(), progress.MofNCompleteColumn(), progress.TimeRemainingColumn())
            self.bar = progress.Progress(*columns, console=Console(stderr=True), transient=True)

    def __enter__(self) -> Callable[[int, int], None] | None:
        if self.bar is None:
            return None
        task = self.bar.add_task("run", total=None)
        self.bar.start()
        return lambda done, total: self.bar.update(task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()
