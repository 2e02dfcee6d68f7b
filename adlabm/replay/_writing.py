"""Files of a replay: tables, figures, README.md, the same as one self-contained page, and manifest.json, all or nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from adlabm import registry
from adlabm.errors import BadInput
from adlabm.replay._day import Replay
from adlabm.reports.cite import citations
from adlabm.reports.embed import png_source
from adlabm.reports.findings import html
from adlabm.sweep.store import prepare_out, read_json, staged, write_manifest, write_table, write_text

PACKAGES = ("numpy", "pandas", "pyarrow", "scipy", "seaborn")


def replayed(name: str, data: Path | None, asked: dict[str, Any], progress: Callable[[int, int], None] | None = None) -> Replay:
    """A replay with the options that were given; one that it does not know is an error."""
    replay = registry.find("replays", name)
    known = inspect.signature(replay).parameters
    for key in sorted(asked.keys() - known.keys()):
        able = [other for other in registry.names("replays") if key in inspect.signature(registry.find("replays", other)).parameters]
        raise BadInput(
            f"The replay {name} knows no --{key}; leave it out, or run: {', '.join(f'adlabm replay {other}' for other in able)}."
        )
    return replay(data, **asked, **({"progress": progress} if "progress" in known else {}))


def place(out: Path) -> Path:
    """Where the results go, refused when something else than an earlier replay is there; asked before a replay begins."""
    try:
        own = read_json(out / "manifest.json").get("files", {})
    except BadInput:
        own = {}
    return prepare_out(out, [*own, "manifest.json"])


def write(path: Path, name: str, found: Replay) -> None:
    """Write a replay into a place, replacing what a replay left there before."""
    with staged(path) as stage:
        tables = {
            key: write_table(stage / f"{key}.parquet", pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None))
            for key, table in found.tables.items()
        }
        for key, (_, figure) in found.figures.items():
            figure.savefig(stage / f"{key}.png", dpi=130, facecolor="white", metadata={"Software": None})
        write_text(stage / "README.md", readme(name, found, figures=True))
        write_text(stage / "report.html", page(name, found, stage))
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


def readme(name: str, found: Replay, figures: bool = False) -> str:
    """The report as Markdown; on a terminal without figures."""
    shown = [f"![{caption}]({key}.png)\n\n*{caption}*" for key, (caption, _) in found.figures.items()] if figures else []
    basis = "every figure below follows from the files named in manifest.json" if found.inputs else "it needs no data files"
    parts = [
        f"# {found.title}",
        f"Written by `adlabm replay {name}`; {basis}.",
        found.text.strip(),
        *shown,
        "## Limits",
        "\n".join(f"{number}. {limit}" for number, limit in enumerate(found.limits, 1)),
        *(["## Notices", "\n".join(f"* {notice}" for notice in found.notices)] if found.notices else []),
    ]
    return "\n\n".join(parts) + "\n"


def page(name: str, found: Replay, stage: Path) -> str:
    """The report as one page that holds its figures, which lie in `stage`."""
    title, _, body = readme(name, found).partition("\n")
    figures = [
        {"name": key, "caption": caption, "source": png_source((stage / f"{key}.png").read_bytes())}
        for key, (caption, _) in found.figures.items()
    ]
    return html(title.lstrip("# "), body, figures, [], citations(), files={each.path: each.sha256[:16] for each in found.inputs})
