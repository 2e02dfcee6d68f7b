"""Where data files lie and where they come from. The package holds none and downloads none."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from adlabm.errors import BadInput

VARIABLE = "ADLABM_DATA"


@dataclass(frozen=True)
class Origin:
    """One set of files.

    Attributes:
        folder: below the data folder.
        what: its content.
        source: where to get it.
        terms: what may be done with it.
        without: what does and does not work without it.
    """

    folder: str
    what: str
    source: str
    terms: str
    without: str


ORIGINS = (
    Origin(
        "adl_2025_10_10/mit",
        "waves, shocks and reactions of Hyperliquid's ADL of 10 October 2025",
        "https://github.com/pluriholonomic/autodeleveraging-analysis, commit aae0be8, folder out/",
        "MIT, 2025 Chitra, Xu, Thogiti, Trujillo",
        "the replays waves, accounts and coins need it; everything else works without",
    ),
    Origin(
        "adl_2025_10_10/noncommercial",
        "the accounts and coins deleveraged that day",
        "https://github.com/ConejoCapital/HyperReplay, commit a47a910, folder data/canonical/",
        "HyperReplay Custom License v1.0: non-commercial use only, with attribution, never bundled",
        "the replay accounts needs it and coins loses its second half; waves and everything else work without",
    ),
    Origin(
        "oct10",
        "mark price (BTCUSD_PERP, 1 minute, 9 and 10 October 2025) and order book (BTCUSDT, bookDepth, 10 October 2025)",
        "https://data.binance.vision, folders data/futures/cm/daily/markPriceKlines/BTCUSD_PERP/1m and"
        " data/futures/um/daily/bookDepth/BTCUSDT",
        "facts; cite Binance public data",
        "the replay market needs it, unless it is given files of another day with --klines; funds and everything else work without",
    ),
    Origin(
        "",
        "Binance klines and bookDepth",
        "https://data.binance.vision, folders data/futures/...",
        "facts; cite Binance public data",
        "scenarios that name a file and days of your own need it; everything else works without",
    ),
)


def locate(file: str | Path, base: Path | None = None) -> Path:
    """The path of `file`: as it stands if absolute, else below `base`, the working folder or the folder in ADLABM_DATA, in this order."""
    own = os.environ.get(VARIABLE)
    return _first(file, [folder for folder in (base, Path(), Path(own) if own else None) if folder is not None])


def locate_in(file: str, data: Path | None) -> Path:
    """The path of `file` below the folder `data` and nowhere else; without one, as `locate` finds it."""
    return locate(file) if data is None else _first(file, [data])


def _first(file: str | Path, folders: Iterable[Path]) -> Path:
    tried = [Path(folder) / os.path.expanduser(file) for folder in folders]
    for path in tried:
        if os.path.exists(path):  # what no file can be called is not there
            return path
    looked = ", ".join(dict.fromkeys(str(path.parent.resolve()) for path in tried))
    origin = next(each for each in ORIGINS if Path(file).as_posix().startswith(each.folder))
    raise BadInput(
        f"The data file {str(file)!r} is not in {looked}; name its folder with --data or the environment variable {VARIABLE}"
        f" ({origin.what}: {origin.source}; {origin.without})."
    )


def told() -> list[str]:
    """What there is to get, from where, under which terms, and what works without: plain lines."""
    lines = [f"Looked for in the folder of --data, else in the working folder and in {VARIABLE} ({os.environ.get(VARIABLE, 'not set')})."]
    for each in ORIGINS:
        lines += [
            "",
            f"{each.folder or '(any folder)'}: {each.what}",
            f"  from: {each.source}",
            f"  terms: {each.terms}",
            f"  without it: {each.without}",
        ]
    return lines
