"""Files of a replay: tables, figures, README.md, the same as one self-contained page, and manifest.json, all or nothing."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
from markdown_it import MarkdownIt
from markupsafe import Markup

from adlabm import registry
from adlabm.errors import BadInput
from adlabm.replay._day import Replay
from adlabm.sweep.store import prepare_out, staged, write_manifest, write_table, write_text

PACKAGES = ("numpy", "pandas", "pyarrow", "scipy", "seaborn")


def replayed(name: str, data: Path | None, asked: dict[str, Any], progress: Callable[[int, int], None] | None = None) -> Replay:
    """A replay with the options that were given; one that it does not know is an error."""
    replay = registry.find("replays", name)
    known = inspect.signature(replay).parameters
    for key in asked.keys() - known.keys():
        able = [other for other in registry.names("replays") if key in inspect.signature(registry.find("replays", other)).parameters]
        raise BadInput(
            f"The replay {name} knows no --{key}; leave it out, or run: {', '.join(f'adlabm replay {other}' for other in able)}."
        )
    return replay(data, **asked, **({"progress": progress} if "progress" in known else {}))


def write(out: Path, name: str, found: Replay) -> Path:
    """Write a replay into `out`, replacing what a replay left there before."""
    files = [
        *(f"{table}.parquet" for table in found.tables),
        *(f"{figure}.png" for figure in found.figures),
        "README.md",
        "report.html",
        "manifest.json",
    ]
    path = prepare_out(out, files)
    with staged(path) as stage:
        tables = {
            key: write_table(stage / f"{key}.parquet", pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None))
            for key, table in found.tables.items()
        }
        for key, (_, figure) in found.figures.items():
            figure.savefig(stage / f"{key}.png", dpi=130, facecolor="white", metadata={"Software": None})
        text = readme(name, found, figures=True)
        write_text(stage / "README.md", text)
        write_text(stage / "report.html", page(found.title, text, {f"{key}.png": stage / f"{key}.png" for key in found.figures}))
        write_manifest(
            stage,
            {
                "replay": name,
                "title": found.title,
                "adlabm": version("adlabm"),
                **{each: version(each) for each in PACKAGES},
                "inputs": [each.as_dict() for each in found.inputs],
                "notices": found.notices,
                "limits": list(found.limits),
                "tables": tables,
            },
        )
    return path


def readme(name: str, found: Replay, figures: bool = False) -> str:
    """The report as Markdown; on a terminal without figures."""
    shown = [f"![{caption}]({key}.png)\n\n*{caption}*" for key, (caption, _) in found.figures.items()] if figures else []
    parts = [
        f"# {found.title}",
        f"Written by `adlabm replay {name}`; every figure below follows from the files named in manifest.json.",
        found.text.strip(),
        *shown,
        "## Limits",
        "\n".join(f"{number}. {limit}" for number, limit in enumerate(found.limits, 1)),
        "## Notices",
        "\n".join(f"* {notice}" for notice in found.notices),
    ]
    return "\n\n".join(parts) + "\n"


def page(title: str, text: str, images: dict[str, Path]) -> str:
    """The Markdown as one HTML page that holds its images."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    for name, file in images.items():
        body = body.replace(f'src="{name}"', f'src="data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()}"')
    environment = jinja2.Environment(loader=jinja2.PackageLoader("adlabm.reports"), autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("replay.html").render(title=title, body=Markup(body))
