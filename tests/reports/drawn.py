"""Figures of staged runs, and what is drawn in each: `python -m tests.reports.drawn` writes it down."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from adlabm.advise import Advice, Measure, Position
from adlabm.reports import advice, effects, figures, holders, outcomes, over_time, studies, worlds
from adlabm.reports.tables import View
from adlabm.sweep.statistics import Effect, Interval
from tests.reports.fake_run import fake_run

FILE = Path(__file__).with_name("drawn.toml")
HEAD = "# What is drawn in the figures of tests/reports/drawn.py: hash of all points, sizes, colours and words. Figures change on purpose."
DIGITS = 5
"""The last digits of a number are the machine's."""


@cache
def staged(crash: bool = True, seed: int = 1) -> View:
    """A crash, or a calm day."""
    return View(fake_run(traders=90, ticks=160, crash=crash, seed=seed))


def table_of_positions() -> pd.DataFrame:
    """Winners and losers of every size, leverage and number of lights."""
    rng, n = np.random.default_rng(4), 40
    profit = rng.normal(0.0, 0.08, n)
    lights = np.where(profit > 0, rng.integers(1, 6, n), 0)
    return pd.DataFrame(
        {"trader": np.arange(128, 128 + n), "leverage": rng.lognormal(1.5, 1.2, n), "profit": profit, "notional": rng.lognormal(9, 2, n)}
    ).assign(lights=lights)


def table_of_sides(ring: float = 0.0) -> pd.DataFrame:
    """Who holds each side."""
    held = {"traders": [8e5, 6e5], "maker": [0.0, 2.5e5], "fund": [5e4, 0.0], "ring-fenced": [0.0, ring]}
    return pd.DataFrame(held, index=["long", "short"])


def table_of_effects() -> pd.DataFrame:
    """A few arms in markets of every kind."""
    cells = ["base", "call 0.1", "call 0.3", "adoption=0.25", "adoption=0.75", "policy=queue", "policy=pro-rata"]
    rows, rng = [], np.random.default_rng(5)
    for cell in cells:
        for arm in ("half", "prompt", "placebo"):
            for measure in effects.SHOWN:
                for kind in ("private", "spillover", "total"):
                    estimate = rng.normal(-0.02, 0.02)
                    low, high = estimate - 0.01 * rng.random(), estimate + 0.02 * rng.random()
                    rows.append([cell, arm, kind, measure, estimate, low, high, 0.1 + 0.1 * rng.random(), 40, 8])
    return pd.DataFrame(rows, columns=["cell", "arm", "kind", "measure", "effect", "low", "high", "control_mean", "runs", "populations"])


def an_advice() -> Advice:
    """An answer, made up."""
    rng = np.random.default_rng(6)
    one = [Interval(x, x - 0.01, x + 0.02, 20) for x in np.round(rng.normal(0, 0.05, 7), 4)]
    changes = [[Effect(x, x - 0.01, x + 0.02, 20, 0.3) for x in row] for row in rng.normal(0, 0.05, (5, 4))]
    measures = [Measure(f"measure {n}", "do it", *row) for n, row in enumerate(changes)]
    lights = pd.DataFrame(rng.integers(0, 6, (30, 20)).astype(float)).where(rng.random((30, 20)) < 0.8)
    marks = pd.DataFrame(100 * np.exp(rng.normal(-0.003, 0.01, (30, 20)).cumsum(axis=0)))
    return Advice(Position("short", 10.0, 5000.0), 20, 100.0, *one, measures, lights, marks)


def table_of_outcomes(words: bool) -> pd.DataFrame:
    """Two lines over numbers, or over long names."""
    values = [f"a rule with a long name {n}" for n in range(6)] if words else [0.0, 0.01, 0.05]
    rng = np.random.default_rng(7)
    rows = [(line, value, x := rng.random(), x - 0.1, x + 0.2, 30) for line in ("first", "second") for value in values]
    return pd.DataFrame(rows, columns=["line", "value", "estimate", "low", "high", "n"])


