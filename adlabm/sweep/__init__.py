"""Many runs: plans, runners, and the files that results are kept in. `adlabm.sweep(study)` runs a study."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from adlabm.sweep.study import Study


def sweep(study: Study | str | Path, **options: Any) -> pd.DataFrame:
    """All runs of a study, one row per run; the options are those of `adlabm.sweep.run.run_study`.

    In a script, call it below ``if __name__ == "__main__":``, because worker processes import the script again.

    Example:
        >>> adlabm.sweep("experiments/own-leverage/study.toml", jobs=2)  # doctest: +SKIP
    """
    from adlabm.sweep.run import run_study

    return run_study(study, **options).rows


class _Callable(ModuleType):
    """The package and the function share their name."""

    __call__ = staticmethod(sweep)


sys.modules[__name__].__class__ = _Callable
