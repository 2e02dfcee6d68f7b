"""From the runs of `adlabm sweep NAME` to the tables and figures in results/NAME.

python experiments/analyse.py NAME ...

The file analyse.py of a study says how: `table(runs)` gives its table and `draw(table)` the figure of it, or, where there are more,
`analysis(runs, plan)` gives tables and figures by their names. Studies of arms share arms.py.
"""

from __future__ import annotations

import runpy
import sys
from functools import partial
from pathlib import Path

import pandas as pd
from arms import analysis

from adlabm.reports.studies import opened, write

HERE = Path(__file__).parent


def analyse(name: str) -> pd.DataFrame:
    """Writes the tables and figures of one study; returns its first table."""
    runs, plan = opened(name)
    own = HERE / name / "analyse.py"
    how = runpy.run_path(str(own)) if own.exists() else {"analysis": partial(analysis, name)}
    if "analysis" in how:
        tables, figures = how["analysis"](runs, plan)
    else:
        found = how["table"](runs)
        tables, figures = {"summary": found}, {name: how["draw"](found)}
    write(name, tables, figures)
    return next(iter(tables.values()))


if __name__ == "__main__":
    for each in sys.argv[1:]:
        shown = analyse(each)
        ends = [column for column in shown if column.endswith(("_low", "_high"))]
        print(shown.drop(columns=ends).round(4).to_string(index=False))