@cache
def all_figures() -> dict[str, Callable[[], Figure]]:
    """Name -> what draws it."""
    crash, calm = staged(), staged(crash=False)
    shown = {"crash": crash, "calm": calm}
    notes = pd.DataFrame({"tick": range(50), "lights": [n % 6 for n in range(50)], "notional": np.linspace(2e4, 1e4, 50)})
    notes["equity"] = np.linspace(-50.0, 4000.0, 50)
    parts = {"market": figures.market, "people": figures.people, "fairness": figures.fairness}
    return {
        **{
            f"{world}/{each.key}": lambda each=each: each.figure
            for world, view in shown.items()
            for part in parts.values()
            for each in part(view)
        },
        **{
            f"{world}/page of {width} inches": lambda view=view, width=width: over_time.market(
                view, view.contracts[0], width, lambda axes: holders.sides(axes, table_of_sides())
            )
            for world, view in shown.items()
            for width in (4.5, 8.0, 14.0)
        },
        "two worlds": lambda: worlds.two_worlds(crash, staged(seed=2), ("one", "other"), 10.0),
        "a world and a calm one": lambda: worlds.two_worlds(crash, calm, ("crash", "calm"), 4.5),
        "sides": lambda: _sides(table_of_sides(1e5)),
        "positions": lambda: holders.positions(table_of_positions(), 9.0, 130)[0],
        "no positions": lambda: holders.positions(table_of_positions().head(0), 9.0)[0],
        "followed": lambda: holders.followed(notes, crash, 9.0),
        "followed for a moment": lambda: holders.followed(notes.head(1), crash, 5.0),
        "advice": lambda: advice.draw(an_advice()),
        "effects": lambda: effects.page(table_of_effects(), {"half": "half", "prompt": "prompt"}, {"placebo": "nothing"}, "half", "Half"),
        "outcomes": lambda: outcomes.outcome_against(table_of_outcomes(words=False), "fund.share", "metric:x", 6.0),
        "outcomes by name": lambda: outcomes.outcome_against(table_of_outcomes(words=True), "policy", "adl_events", 6.0),
        "a line": _line,
    }


def _sides(table: pd.DataFrame) -> Figure:
    figure = Figure()
    holders.sides(figure.subplots(), table)
    return figure


def _line() -> Figure:
    figure, rows = Figure(), pd.DataFrame({"x": [0.1, 0.2], "x_low": [0.05, 0.1], "x_high": [0.2, 0.4]})
    axes = figure.subplots()
    studies.line(axes, [1.0, 2.0], rows, "x", "#000000", "x")
    studies.zero(axes)
    studies.below(axes)
    return figure


def described(figure: Figure) -> Iterator[str]:
    """What is drawn: places, sizes, colours and words, in the order of drawing; not where a layout puts the panels."""
    yield f"figure {_rounded(figure.get_size_inches())}"
    for artist in figure.findobj(_drawn):
        where = type(artist).__name__
        if isinstance(artist, Axes):
            x, y = artist.xaxis, artist.yaxis
            yield f"{where} {_rounded([*artist.get_xlim(), *artist.get_ylim()])} {artist.get_xscale()} {artist.get_yscale()}"
            yield f"{_rounded(artist.get_position(original=True).bounds)} {artist.get_autoscale_on()}"
            yield f"{type(x.get_major_locator()).__name__} {type(y.get_major_locator()).__name__} {artist.get_zorder()}"
        elif isinstance(artist, Text):
            look = [*artist.get_position(), artist.get_fontsize(), artist.get_rotation(), artist.get_zorder()]
            yield f"{where} {artist.get_text()} {_rounded(look)} {_colour(artist.get_color())} {artist.get_fontweight()}"
            yield f"{artist.get_ha()} {artist.get_va()}"
        elif isinstance(artist, Line2D):
            look = [
                artist.get_linewidth(),
                artist.get_markersize(),
                artist.get_markeredgewidth(),
                artist.get_zorder(),
                artist.get_alpha() or 0,
            ]
            yield f"{where} {_rounded(artist.get_xydata())} {_rounded(look)} {_colour(artist.get_color())} {artist.get_linestyle()}"
            yield f"{artist.get_marker()} {artist.get_label()}"
        elif isinstance(artist, Collection):
            sizes = [*np.ravel(getattr(artist, "get_sizes", list)()), *artist.get_linewidth(), artist.get_zorder(), artist.get_alpha() or 0]
            yield f"{where} {_rounded(artist.get_offsets())} {_rounded(sizes)} {[_colour(each) for each in artist.get_facecolor()]}"
            yield f"{[_colour(each) for each in artist.get_edgecolor()]} {[_rounded(path.vertices) for path in artist.get_paths()]}"
        elif isinstance(artist, Patch):
            look = [artist.get_linewidth(), artist.get_zorder(), artist.get_alpha() or 0]
            place = artist.get_patch_transform().transform(artist.get_path().vertices)
            yield f"{where} {_rounded(place)} {_rounded(look)} {_colour(artist.get_facecolor())} {artist.get_hatch()}"


def _drawn(artist: Artist) -> bool:
    return artist.get_visible()


def _colour(colour: object) -> str:
    return to_hex(colour, keep_alpha=True)  # type: ignore[arg-type]


def _rounded(numbers: object) -> str:
    return " ".join(f"{number:.{DIGITS}g}" for number in np.asarray(numbers, float).ravel() + 0.0)


def drawn(figure: Figure) -> str:
    """Hash of what is drawn, 16 digits."""
    return hashlib.sha256("\n".join(described(figure)).encode()).hexdigest()[:16]


def written() -> dict[str, str]:
    """What each was when it was written down."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    FILE.write_text("\n".join([HEAD, *(f'"{name}" = "{drawn(draw())}"' for name, draw in all_figures().items()), ""]), encoding="utf-8")
