"""The page of a study: question, design, prediction and answer, its figures and tables, how to run it again and what to cite."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markdown_it import MarkdownIt

from adlabm import registry
from adlabm.errors import BadInput
from adlabm.reports.cite import citations
from adlabm.reports.embed import png_source
from adlabm.reports.sweeps import sweep_page
from adlabm.sweep.folder import MARK
from adlabm.sweep.store import file_hash, replace_text

MOST_ROWS = 60
VERSIONS = ("adlabm", "mesa", "numpy", "numba", "pandas", "scipy", "pyarrow")


def findings(folder: Path | str) -> Path:
    """Writes `report.html` into the results of a study, `results/NAME` beside `experiments/NAME`, or into the folder of a sweep."""
    path = Path(folder).expanduser().resolve()
    home = registry.EXPERIMENTS / path.name
    if (path / MARK).is_file():
        page = html(**sweep_page(path))
    elif (home / "README.md").is_file():
        page = render(path, home)
    else:
        raise BadInput(
            f"{folder} is neither a run (it has no manifest.json) nor a sweep (no {MARK}) nor the results of a study: there is no {home}."
        )
    target = path / "report.html"
    replace_text(target, page)
    return target


def render(path: Path, home: Path) -> str:
    """The page as text, from the results in `path` and the study in `home`."""
    title, _, rest = (home / "README.md").read_text(encoding="utf-8").partition("\n")
    body = "\n".join(line for line in rest.splitlines() if not line.startswith("!["))
    study = home / "study.toml"
    figures = [{"name": each.stem, "source": png_source(each.read_bytes())} for each in sorted(path.glob("*.png"))]
    tables = [_table(each) for each in sorted(path.glob("*.csv"))]
    files = {each.name: file_hash(each)[:16] for each in sorted([*path.glob("*.csv"), *home.glob("*.toml")])}
    cited = citations(path.name) if study.is_file() else citations()
    return html(
        title.lstrip("# ").strip(), body, figures, tables, cited, study.read_text(encoding="utf-8") if study.is_file() else "", files
    )


def html(
    title: str,
    body: str,
    figures: list[dict[str, str]],
    tables: list[dict[str, Any]],
    cited: list[str],
    settings: str = "",
    files: dict[str, str] | None = None,
) -> str:
    """A page of Markdown text, figures (`name`, `source`) and tables, with versions and citations."""
    loader = jinja2.PackageLoader("adlabm.reports")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("findings.html").render(
        title=title,
        body=MarkdownIt("commonmark", {"html": False}).enable("table").render(body),
        figures=figures,
        tables=tables,
        settings=settings,
        versions=[("python", platform.python_version()), *((name, version(name)) for name in VERSIONS)],
        files=files or {},
        citations=cited,
    )


def _table(file: Path) -> dict[str, Any]:
    frame = pd.read_csv(file, keep_default_na=False)
    shown = frame.head(MOST_ROWS)
    rows = [[str(cell) for cell in row] for row in shown.to_numpy()]
    return {"name": file.name, "head": list(frame.columns), "rows": rows, "more": len(frame) - len(shown)}
