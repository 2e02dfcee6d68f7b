"""The files of a run: checksummed, read back before they get their name, never half written."""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import secrets
import shutil
import socket
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from adlabm.errors import BadInput
from adlabm.sweep.content import MONEY, content_hash, micro, money, quote

__all__ = [
    "MONEY",
    "RunTables",
    "content_hash",
    "micro",
    "money",
    "prepare_out",
    "quote",
    "read_run",
    "read_table",
    "remove_stale",
    "replace_text",
    "staged",
    "write_json",
    "write_manifest",
    "write_run",
    "write_table",
    "write_text",
]

TABLES = ("traders", "events", "series", "opening", "journal", "hashes")
FILES = (*(f"{name}.parquet" for name in TABLES), "summary.json", "scenario.toml", "manifest.json", "report.html")
_CONTENT = b"adlabm.content"
_ENDING = ".partial"


@dataclass(frozen=True)
class RunTables:
    """What one run leaves behind; the last three tables only with `--check`."""

    traders: pa.Table
    events: pa.Table
    series: pa.Table
    summary: dict[str, Any]
    scenario: dict[str, Any]
    manifest: dict[str, Any]
    opening: pa.Table | None = None
    journal: pa.Table | None = None
    hashes: pa.Table | None = None

    def tables(self) -> dict[str, pa.Table]:
        """The tables that exist, by name."""
        return {name: table for name in TABLES if (table := getattr(self, name)) is not None}


def write_table(path: Path | str, columns: pa.Table | Mapping[str, Any]) -> str:
    """Writes one Parquet file under a temporary name, reads it back, and only then gives it its name.

    Returns:
        The content hash of the table, which the file carries too.
    """
    with _clear_failure(Path(path)):
        return _write_table(Path(path), columns if isinstance(columns, pa.Table) else pa.table(dict(columns)))


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes one JSON file whole, or leaves the one that stood there."""
    replace_text(path, to_json(value) + "\n")


def read_table(path: Path | str) -> pa.Table:
    """Reads one table and verifies the checksums of its pages and the hash of its content."""
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"There is no file {path}; give the folder or file of a run written by `adlabm run ... --out`.")
    try:
        table = _parquet(path)
        metadata = dict(table.schema.metadata or {})
        if metadata.pop(_CONTENT, content := content_hash(table).encode()) != content:
            raise ValueError("its content hash does not match")
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError, OverflowError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
        raise BadInput(f"The file {path} is damaged ({reason}); delete it and run again, or restore it from a copy.") from error
    return table.replace_schema_metadata(metadata or None)


def prepare_out(folder: Path | str, files: Iterable[str] = FILES) -> Path:
    """Refuses a folder that holds anything but a previous run of ours, `files`; returns the place as an absolute path without links."""
    path = Path(folder).expanduser().resolve()
    if not path.exists():
        return path
    if not path.is_dir():
        raise BadInput(f"--out {folder} is a file; give a folder that is new, empty or a previous run of adlabm.")
    if path in (Path.cwd(), *Path.cwd().parents) or path.is_mount():
        inside = path / "run"
        raise BadInput(f"--out {folder} is a mount point or the folder you stand in; name a folder inside it, such as {inside}.")
    names = sorted(entry.name for entry in path.iterdir())
    foreign = [name for name in names if name not in files]
    if foreign or (names and not _is_ours(path)):
        what = f"{foreign[0]!r}, which adlabm did not write" if foreign else "files, but no manifest.json of a run of adlabm"
        raise BadInput(f"--out {folder} holds {what}; give a folder that is new, empty or a previous run of adlabm.")
    return path


def write_run(out: Path | str, result: RunTables) -> Path:
    """Writes all files of a run into a sibling folder and gives it its name at the end; a previous run there is replaced as a whole.

    Adds to the manifest `tables` (content hash by table) and `files` (size and SHA-256 by file).
    """
    path = prepare_out(out)
    with staged(path) as stage:
        tables = {name: _write_table(stage / f"{name}.parquet", table) for name, table in result.tables().items()}
        write_text(stage / "summary.json", to_json(result.summary) + "\n")
        write_text(stage / "scenario.toml", tomli_w.dumps(_without_none(result.scenario)))
        write_manifest(stage, {**result.manifest, "tables": tables})
    return path


def write_manifest(stage: Path, manifest: Mapping[str, Any]) -> None:
    """Writes manifest.json, the last file of a folder, with size and SHA-256 of all others."""
    files = {file.name: {"bytes": file.stat().st_size, "sha256": file_hash(file)} for file in sorted(stage.iterdir())}
    write_text(stage / "manifest.json", to_json({"program": "adlabm", **manifest, "files": files}) + "\n")


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A sibling folder to write into, which takes the name `path` at the end; what was there is replaced as a whole or stays."""
    remove_stale(path.parent, path.name)
    stage = _temporary(path)
    previous = stage.with_name(f"{stage.name}.old")
    with _clear_failure(path):
        try:
            stage.mkdir(parents=True)
            yield stage
            _sync_folder(stage)
            if path.exists():
                os.rename(path, previous)
            try:
                os.rename(stage, path)
            except OSError:
                if previous.exists():
                    os.rename(previous, path)
                raise
            _sync_folder(path.parent)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            shutil.rmtree(previous, ignore_errors=True)


