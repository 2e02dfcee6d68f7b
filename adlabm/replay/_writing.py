"""Files of a replay: tables, figures, README.md and manifest.json, all or nothing."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from adlabm.replay._day import Replay
from adlabm.sweep.store import prepare_out, staged, write_manifest, write_table, write_text

PACKAGES = ("numpy", "pandas", "pyarrow", "scipy", "seaborn")


def write(out: Path, name: str, found: Replay) -> Path:
    """Write a replay into `out`, replacing what a replay left there before."""
    files = [*(f"{table}.parquet" for table in found.tables), *(f"{figure}.png" for figure in found.figures), "README.md", "manifest.json"]
    path = prepare_out(out, files)
    with staged(path) as stage:
        tables = {
            key: write_table(stage / f"{key}.parquet", pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None))
            for key, table in found.tables.items()
        }
        for key, (_, figure) in found.figures.items():
            figure.savefig(stage / f"{key}.png", dpi=130, facecolor="white", metadata={"Software": None})
        write_text(stage / "README.md", readme(name, found, figures=True))
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
