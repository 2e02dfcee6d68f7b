"""Documentation pages as programs: what a reader would type, in order, in one folder.

A block with a title is a file, a block `sh` holds commands of adlabm, a block `python` is run as it stands, and a block `text` is what the
block before it prints. `python -m tests.docs.pages PAGE...` writes what they print now into the pages.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adlabm import cli, registry

DOCS = Path(__file__).parents[2] / "docs"
FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its title, its text, and where the text begins and ends in the page."""

    kind: str
    title: str
    text: str
    start: int
    end: int


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [Block(each[1], each[2] or "", each[3], each.start(3), each.end(3)) for each in found]


def follow(page: Path, folder: Path) -> Iterator[tuple[Block, str]]:
    """Does in `folder` what the page says; yields every `text` block with what was printed instead."""
    printed, names, before = "", {"__name__": "__main__"}, dict(os.environ)
    try:
        with chdir(folder):
            for block in blocks(page):
                if block.kind == "text":
                    yield block, printed
                else:
                    printed = done(block, names)
    finally:
        os.environ.clear()
        os.environ.update(before)
        registry.all_rules.cache_clear()


def done(block: Block, names: dict[str, Any]) -> str:
    """Writes or runs one block; what it printed."""
    if block.title:
        Path(block.title).parent.mkdir(parents=True, exist_ok=True)
        Path(block.title).write_text(block.text, encoding="utf-8")
        registry.all_rules.cache_clear()
        return ""
    shown = io.StringIO()
    with redirect_stdout(shown):
        if block.kind == "python":
            exec(compile(block.text, "page", "exec"), names)
        elif block.kind == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                command(shlex.split(os.path.expandvars(line), comments=True))
        else:
            raise ValueError(f"A page cannot be followed through a block of {block.kind!r}.")
    return "".join(f"{line.rstrip()}\n" for line in shown.getvalue().splitlines())


def command(words: list[str]) -> None:
    """One line of a shell: `export NAME=VALUE`, or a command of adlabm, which must succeed."""
    if words[:1] == ["export"]:
        name, _, value = words[1].partition("=")
        os.environ[name] = value
        registry.all_rules.cache_clear()
    elif words[:1] == ["adlabm"]:
        before, sys.argv = sys.argv, words
        try:
            cli.main()
        except SystemExit as ended:
            if ended.code:
                raise AssertionError(f"{shlex.join(words)} ended with exit code {ended.code}") from None
        finally:
            sys.argv = before
    elif words:
        raise ValueError(f"A page cannot be followed through the command {words[0]!r}.")


def refresh(page: Path) -> None:
    """Writes what the blocks print now into the page."""
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for block, printed in reversed(list(follow(page, Path(folder)))):
            text = text[: block.start] + printed + text[block.end :]
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for page in sys.argv[1:]:
        refresh(Path(page).resolve())