def read_run(folder: Path | str) -> RunTables:
    """Reads a run folder back; numbers with decimals in summary and manifest come as exact `Decimal`."""
    path = Path(folder)
    manifest = read_json(path / "manifest.json")
    if manifest.get("program") != "adlabm":
        raise BadInput(
            f"{path} is not a run of adlabm, its manifest.json says nothing of it; give a folder written by `adlabm run ... --out`."
        )
    tables = {name: read_table(path / f"{name}.parquet") for name in TABLES if name in manifest.get("tables", {}) or name in TABLES[:3]}
    return RunTables(summary=read_json(path / "summary.json"), scenario=read_toml(path / "scenario.toml"), manifest=manifest, **tables)


def read_json(path: Path) -> dict[str, Any]:
    """One JSON object with exact decimals, or one clear sentence."""
    return _parse(path, lambda text: json.loads(text, parse_float=Decimal))


def read_toml(path: Path) -> dict[str, Any]:
    """One TOML document, or one clear sentence."""
    return _parse(path, tomllib.loads)


def _parse(path: Path, reader: Any) -> dict[str, Any]:
    if not path.is_file():
        raise BadInput(f"There is no {path.name} in {path.parent}; give a folder written by `adlabm run ... --out`.")
    try:
        value = reader(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The file {path} is damaged ({error}); delete the folder and run again, or restore it from a copy.") from error
    if not isinstance(value, dict):
        raise BadInput(
            f"The file {path} is damaged (it holds no table of names); delete the folder and run again, or restore it from a copy."
        )
    return value


def to_json(value: Any, indent: str = "") -> str:
    """JSON text in which a `Decimal` stays an exact number; NumPy scalars become plain ones."""
    deeper = indent + "  "
    if isinstance(value, Mapping) and value:
        return (
            "{\n" + ",\n".join(f"{deeper}{json.dumps(str(key))}: {to_json(item, deeper)}" for key, item in value.items()) + f"\n{indent}}}"
        )
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(deeper + to_json(item, deeper) for item in value) + f"\n{indent}]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value.item() if isinstance(value, np.generic) else value, allow_nan=False)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_table(path: Path, table: pa.Table) -> str:
    content = content_hash(table)
    marked = table.replace_schema_metadata({**(table.schema.metadata or {}), _CONTENT: content.encode()})
    temporary = _temporary(path)
    try:
        with open(temporary, "xb") as file:
            pq.write_table(marked, file, compression="zstd", write_page_checksum=True)
            file.flush()
            os.fsync(file.fileno())
        if content_hash(_parquet(temporary)) != content:
            raise OSError("the file read back differs from what was written, the disk may be failing")
        os.replace(temporary, path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return content


def _parquet(path: Path) -> pa.Table:
    with open(path, "rb") as file:
        table = pq.ParquetFile(file, page_checksum_verification=True).read()
    table.validate(full=True)
    return table


def write_text(path: Path, text: str) -> None:
    """Writes a new text file down to the disk."""
    with open(path, "x", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_text(path: Path, text: str) -> None:
    """Writes a text file whole, or leaves the one that stood there."""
    temporary = _temporary(path)
    with _clear_failure(path):
        try:
            write_text(temporary, text)
            os.replace(temporary, path)
            _sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _clear_failure(path: Path) -> Iterator[None]:
    """Turns a failure of the disk into one sentence; what was begun is removed by the caller."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(
            error.errno or errno.EIO,
            f"Cannot write {path}: {reason}. Nothing was left half written; make room or choose another place with --out.",
        ) from error


def _is_ours(path: Path) -> bool:
    try:
        return read_json(path / "manifest.json").get("program") == "adlabm"
    except BadInput:
        return False


def remove_stale(folder: Path, name: str = "*") -> None:
    """Removes what killed processes of this machine left in `folder` while they wrote `name` (default: anything)."""
    host = f".{socket.gethostname()}."
    for stale in folder.glob(f".{name if name == '*' else glob.escape(name)}{glob.escape(host)}*{_ENDING}*"):
        process = stale.name.rpartition(host)[2].split(".")[0]
        if process.isdigit() and not _alive(int(process)):
            if stale.is_dir():
                shutil.rmtree(stale, ignore_errors=True)
            else:
                stale.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    """A name beside `path` that tells which process of which machine writes there."""
    return path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(4)}{_ENDING}")


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _without_none(value: Any) -> Any:
    """The same settings without absent ones, which TOML cannot say; NumPy scalars become plain ones."""
    if isinstance(value, Mapping):
        return {str(key): _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
