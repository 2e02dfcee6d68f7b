"""The look of all figures: one theme, colours that colour-blind readers tell apart (Okabe and Ito 2008), labels at the lines."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import matplotlib
import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, PercentFormatter
from matplotlib.typing import LineStyleType

Arguments = ParamSpec("Arguments")
Drawn = TypeVar("Drawn")

BLUE, ORANGE, RED, GREEN, SKY = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#56B4E9"
BROWN = "#9A6A00"
WORDS = {ORANGE: BROWN, SKY: "#2E7CA6", GREEN: "#007A59"}
"""Colours too light for words on white, and those that words about them have."""
DASHED: LineStyleType = (0, (4, 2))
WIDE, HALF = 10.4, 5.1
INK, GREY, PALE = "#22262B", "#7A828C", "#E6E9ED"
_TONES = {
    "ink": (INK, "#e6e8eb"),
    "grey": (GREY, "#a9b1bb"),
    "pale": (PALE, "#343a42"),
    "label": ("#4A5159", "#c3c9d0"),
    "edge": ("#A7AEB7", "#6b737d"),
    "blue": (BLUE, "#2f8fd0"),
    "sky": (SKY, "#9ad8ff"),
    "brown": (BROWN, "#d9a520"),
    "deep-sky": (WORDS[SKY], "#9ad8ff"),
    "deep-green": (WORDS[GREEN], "#35c79b"),
}
"""Colours that depend on the page: name -> on light, on dark."""
_SCHEME = (
    "@media screen and (prefers-color-scheme: dark) { svg { " + " ".join(f"--{n}: {dark};" for n, (_, dark) in _TONES.items()) + " } }"
)
_THEME: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#A7AEB7",
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": "#4A5159",
    "axes.labelsize": 9,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titley": 1.0,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "grid.color": PALE,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.5,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "path",
    "svg.hashsalt": "adlabm",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": "#4A5159",
    "xtick.major.size": 3,
    "xtick.major.width": 0.6,
    "ytick.color": "#4A5159",
    "ytick.major.size": 0,
}


def styled(draw: Callable[Arguments, Drawn]) -> Callable[Arguments, Drawn]:
    """Draws within the theme, whatever the settings outside are; nothing of it stays behind."""

    @functools.wraps(draw)
    def inside(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawn:
        with matplotlib.style.context(["default", _THEME]):
            return draw(*args, **kwargs)

    return inside


def svg(figure: Figure, dark: bool | None = None) -> str:
    """The figure as SVG text, without a date, so that equal data give equal text.

    Args:
        dark: whether it stands on a dark page; None leaves that to the reader's browser.
    """
    text = io.StringIO()
    with matplotlib.style.context(["default", _THEME]):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    drawn = text.getvalue()
    for name, (light, shade) in _TONES.items():
        drawn = drawn.replace(light.lower(), (shade if dark else light.lower()) if dark is not None else f"var(--{name}, {light.lower()})")
    return drawn if dark is not None else drawn.replace("<defs>", f"<style>{_SCHEME}</style>\n <defs>", 1)


def clock(axes: Axes) -> None:
    """Clock time along x, between the limits as they are set."""
    places, labels, day = _moments(*axes.get_xlim(), max(5, min(9, int(axes.bbox.width / axes.figure.dpi / 0.62))))
    formatter = FixedFormatter(labels)
    formatter.set_offset_string(day)
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_major_formatter(formatter)


@functools.lru_cache(maxsize=64)
def _moments(begin: float, end: float, most: int) -> tuple[tuple[float, ...], tuple[str, ...], str]:
    """At most so many ticks of a time axis, their labels, and the day. Kept, because panels share them and finding them is slow."""
    locator = AutoDateLocator(minticks=(most - 1) // 2, maxticks=most)  # with more asked for, some spans find no interval
    days = ["", "%Y", "%b %Y", "%d %b %Y, UTC", "%d %b %Y, UTC", "%d %b %Y %H:%M, UTC"]
    midnight = "%H:%M" if end - begin <= 1 else "%d %b"
    formatter = ConciseDateFormatter(locator, offset_formats=days, zero_formats=["", "%Y", "%b", midnight, "%H:%M", "%H:%M"])
    places = [place for place in locator.tick_values(num2date(begin), num2date(end)) if begin <= place <= end]
    return tuple(places), tuple(formatter.format_ticks(places)), formatter.get_offset()


def money_axis(axes: Axes, which: str = "y") -> None:
    """Ticks such as 2.5 M, all in the unit of the largest."""
    axis = getattr(axes, f"{which}axis")

    def show(value: float, _: int) -> str:
        top = max(map(abs, axis.get_view_interval()))
        size, letter = next(((s, t) for s, t in ((1e9, " bn"), (1e6, " M"), (1e3, " k")) if top >= s), (1.0, ""))
        return f"{value / size:.6g}{letter}".replace("-", "\N{MINUS SIGN}") if value else "0"

    axis.set_major_formatter(FuncFormatter(show))


def percent_axis(axis: Axis, decimals: int = 0) -> None:
    """Ticks such as 40 %."""
    axis.set_major_formatter(PercentFormatter(1.0, decimals=decimals, symbol=" %"))


def room(axes: Axes, below: float = 0.05, above: float = 0.05) -> None:
    """Widens the y axis by shares of its height, as room for labels."""
    low, high = axes.get_ylim()
    axes.set_ylim(low - below * (high - low), high + above * (high - low))


def end_labels(axes: Axes, labels: list[tuple[float, str, str]], gap: float = 0.085) -> None:
    """Names lines at their right end, as (y in data, text, colour); labels that would touch are moved apart by `gap` of the height."""
    low, high = axes.get_ylim()
    wanted = sorted(((y - low) / (high - low), text, colour) for y, text, colour in labels)
    places = np.array([place for place, *_ in wanted])
    for _ in range(60):
        close = np.diff(places) < gap
        if not close.any():
            break
        shift = np.where(close, (gap - np.diff(places)) / 2 + 1e-4, 0.0)
        places[:-1] -= shift
        places[1:] += shift
    places += max(0.0, 0.02 - places[0]) - max(0.0, places[-1] - 0.98)
    for place, (_, text, colour) in zip(places, wanted, strict=True):
        axes.annotate(
            text,
            (1.0, place),
            (6, 0),
            "axes fraction",
            textcoords="offset points",
            color=WORDS.get(colour, colour),
            va="center",
            fontsize=8.5,
        )


def legend(axes: Axes, **more: Any) -> None:
    """The legend on the line of the title; in narrow panels, which have no room there, above what is drawn."""
    entries = len(axes.get_legend_handles_labels()[1])
    if axes.bbox.width / axes.figure.dpi > 6:
        more |= {"loc": "lower right", "bbox_to_anchor": (1.0, 0.98), "ncols": entries, "columnspacing": 1.2, "borderaxespad": 0.2}
    else:
        more |= {"loc": "upper right", "bbox_to_anchor": (1.0, 0.94)}  # under what is named at the top
        needed = 0.06 + 0.2 * entries / (axes.bbox.height / axes.figure.dpi)
        room(axes, 0.0, needed / (1 - needed))
    axes.legend(frameon=False, fontsize=8.5, **more)


def thin(axes: Axes, x: pd.Series, y: pd.Series) -> tuple[pd.Series, pd.Series]:
    """A long line with fewer points that keeps every peak: the lowest and highest of each stretch, 72 stretches an inch."""
    points = max(1, round(axes.bbox.width / axes.figure.dpi * 72))
    if len(y) <= 2 * points:
        return x, y
    stretch = np.arange(len(y)) * points // len(y)
    by = y.reset_index(drop=True).groupby(stretch)
    keep = np.unique(np.concatenate([by.idxmin().to_numpy(), by.idxmax().to_numpy(), [len(y) - 1]]))
    return x.iloc[keep], y.iloc[keep]


def half() -> tuple[Figure, Axes]:
    """A figure of half the page's width with one panel."""
    figure = Figure(figsize=(HALF, 3.3), layout="constrained")
    return figure, figure.subplots()


def grid_figure(width: float, wide: int, small: int) -> tuple[Figure, list[Axes]]:
    """A figure `width` inches wide: `wide` panels over its whole width, then `small` ones, 3.4 inches or more, in full columns.

    Panels come in reading order. Their places are computed here and not by a layout engine, which would draw everything twice.
    """
    columns = max(n for n in range(1, max(1, min(4, int(width / 3.4))) + 1) if small % n == 0)
    left, right, above, below, gap = 0.85, 0.95, 0.35, 0.25, 0.72
    heights = [2.7, *[1.3] * (wide - 1), *[1.75] * (small // columns)]
    whole = above + below + sum(heights) + gap * (len(heights) - 1) + 0.25
    figure = Figure(figsize=(width, whole))
    each = (width - columns * (left + right)) / columns
    axes, top = [], whole - above
    for row, height in enumerate(heights):
        for column in range(1 if row < wide else columns):
            size = width - left - right if row < wide else each
            place = figure.add_axes(((left + column * (each + left + right)) / width, (top - height) / whole, size / width, height / whole))
            place.yaxis.set_label_coords(-0.68 / size, 0.5)
            place.locator_params(axis="y", nbins=6 if row == 0 else 4)
            axes.append(place)
        top -= height + gap
    return figure, axes
