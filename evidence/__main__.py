"""Runs the counts and writes what they reached; `make evidence` and `make soak` call this."""

from __future__ import annotations

import itertools
import os
import random
import sys
import time
import warnings
from typing import Annotated

import typer

from evidence.count import COUNTS, Tally, count, numbers_of, promise, run, try_case
from evidence.page import kept, record, write_page

KEPT_EVERY_S = 120
"""What was reached is kept this often, so that a process that dies takes little along."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
Minutes = Annotated[float, typer.Option("--minutes", help="Budget of all counts together.")]


def _show(name: str, tally: Tally) -> None:
    """One line on a count, and its failures."""
    each, ended = count(name), f"{tally.seconds / 60:.1f} minutes, {len(tally.failures)} failures"
    typer.echo(f"{name}: {tally.number:,} {each.unit} in {ended} (floor {each.floor:,}, target {each.target:,}). {each.tell(tally.facts)}")
    for failure in tally.failures:
        typer.echo(f"  {failure}")


@app.command()
def evidence(
    names: Annotated[list[str] | None, typer.Argument(help="Counts; by default all of them, and the page is written.")] = None,
    minutes: Minutes = 60.0,
    first: Annotated[int, typer.Option("--first", help="Number of the first case.")] = 0,
    cases: Annotated[int | None, typer.Option("--cases", help="So many cases at most.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Write what was reached into docs/evidence.json.")] = False,
    more: Annotated[bool, typer.Option("--more", help="Continue what is kept, if the code is the same, and keep the sum.")] = False,
    soak: Annotated[bool, typer.Option("--soak", help="Fresh random cases in turn, until the time is up or one fails.")] = False,
) -> None:
    """Counts how often every promise was put to the test."""
    chosen = names or list(COUNTS)
    if unknown := [name for name in chosen if name not in COUNTS]:
        raise typer.BadParameter(f"there is no count {unknown[0]!r}; use one of: {', '.join(COUNTS)}")
    if soak:
        _soak([name for name in chosen if count(name).fresh], minutes)
        return
    whole, failed = sum(count(name).share for name in chosen), 0
    for name in chosen:
        tally, left = kept(name) if more else Tally(), 60 * minutes * count(name).share / whole
        numbers = numbers_of(name, first or tally.cases, cases)
        while left > 0 and (part := run(name, numbers, min(left, KEPT_EVERY_S))).cases:
            tally, left = tally + part, left - part.seconds
            if keep or more or not names:
                record(name, tally)
        _show(name, tally)
        failed += len(tally.failures)
    write_page()
    raise typer.Exit(int(failed > 0))


def _soak(names: list[str], minutes: float) -> None:
    """Cases with numbers that nobody has seen, in turn over the counts."""
    draw, tallies, started = random.SystemRandom(), {name: Tally() for name in names}, time.monotonic()
    for name in itertools.cycle(names):
        number = draw.randrange(2**40)
        case = try_case(name, number)
        tallies[name].number += case.number
        tallies[name].facts.update(case.facts)
        if case.failure:
            typer.echo(f"{promise(name)} Not so: {case.failure}", err=True)
            raise typer.Exit(1)
        if time.monotonic() - started > 60 * minutes:
            break
    for name, tally in tallies.items():
        typer.echo(f"{name}: {tally.number:,} {count(name).unit} without a failure. {count(name).tell(tally.facts)}")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in (os.getcwd(), os.environ.get("PYTHONPATH")) if path)
    app(prog_name="python -m evidence")
    sys.exit(0)
