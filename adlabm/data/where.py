"""Where data files lie. The package holds none and downloads none."""

from __future__ import annotations

import os
from pathlib import Path

from adlabm.errors import BadInput

VARIABLE = "ADLABM_DATA"


def locate(file: str | Path, base: Path | None = None) -> Path:
    """The path of `file`: as it stands if absolute, else below `base`, the working folder or the folder in ADLABM_DATA, in this order."""
    own = os.environ.get(VARIABLE)
    folders = [folder for folder in (base, Path(), Path(own) if own else None) if folder is not None]
    tried = [Path(folder) / Path(file).expanduser() for folder in folders]
    for path in tried:
        if path.exists():
            return path
    looked = ", ".join(dict.fromkeys(str(path.parent.resolve()) for path in tried))
    raise BadInput(
        f"The data file {str(file)!r} is not in {looked}; name its folder with --data or the environment variable {VARIABLE}"
        " (Binance klines and bookDepth: https://data.binance.vision, folders data/futures/...)."
    )
