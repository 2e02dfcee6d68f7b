"""Tutorials as notebooks: the same words and programs in cells, with what they print.

`python -m tests.docs.notebooks` runs the tutorials and writes docs/notebooks/; a page stays the one source.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from unittest import mock

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.docs.pages import DOCS, Block, blocks

FOLDER = DOCS / "notebooks"
TUTORIALS = ("first-crash", "own-policy", "study")
PLAIN = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"}


def cells(block: Block) -> list[str]:
    """The code cells of one block: a file is written, a command of the shell called, Python stands as it is."""
    if block.title:
        make = [f"%%sh\nmkdir -p {Path(block.title).parent}"] if "/" in block.title else []
        return [*make, f"%%writefile {block.title}\n{block.text}".rstrip()]
    if block.kind == "sh":
        lines = block.text.splitlines()
        settings = [line.replace("export ", "%env ", 1) for line in lines if line.startswith("export ")]
        commands = [line for line in lines if not line.startswith("export ")]
        return [*settings, *(["\n".join(("%%sh", *commands))] if commands else [])]
    return [block.text.rstrip()] if block.kind == "python" else []


def notebook(name: str) -> NotebookNode:
    """The notebook of a tutorial, not yet run. What a `text` block shows, a run prints."""
    page = DOCS / "tutorials" / f"{name}.md"
    text, found, at = page.read_text(encoding="utf-8"), [], 0
    text = re.sub(r"\]\(([\w-]+\.md)", r"](../tutorials/\1", text)
    for block in _blocks_of(text):
        head = text.rfind("```", 0, block.start)
        found += [new_markdown_cell(words)] if (words := text[at:head].strip()) else []
        found += [new_code_cell(code) for code in cells(block)]
        at = text.index("```", block.end) + 3
    found += [new_markdown_cell(words)] if (words := text[at:].strip()) else []
    for number, cell in enumerate(found):
        cell["id"] = f"{name}-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=found, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def _blocks_of(text: str) -> list[Block]:
    with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        return blocks(Path(file.name))


def run(unrun: NotebookNode) -> NotebookNode:
    """The notebook with what its Python cells print (commands tell paths and times), run in a folder of its own by this Python."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {**PLAIN, "PATH": path}):
        NotebookClient(unrun, timeout=300, resources={"metadata": {"path": folder}}).execute()
    for cell in unrun.cells:
        if cell.source.startswith("%"):
            cell.outputs = []
    return unrun


def printed(ran: NotebookNode) -> str:
    """What the cells print, one after the other."""
    cells = [cell for cell in ran.cells if cell.cell_type == "code"]
    return "".join(output.text for cell in cells for output in cell.outputs if output.output_type == "stream")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in TUTORIALS:
        nbformat.write(run(notebook(name)), FOLDER / f"{name}.ipynb")
